package import IMAPSyntax
package import Loop
package import MIME
package import MailTypes
package import Mirror
internal import Store

/// A mailbox that a session has selected: the session's hold on the account's shared mirror.
///
/// It is a value that names its mailbox; the state behind it lives in the account's actor. Every call checks the
/// rights that the grant gave when the mailbox was opened.
package struct OpenMailbox: Sendable {
    /// The name under which the principal opened it.
    package let name: MailboxName
    /// Opened by EXAMINE, or a grant that allowed no change.
    package let isReadOnly: Bool

    let engine: Engine
    let place: Engine.Place
    let mailbox: CachedMailbox.ID
    let principal: Principal
    /// What tells this hold from the others on the same mailbox.
    let hold: HoldID

    private var account: Account { place.account }

    /// What the grant allows here now; empty when it was taken back.
    package var rights: Rights { engine.rights(of: principal, in: place) }

    /// What a client remembers of the mailbox from an earlier session (RFC 7162 §3.2.5).
    package struct Memory: Sendable, Hashable {
        package let uidValidity: UIDValidity
        package let client: ClientMemory

        package init(uidValidity: UIDValidity, client: ClientMemory) {
            self.uidValidity = uidValidity
            self.client = client
        }
    }

    /// The view of everything that is there now, and what SELECT answers about it.
    package func begin() async throws(EngineError) -> (SequenceView, MailboxSummary) {
        let (view, summary, _) = try await resume(nil)
        return (view, summary)
    }

    /// The same for a client that was here before, with what it has missed; nil when its memory is of no use.
    package func resume(
        _ memory: Memory?
    ) async throws(EngineError) -> (SequenceView, MailboxSummary, MissedMessages?) {
        try check()
        return try await account.begin(mailbox, hold, memory)
    }

    /// Those of these messages that have changed since (CHANGEDSINCE, RFC 7162 §3.1.4.1).
    package func changed(_ uids: [UID], since modSeq: ModSeq) async throws(EngineError) -> [UID] {
        try check()
        return try await held { (account, mailbox) async throws(EngineError) in
            try account.changed(mailbox, uids, since: modSeq)
        }
    }

    /// Those of these UIDs that were expunged since, and maybe some that were earlier (RFC 7162 §3.2.6). `*` stands for
    /// the last UID that was ever given.
    package func vanished(_ uids: SequenceSet, since modSeq: ModSeq) async throws(EngineError) -> NumberSet {
        try check()
        return try await held { (account, mailbox) async throws(EngineError) in
            try account.vanished(mailbox, uids, since: modSeq)
        }
    }

    /// The greatest mod-sequence of these messages (RFC 7162 §3.1.6); nil when none of them is there.
    package func modSeq(of uids: NumberSet) async throws(EngineError) -> ModSeq? {
        try check()
        return try await held { (account, mailbox) async throws(EngineError) in
            try account.modSeq(mailbox, of: uids)
        }
    }

    /// Brings a view up to the mirror and tells what to say about the difference.
    /// - Throws: `.noSuchMailbox` when the mailbox or the grant is gone.
    package func step(_ view: SequenceView, _ policy: ViewSync.Policy) async throws(EngineError) -> (
        SequenceView, [ViewUpdate]
    ) {
        try check()
        return try await account.step(mailbox, view, policy)
    }

    /// Raises `.mailbox` on the signal whenever the mirror changes, until `unwatch` or `close`.
    package func watch(_ signal: Signal) async { await account.watch(mailbox, hold, signal) }

    package func unwatch() async { await account.unwatch(mailbox, hold) }

    /// Asks the upstream for news unless a connection is watching the mailbox anyway.
    /// An upstream that is away is no error: what is known stays valid.
    package func refresh() async { await account.refresh(mailbox, isAsked: true) }

    /// What is asked of these messages, in the order of `uids`; those expunged meanwhile are left out. A front asks for
    /// a few hundred at a time, and for at most `bodiesAtOnce` when it needs bodies.
    package func messages(_ uids: [UID], needs: MessageNeeds) async throws(EngineError) -> FetchedMessages {
        try check()
        return try await held { (account, mailbox) async throws(EngineError) in
            try await account.messages(mailbox, uids, needs: needs)
        }
    }

    /// The same with some fields of each header in place of the header, for listing a mailbox.
    /// - Parameter needs: of `.internalDate`, `.size` and `.header`.
    package func listing(
        _ uids: [UID], needs: MessageNeeds, choosing selection: HeaderSelection
    ) async throws(EngineError) -> FetchedMessages {
        try check()
        return try await held { (account, mailbox) async throws(EngineError) in
            try await account.listing(mailbox, uids, needs: needs, choosing: selection)
        }
    }

    /// What can be had by `listing`.
    package static let listingNeeds = Account.listingNeeds

    /// What extensions tell of these messages; those expunged meanwhile are left out.
    /// - Parameter gmail: Gmail's own items, and those that are not known here.
    package func particulars(
        _ uids: [UID], needs: ParticularNeeds, gmail: [FetchAttribute] = []
    ) async throws(EngineError) -> FoundParticulars {
        try check()
        return try await account.particulars(mailbox, uids, needs: needs, gmail: gmail)
    }

    /// Adds, removes or replaces Gmail's labels.
    package func storeGmailLabels(
        _ uids: NumberSet, _ change: FlagChange, _ labels: [String]
    ) async throws(EngineError) {
        try check(.flag)
        try await account.storeGmailLabels(mailbox, uids, change, labels)
    }

    /// The mailbox's MAILBOXID (RFC 8474 §4).
    package func objectID() async throws(EngineError) -> ObjectID {
        try check()
        return try await account.objectID(place.mailbox)
    }

    /// Messages whose bodies may be asked for together.
    package static let bodiesAtOnce = Account.bodyBatch

    /// Adds, removes or replaces flags at the upstream, then here.
    /// - Parameter modSeq: messages that changed after it are left alone (UNCHANGEDSINCE, RFC 7162 §3.1.3).
    package func store(
        _ uids: NumberSet, _ change: FlagChange, _ flags: [Flag], unchangedSince modSeq: ModSeq? = nil
    ) async throws(EngineError) -> StoreOutcome {
        try check(.flag)
        let request = FlagRequest(change: change, flags: flags)
        return try await held { (account, mailbox) async throws(EngineError) in
            try await account.store(mailbox, uids, request, unchangedSince: modSeq)
        }
    }

    /// Removes messages marked `\Deleted`: all, or those among `uids`.
    package func expunge(_ uids: NumberSet?) async throws(EngineError) {
        try check(.write)
        try await held { (account, mailbox) async throws(EngineError) in
            try await account.expunge(mailbox, uids)
        }
    }

    /// Copies messages to another mailbox the principal may write to, in this account or another.
    package func copy(_ uids: NumberSet, to name: MailboxName) async throws(EngineError) -> CopyOutcome {
        try check()
        let target = try engine.resolve(name, for: principal, requiring: .write)
        return try await held { (account, mailbox) async throws(EngineError) in
            try await account.copy(mailbox, uids, to: target)
        }
    }

    /// Moves messages; needs `write` on both sides.
    package func move(_ uids: NumberSet, to name: MailboxName) async throws(EngineError) -> CopyOutcome {
        try check(.write)
        let target = try engine.resolve(name, for: principal, requiring: .write)
        return try await held { (account, mailbox) async throws(EngineError) in
            try await account.move(mailbox, uids, to: target)
        }
    }

    /// Saves a message in a mailbox, this one or another, and removes the one that it stands for (RFC 8508); needs `write`
    /// on both sides.
    package func replace(
        _ uid: UID, by message: AppendMessage, in name: MailboxName
    ) async throws(EngineError) -> AppendOutcome {
        try check(.write)
        let target = try engine.resolve(name, for: principal, requiring: .write)
        let actor = principal.userName
        return try await held { (account, mailbox) async throws(EngineError) in
            try await account.replace(mailbox, uid, by: message, in: target, actor: actor)
        }
    }

    /// Whether a message may be saved there in place of one of this mailbox: asked before the client sends it.
    package func checkReplace(in name: MailboxName) async throws(EngineError) {
        try check(.write)
        try await engine.checkAppend(to: name, for: principal)
    }

    /// The messages that match, among those of `view`, ascending; sets of messages in the key are UIDs already.
    package func search(_ key: SearchKey, in view: SequenceView) async throws(EngineError) -> [UID] {
        try check()
        return try await held { (account, mailbox) async throws(EngineError) in
            try await account.search(mailbox, key, in: view)
        }
    }

    /// The messages that match, among those of `view`, in the order of the criteria (RFC 5256 §3).
    /// - Throws: `.unavailable` when the upstream is away and what they are sorted by was never fetched.
    package func sort(
        _ key: SearchKey, by criteria: [SortCriterion], in view: SequenceView
    ) async throws(EngineError) -> [UID] {
        try check()
        return try await account.sort(mailbox, key, by: criteria, in: view)
    }

    /// The messages that match, among those of `view`, in threads (RFC 5256 §3); numbers are UIDs.
    /// - Throws: as `sort`.
    package func threads(
        _ key: SearchKey, by algorithm: ThreadAlgorithm, in view: SequenceView
    ) async throws(EngineError) -> MessageThreads {
        try check()
        return try await account.threads(mailbox, key, by: algorithm, in: view)
    }

    /// Ends the hold. The mirror stays for a while, in case the mailbox is opened again.
    package func close() async { await account.close(mailbox, hold) }

    /// - Throws: `.newEpoch` when the mailbox has become another one since `begin`.
    private func held<Value: Sendable>(
        _ body: @escaping @Sendable (isolated Account, CachedMailbox.ID) async throws(EngineError) -> Value
    ) async throws(EngineError) -> Value {
        let mailbox = mailbox
        return try await account.held(mailbox, hold) { (account) async throws(EngineError) in
            try await body(account, mailbox)
        }
    }

    /// Grants may be taken back while a session has the mailbox open: every call asks again.
    private func check(_ right: Rights = .read) throws(EngineError) {
        let rights = rights
        guard rights.contains(.read) else { throw .noSuchMailbox }
        guard right == .read || !isReadOnly else { throw .readOnly }
        guard rights.contains(right) else { throw .noPermission }
    }
}

