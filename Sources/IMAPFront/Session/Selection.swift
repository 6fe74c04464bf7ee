internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import Mirror

/// The mailbox that a session has selected, and what its client knows of it.
final class Selection {
    let mailbox: OpenMailbox
    var view: SequenceView
    /// `$` (RFC 9051 §6.4.4.1).
    var saved = NumberSet()
    var contexts = SearchContexts()
    /// Messages that this client has put here, and that it was not told of yet.
    var ownUIDs = NumberSet()
    /// The keywords that the client was told of by FLAGS.
    private(set) var keywords: Set<Flag>

    init(_ mailbox: OpenMailbox, view: SequenceView, keywords: [Flag]) {
        self.mailbox = mailbox
        self.view = view
        self.keywords = Set(keywords.filter { !$0.isSystem })
    }

    /// The largest number of keywords that a client is told of.
    private static let keywordLimit = 1_000

    /// All flags the client is to know, when one of `flags` is new to it; else nil.
    func flagsToAnnounce(_ flags: some Sequence<Flag>) -> [Flag]? {
        var isNew = false
        for flag in flags where !flag.isSystem && keywords.count < Self.keywordLimit {
            if keywords.insert(flag).inserted { isNew = true }
        }
        guard isNew else { return nil }
        return Flag.system + keywords.sorted { $0.name < $1.name }
    }

    /// The messages that a command names, ascending, as far as the client knows of them.
    /// - Throws: a refusal when a sequence number is beyond the last message (RFC 9051 §9, `seq-number`).
    func uids(_ messages: MessageSet, isUID: Bool) throws(Fault) -> [UID] {
        switch messages {
        case .saved: return view.uids(in: saved)
        case .numbers(let set) where isUID: return view.uids(in: set.resolved(largest: view.lastUID))
        case .numbers(let set):
            guard let uids = view.uids(atSequenceNumbers: set.resolved(largest: UInt32(view.exists))) else {
                throw .reply(.bad("There is no message of that number"))
            }
            return uids
        }
    }
}
