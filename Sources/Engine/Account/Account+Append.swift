internal import Loop
internal import MIME
package import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Saving messages at the upstream.
extension Account {
    /// Saves messages in order. A message that Posthouse has itself just saved there (the copy of sent mail) is not
    /// saved a second time: the client hears where that copy is.
    /// - Parameter actor: the login name of who saves them.
    func append(
        _ messages: [AppendMessage], to name: MailboxName, by actor: String? = nil
    ) async throws(EngineError) -> AppendOutcome {
        let folder = try await selectable(name)
        var outcome = AppendOutcome(uidValidity: nil, uids: [])
        for message in messages {
            let content = try await structured(message.content)
            let saved: SavedMessage?
            if let copy = await services.scanner.savedCopy(of: content, in: name, of: id) {
                saved = copy
            } else {
                saved = try await save(message, to: name)
                await keep(message, content, saved, in: folder, by: actor)
            }
            guard let saved else { continue }
            outcome.uidValidity = saved.uidValidity
            outcome.uids.append(saved.uid)
        }
        if outcome.uids.count != messages.count { outcome = AppendOutcome(uidValidity: nil, uids: []) }
        await noteAdditions(in: name)
        return outcome
    }

    private func save(_ message: AppendMessage, to name: MailboxName) async throws(EngineError) -> SavedMessage? {
        // Not repeated after a lost connection: whether the upstream took the message is then unknown.
        let appended = try await onLine(isRepeatable: false) { (client) async throws(UpstreamError) in
            try await client.append(
                to: name, flags: message.flags.filter { $0 != .recent }, internalDate: message.internalDate,
                size: message.content.count
            ) { (range) async throws(UpstreamError) in
                do { return try await message.content.read(range) } catch { throw .local("\(error)") }
            }
        }
        return appended.map { SavedMessage(uidValidity: $0.0, uid: $0.1) }
    }

    /// Saves the copy of a message that Posthouse has relayed. It is not scanned: its passage is the sending.
    /// - Returns: where it lies, when the upstream says so.
    func saveSentCopy(of message: MessageBody, in name: MailboxName) async throws(EngineError) -> JournalPlace? {
        _ = try await selectable(name)
        let appended = try await onLine(isRepeatable: false) { (client) async throws(UpstreamError) in
            try await client.append(to: name, flags: [.seen], internalDate: nil, size: message.size) {
                (range) async throws(UpstreamError) in
                do { return try await message.read(range) } catch { throw .local("\(error)") }
            }
        }
        await noteAdditions(in: name)
        return appended.map { JournalPlace(mailbox: name, uidValidity: $0.0, uid: $0.1) }
    }

    /// The spooled message with its parts found.
    func structured(_ spool: Spool) async throws(EngineError) -> MessageBody {
        var scanner = MessageScanner()
        var offset = 0
        while offset < spool.count {
            let piece = try await spool.read(offset..<(offset + MessageBody.pieceSize))
            guard !piece.isEmpty else { break }
            scanner.feed(piece)
            offset += piece.count
        }
        return await spool.body(scanner.finish())
    }

    /// Scans the saved message, and puts it into the cache so that it need not come back from the upstream.
    private func keep(
        _ message: AppendMessage, _ body: MessageBody, _ saved: SavedMessage?, in folder: CachedMailbox,
        by actor: String?
    ) async {
        let place = saved.map {
            JournalPlace(mailbox: folder.listing.name, uidValidity: $0.uidValidity, uid: $0.uid)
        }
        _ = await services.scanner.pass(
            Passage(
                account: id, way: .appended, place: place, internalDate: message.internalDate, message: body,
                actor: actor, use: folder.listing.specialUse, flags: message.flags))
        guard let saved, let mailbox = live[folder.id], mailbox.mirror.uidValidity == saved.uidValidity else { return }
        await noteAdditions(in: folder.listing.name)
        guard mailbox.mirror.contains(saved.uid) else { return }
        do {
            _ = try await CachedBodies(services.cache, id).save(body, of: saved.uid, in: mailbox.id)
        } catch { noteCacheFailure(error) }
    }
}

/// Where a message was saved.
package struct SavedMessage: Sendable, Hashable {
    package var uidValidity: UIDValidity
    package var uid: UID
}
