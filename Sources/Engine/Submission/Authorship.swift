internal import MIME
internal import MailTypes
internal import Store

/// Who a message may say it is from.
struct Authorship {
    let account: AccountRecord
    /// The user's own addresses, which Sender may name as well.
    let userAddresses: [EmailAddress]

    /// Every address in From is one that the account may send as, and Sender, when there is one, is such an address or
    /// the user's own. One From field alone: with two, each reader believes another one (RFC 5322 §3.6).
    func check(_ header: MessageHeader) throws(SubmissionRefusal) {
        guard header.all("From").count == 1, header.all("Sender").count <= 1 else {
            throw SubmissionRefusal(.ambiguousAuthor)
        }
        let own = Set(account.sendingAddresses)
        let authors = header.from
        guard !authors.isEmpty, authors.allSatisfy({ own.contains($0.address) }) else {
            throw SubmissionRefusal(.notYourAuthor)
        }
        let actual = own.union(userAddresses)
        guard header.sender.allSatisfy({ actual.contains($0.address) }) else {
            throw SubmissionRefusal(.notYourAuthor)
        }
    }

    /// The author that recipients are to see instead of the account's own address; nil to leave the message as it is.
    func shown(_ header: MessageHeader) -> NamedAddress? {
        guard account.senderAddress != nil || !account.senderName.isEmpty, let author = header.from.first,
            header.from.count == 1, author.address == account.address
        else { return nil }
        let shown = NamedAddress(
            name: account.senderName.isEmpty ? author.name : account.senderName,
            address: account.senderAddress ?? author.address)
        return shown == author ? nil : shown
    }
}
