internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror
internal import Store

/// The copy of what was sent through an upstream that saves it by itself.
extension Account {
    /// How soon the copy is looked for again; the wait doubles each time.
    static let upstreamCopyGlance = Duration.milliseconds(250)

    /// Waits for the copy, for as long as the engine is told to. Posthouse saves none: the upstream's may come at any
    /// time, and then there would be two.
    func upstreamCopy(of letter: SentLetter) async throws(EngineError) -> SentCopy {
        if clientCopies.contains(letter.identity, messageID: letter.messageID, at: loop.now) { return .alreadyThere }
        let folder = try await sentMailbox()
        let deadline = loop.now + services.configuration.upstreamCopyTime
        let uid = try await awaitCopy(letter.messageID, in: folder.listing.name, until: deadline)
        return .upstreams(uid.flatMap { place($0, in: folder) })
    }

    /// Looks for the newest message with this Message-ID until the deadline, once at least.
    private func awaitCopy(
        _ messageID: String, in name: MailboxName, until deadline: MonotonicTime
    ) async throws(EngineError) -> UID? {
        let (id, hold) = try await open(name)
        defer { close(id, hold) }
        let key = SearchKey.header(name: Array("Message-ID".utf8), value: Array(messageID.utf8))
        var wait = Self.upstreamCopyGlance
        while true {
            await noteAdditions(in: name)
            if let uid = try await search(id, key, in: SequenceView(try opened(id).mirror)).last { return uid }
            guard loop.now < deadline, !isRetired, await loop.sleep(until: min(deadline, loop.now + wait)) else {
                return nil
            }
            wait *= 2
        }
    }

    /// Where the copy of a message lies that a client is about to save, when Posthouse or the upstream has saved one.
    func sentCopy(of content: MessageBody, in folder: CachedMailbox) async -> SavedMessage? {
        switch await services.scanner.savedCopy(of: content, in: folder.listing.name, of: id) {
        case .nowhere: return nil
        case .here(let place): return place
        case .expected(let identity, let messageID):
            // It has been waited for. It may have come since; else the client's own is better than none.
            guard isSent(folder), let uid = try? await awaitCopy(messageID, in: folder.listing.name, until: loop.now),
                let place = place(uid, in: folder)
            else { return nil }
            await services.scanner.noteCopy(.savedByUpstream, of: identity, in: id, at: place)
            return SavedMessage(uidValidity: place.uidValidity, uid: place.uid)
        }
    }
}
