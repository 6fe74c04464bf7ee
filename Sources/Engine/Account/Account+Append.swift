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
        // The watcher may see a message before its saving is answered; the scanner is to hear first who saved it.
        saving[folder.id, default: 0] += 1
        defer {
            saving[folder.id] = saving[folder.id].flatMap { $0 > 1 ? $0 - 1 : nil }
            arrivalSignal.raise(.work)
        }
        var outcome = AppendOutcome(uidValidity: nil, uids: [])
        for message in messages {
            let content = try await message.content.message()
            let saved: SavedMessage?
            if let copy = await services.scanner.savedCopy(of: content, in: name, of: id) {
                saved = copy
            } else {
                saved = try await save(content, message.flags, message.internalDate, to: name)
                await keep(message, content, saved, in: folder, by: actor)
                await noteClientCopy(content, in: folder)
            }
            guard let saved else { continue }
            outcome.uidValidity = saved.uidValidity
            outcome.uids.append(saved.uid)
        }
        if outcome.uids.count != messages.count { outcome = AppendOutcome(uidValidity: nil, uids: []) }
        await noteAdditions(in: name)
        return outcome
    }

    /// Saves one message, whatever it is.
    /// - Returns: where, when the upstream says so.
    func save(
        _ content: MessageBody, _ flags: [Flag], _ internalDate: Moment?, to name: MailboxName
    ) async throws(EngineError) -> SavedMessage? {
        // Not repeated after a lost connection: whether the upstream took the message is then unknown.
        let saved = try await onLine(isRepeatable: false) { (client) async throws(UpstreamError) in
            try await client.append([OutgoingMessage(content, flags, internalDate)], to: name)
        }
        return saved.map { SavedMessage(uidValidity: $0.0, uid: $0.1[0]) }
    }

    /// Saves messages that have nothing to do with one another: by one command where the upstream takes several.
    /// - Returns: what came of each: where it is, when the upstream says so.
    func saveEach(_ contents: [MessageBody], _ flags: [Flag], to name: MailboxName) async -> [Saving] {
        var outcomes: [Saving] = []
        do throws(EngineError) {
            try await onLine(isRepeatable: false) { (client) async throws(UpstreamError) in
                let outgoing = contents.map { OutgoingMessage($0, flags, nil) }
                if client.savesSeveral, outgoing.count > 1 {
                    do throws(UpstreamError) {
                        outcomes = Self.outcomes(try await client.append(outgoing, to: name), count: outgoing.count)
                        return
                    } catch {
                        // One that is refused spoils them all (RFC 3502 §6.3.11); alone each gets its own answer.
                        guard case .refused = error else { throw error }
                    }
                }
                for message in outgoing {
                    do throws(UpstreamError) {
                        outcomes += Self.outcomes(try await client.append([message], to: name), count: 1)
                    } catch {
                        guard case .refused = error else { throw error }
                        outcomes.append(.failure(EngineError(error)))
                    }
                }
            }
            return outcomes
        } catch {
            return outcomes + Array(repeating: .failure(error), count: contents.count - outcomes.count)
        }
    }

    /// Where a message was saved, when the upstream says so.
    typealias Saving = Result<SavedMessage?, EngineError>

    private static func outcomes(_ places: (UIDValidity, [UID])?, count: Int) -> [Saving] {
        guard let (validity, uids) = places else { return Array(repeating: .success(nil), count: count) }
        return uids.map { .success(SavedMessage(uidValidity: validity, uid: $0)) }
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
        await cache(body, saved, in: folder)
    }

    /// Puts a message that was saved into the cache.
    func cache(_ body: MessageBody, _ saved: SavedMessage?, in folder: CachedMailbox) async {
        guard let saved, let mailbox = live[folder.id], mailbox.mirror.uidValidity == saved.uidValidity else { return }
        if !mailbox.mirror.contains(saved.uid) { await noteAdditions(in: folder.listing.name) }
        guard mailbox.mirror.contains(saved.uid) else { return }
        do {
            _ = try await CachedBodies(services.cache, id).save(body, of: saved.uid, in: mailbox.id)
        } catch { noteCacheFailure(error) }
    }
}

extension OutgoingMessage {
    init(_ content: MessageBody, _ flags: [Flag], _ internalDate: Moment?) {
        self.init(flags: flags.filter { $0 != .recent }, internalDate: internalDate, size: content.size) {
            (range) async throws(UpstreamError) in
            do { return try await content.read(range) } catch { throw .local("\(error)") }
        }
    }
}

/// Where a message was saved.
package struct SavedMessage: Sendable, Hashable {
    package var uidValidity: UIDValidity
    package var uid: UID
}
