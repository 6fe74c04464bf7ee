internal import Bytes
package import MailTypes

/// The texts that lists of addresses are sorted by; empty for a list without an entry.
extension [Envelope.Address] {
    /// The mailbox of the first address, without its domain (RFC 5256 §3: CC, FROM, TO). Of a group it is the name.
    package var sortText: String { first?.mailbox.map { Charset.unknown.decode($0) } ?? "" }

    /// What people are shown of the first address (RFC 5957 §3): its name, decoded; without one its mailbox and
    /// domain, or what there is of them.
    package var displaySortText: String {
        guard let first else { return "" }
        let name = first.name.map { EncodedWord.decode($0) } ?? ""
        if !name.isEmpty { return name }
        let mailbox = sortText
        guard !mailbox.isEmpty, let host = first.host, !host.isEmpty else { return mailbox }
        return "\(mailbox)@\(Charset.unknown.decode(host))"
    }
}

extension Envelope {
    /// The base subject (RFC 5256 §2.1), and whether the subject was a reply's or a forward's.
    package var baseSubject: BaseSubject { BaseSubject(subject ?? []) }
}
