internal import Bytes
internal import IMAPSyntax
internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Rules
internal import Store
internal import Upstream

/// The copy of what was sent.
extension Account {
    /// What came of saving a copy.
    enum SentCopy: Sendable {
        /// Where, when the upstream says so.
        case saved(JournalPlace?)
        /// A client has saved one already.
        case alreadyThere
    }

    /// Names that a mailbox for sent mail commonly has where nothing marks it (RFC 6154 §2).
    private static let sentNames = ["Sent", "Sent Items", "Sent Messages", "Sent Mail", "INBOX/Sent"]

    /// The mailbox for copies of sent mail: the configured one, the one that the upstream marks, one of a usual name,
    /// or a new one.
    func sentMailbox() async throws(EngineError) -> CachedMailbox {
        if let name = record.sentMailbox {
            if let folder = try? await selectable(name) { return folder }
            return try await make(name)
        }
        let folders = try await folders().filter(\.listing.isSelectable)
        if let marked = folders.filter({ $0.listing.specialUse == .sent }).min(by: { $0.listing.name < $1.listing.name }
        ) {
            return marked
        }
        for name in Self.sentNames.map({ MailboxName($0) }) {
            if let folder = folders.first(where: { $0.listing.name == name }) { return folder }
        }
        return try await make(MailboxName(Self.sentNames[0]))
    }

    private func make(_ name: MailboxName) async throws(EngineError) -> CachedMailbox {
        do {
            try await create(name, use: .sent)
        } catch {
            guard error != .alreadyExists else { return try await selectable(name) }
            // Not every server takes a use with CREATE (RFC 6154 §3).
            try await create(name, use: nil)
        }
        return try await selectable(name)
    }

    /// Saves the copy of a message that was sent, unless there is one.
    /// - Parameter mayBeThere: whether an earlier attempt may have saved it unheard; then the mailbox is searched.
    func saveSentCopy(
        _ message: MessageBody, identity: [UInt8], messageID: String, mayBeThere: Bool
    ) async throws(EngineError) -> SentCopy {
        if clientCopies.contains(identity, messageID: messageID, at: loop.now) { return .alreadyThere }
        let folder = try await sentMailbox()
        if mayBeThere, let uid = try await find(messageID, in: folder.listing.name) {
            return .saved(place(uid, in: folder))
        }
        let saved = try await save(message, [.seen], nil, to: folder.listing.name)
        await cache(message, saved, in: folder)
        await noteAdditions(in: folder.listing.name)
        return .saved(
            saved.map { JournalPlace(mailbox: folder.listing.name, uidValidity: $0.uidValidity, uid: $0.uid) })
    }

    private func place(_ uid: UID, in folder: CachedMailbox) -> JournalPlace? {
        let validity = live[folder.id]?.mirror.uidValidity ?? folder.uidValidity
        return validity.map { JournalPlace(mailbox: folder.listing.name, uidValidity: $0, uid: uid) }
    }

    /// The newest message with this Message-ID.
    private func find(_ messageID: String, in name: MailboxName) async throws(EngineError) -> UID? {
        guard !messageID.isEmpty else { return nil }
        let (id, hold) = try await open(name)
        defer { close(id, hold) }
        let (view, _) = try begin(id)
        let key = SearchKey.header(name: Array("Message-ID".utf8), value: Array(messageID.utf8))
        return try await search(id, key, in: view).last
    }

    /// Remembers what a client has saved in Sent.
    func noteClientCopy(_ message: MessageBody, in folder: CachedMailbox) async {
        guard
            folder.listing.name == record.sentMailbox || folder.listing.specialUse == .sent
                || record.sentMailbox == nil && Self.sentNames.contains(folder.listing.name.text)
        else { return }
        guard let gathered = try? await GatheredMessage(message) else { return }
        clientCopies.note(gathered.identity, messageID: gathered.facts.messageID ?? "", at: loop.now)
    }
}