/// What SELECT says of a mailbox (RFC 9051 §6.3.2).
package struct MailboxSummary: Sendable, Hashable {
    package var exists: Int
    package var uidValidity: UIDValidity
    package var uidNext: UInt32
    /// Every flag in use.
    package var flags: [Flag]
    /// The flags that can be changed for good.
    package var permanentFlags: [Flag]
    /// Whether new keywords may be made (`\*`).
    package var takesNewKeywords: Bool
    package var highestModSeq: ModSeq
    /// The first message without `\Seen`, as a sequence number (RFC 3501 §7.1).
    package var firstUnseen: Int?
}

/// What a client that was here before has missed (RFC 7162 §3.2.5.1).
package struct MissedMessages: Sendable, Hashable {
    package var vanished: NumberSet
    /// `.flags` of messages that came or changed, in the numbers of the new view.
    package var changed: [ViewUpdate]
}

/// How STORE changes flags.
package enum FlagChange: Sendable, Hashable {
    case add
    case remove
    case replace
}

/// What a STORE did.
package struct StoreOutcome: Sendable, Hashable {
    /// Those of the messages named that exist and have the flags now, ascending.
    package var uids: [UID] = []
    /// Those that somebody else had changed (MODIFIED, RFC 7162 §3.1.3), ascending.
    package var modified: [UID] = []
    /// The mod-sequences of the changes made: what `.SILENT` silences in the session's view. Not those of messages that
    /// somebody else changed at the same time.
    package var changes: [ModSeq] = []

    package init() {}
}

