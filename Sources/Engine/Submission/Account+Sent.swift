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
        /// The upstream saves it by itself; where, when it has been seen.
        case upstreams(JournalPlace?)
    }

    /// Copies that are saved by one command, and their octets; a larger one goes alone.
    static let copyBatch = 1024
    static let copyOctets = 16 << 20
    /// How long others may join the copies that are saved next, after the last that were: who sends comes first.
    static let copyPause = Duration.seconds(5)
    /// Once none has joined for so long they are saved.
    static let copyLull = Duration.milliseconds(400)
    /// How often it is looked whether that is so, or so many have come that they are saved at once.
    static let copyGlance = Duration.milliseconds(100)

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

    /// Saves the copy of a message that was sent, unless there is one. The first is saved at once; those that follow it
    /// closely are saved together.
    func saveSentCopy(_ letter: SentLetter) async throws(EngineError) -> SentCopy {
        if server.savesSent { return try await upstreamCopy(of: letter) }
        let copy = WaitingCopy(letter)
        waitingCopies.append(copy)
        copyJoinedAt = loop.now
        await copying.enter()
        defer { copying.leave() }
        while true {
            if let outcome = copy.outcome { return try outcome.get() }
            await awaitCompany()
            await saveWaitingCopies()
            copiedAt = loop.now
        }
    }

    /// Lets copies gather while messages are sent one after the other, unless none was saved lately, enough wait, or a
    /// client saves something, which may be its own copy of one of them.
    private func awaitCompany() async {
        while let copiedAt, loop.now < copiedAt + Self.copyPause, let copyJoinedAt,
            loop.now < copyJoinedAt + Self.copyLull, !isRetired, saving.isEmpty,
            waitingCopies.count < Self.copyBatch,
            waitingCopies.reduce(0, { $0 + $1.letter.message.size }) < Self.copyOctets
        {
            guard await loop.sleep(until: min(copiedAt + Self.copyPause, loop.now + Self.copyGlance)) else { return }
        }
    }

    /// Saves the oldest of the copies that wait, and tells each what came of it.
    private func saveWaitingCopies() async {
        var octets = 0
        var batch = waitingCopies.prefix(Self.copyBatch).prefix { copy in
            octets += copy.letter.message.size
            return octets <= Self.copyOctets
        }
        if batch.isEmpty { batch = waitingCopies.prefix(1) }
        waitingCopies.removeFirst(batch.count)
        var missing: [WaitingCopy] = []
        for copy in batch {
            do {
                copy.outcome = try await existingCopy(of: copy.letter).map { .success($0) }
                if copy.outcome == nil { missing.append(copy) }
            } catch { copy.outcome = .failure(error) }
        }
        guard !missing.isEmpty else { return }
        do {
            try demandBudget(.upload)
            let folder = try await sentMailbox()
            var contents: [MessageBody] = []
            for copy in missing { contents.append(try await copy.letter.message.withoutBinary(services)) }
            let outcomes = await saveEach(contents, [.seen], to: folder.listing.name)
            await noteAdditions(in: folder.listing.name)
            for (copy, (content, outcome)) in zip(missing, zip(contents, outcomes)) {
                if case .success(let saved) = outcome { await cache(content, saved, in: folder) }
                copy.outcome = outcome.map { .saved($0.map { JournalPlace($0, in: folder.listing.name) }) }
            }
        } catch {
            for copy in missing { copy.outcome = .failure(error) }
        }
    }

    /// The copy that a client has saved, or an earlier attempt whose answer was lost.
    private func existingCopy(of letter: SentLetter) async throws(EngineError) -> SentCopy? {
        if clientCopies.contains(letter.identity, messageID: letter.messageID, at: loop.now) { return .alreadyThere }
        guard letter.mayBeThere else { return nil }
        let folder = try await sentMailbox()
        return try await find(letter.messageID, in: folder.listing.name).map { .saved(place($0, in: folder)) }
    }

    func place(_ uid: UID, in folder: CachedMailbox) -> JournalPlace? {
        let validity = live[folder.id]?.mirror.uidValidity ?? folder.uidValidity
        return validity.map { JournalPlace(mailbox: folder.listing.name, uidValidity: $0, uid: uid) }
    }

    /// The newest message with this Message-ID.
    func find(_ messageID: String, in name: MailboxName) async throws(EngineError) -> UID? {
        guard !messageID.isEmpty else { return nil }
        let (id, hold) = try await open(name)
        defer { close(id, hold) }
        let view = SequenceView(try opened(id).mirror)
        let key = SearchKey.header(name: Array("Message-ID".utf8), value: Array(messageID.utf8))
        return try await search(id, key, in: view).last
    }

    /// Whether copies of sent mail belong into the mailbox.
    func isSent(_ folder: CachedMailbox) -> Bool {
        folder.listing.name == record.sentMailbox || folder.listing.specialUse == .sent
            || record.sentMailbox == nil && Self.sentNames.contains(folder.listing.name.text)
    }

    /// Remembers what a client has saved in Sent.
    func noteClientCopy(_ message: MessageBody, in folder: CachedMailbox) async {
        guard
            isSent(folder)
        else { return }
        guard let gathered = try? await GatheredMessage(message) else { return }
        clientCopies.note(gathered.identity, messageID: gathered.facts.messageID ?? "", at: loop.now)
    }
}

extension JournalPlace {
    init(_ saved: SavedMessage, in mailbox: MailboxName) {
        self.init(mailbox: mailbox, uidValidity: saved.uidValidity, uid: saved.uid)
    }
}

/// A message whose copy is wanted in Sent.
struct SentLetter: Sendable {
    let message: MessageBody
    let identity: [UInt8]
    let messageID: String
    /// Whether an earlier attempt may have saved it unheard; then the mailbox is searched.
    let mayBeThere: Bool
}

/// A copy that waits to be saved, and what came of it. Belongs to the account's actor.
final class WaitingCopy {
    let letter: SentLetter
    var outcome: Result<Account.SentCopy, EngineError>?

    init(_ letter: SentLetter) { self.letter = letter }
}