/// Where copies went (COPYUID, RFC 9051 §7.1); nil UIDs when the upstream doesn't tell and they could not be found.
package struct CopyOutcome: Sendable, Hashable {
    package var uidValidity: UIDValidity?
    /// UIDs in the source, ascending, and their copies in the same order.
    package var source: [UID]
    package var copies: [UID]

    package init(uidValidity: UIDValidity?, source: [UID], copies: [UID]) {
        self.uidValidity = uidValidity
        self.source = source
        self.copies = copies
    }
}

/// One message of an APPEND.
package struct AppendMessage: Sendable {
    package var flags: [Flag]
    package var internalDate: Moment?
    package var content: Spool
    /// There is a NUL in it: only an upstream with BINARY takes it (RFC 3516 §4.4).
    package var isBinary: Bool

    package init(flags: [Flag], internalDate: Moment?, content: Spool, isBinary: Bool = false) {
        self.flags = flags
        self.internalDate = internalDate
        self.content = content
        self.isBinary = isBinary
    }
}

/// What APPENDUID says (RFC 9051 §7.1); nil when the upstream doesn't tell.
package struct AppendOutcome: Sendable, Hashable {
    package var uidValidity: UIDValidity?
    package var uids: [UID]
    /// What was not there before, nil where the upstream doesn't tell: it goes again when more was to be saved with it and
    /// that is refused.
    var made: [SavedMessage?] = []

    package init(uidValidity: UIDValidity?, uids: [UID]) {
        self.uidValidity = uidValidity
        self.uids = uids
    }
}
