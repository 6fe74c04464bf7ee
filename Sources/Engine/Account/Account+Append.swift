internal import Loop
internal import MIME
package import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Saving messages at the upstream.
extension Account {
    /// Saves messages in order, all or none (RFC 3502 §3): what was saved before one is refused is removed again, and
    /// nothing is scanned before all are saved. A message that Posthouse has itself just saved there (the copy of sent
    /// mail) is not saved a second time: the client hears where that copy is.
    /// - Parameters:
    ///   - actor: the login name of who saves them.
    ///   - old: a message of this account that goes once the one that is saved is there (RFC 8508).
    func append(
        _ messages: [AppendMessage], to name: MailboxName, by actor: String? = nil,
        replacing old: ReplacedMessage? = nil
    ) async throws(EngineError) -> AppendOutcome {
        let folder = try await selectable(name)
        // The watcher may see a message before its saving is answered; the scanner is to hear first who saved it.
        saving[folder.id, default: 0] += 1
        defer {
            saving[folder.id] = saving[folder.id].flatMap { $0 > 1 ? $0 - 1 : nil }
            arrivalSignal.raise(.work)
        }
        var outcome = AppendOutcome(uidValidity: nil, uids: [])
        var made: [SavedMessage?] = []
        let saved = try await save(messages, to: folder, replacing: old)
        if let old { try await remove(old, insteadOf: saved, in: folder) }
        for appended in saved {
            if appended.isNew {
                made.append(appended.place)
                await keep(appended.message, appended.content, appended.place, in: folder, by: actor)
                await noteClientCopy(appended.content, in: folder)
            }
            guard let place = appended.place else { continue }
            outcome.uidValidity = place.uidValidity
            outcome.uids.append(place.uid)
        }
        if outcome.uids.count != messages.count { outcome = AppendOutcome(uidValidity: nil, uids: []) }
        outcome.made = made
        await noteAdditions(in: name)
        return outcome
    }

    /// A message that stands in its mailbox now.
    private struct Appended {
        let message: AppendMessage
        let content: MessageBody
        /// Nil where the upstream doesn't say.
        let place: SavedMessage?
        /// False for one that was there already.
        let isNew: Bool
    }

    private func save(
        _ messages: [AppendMessage], to folder: CachedMailbox, replacing old: ReplacedMessage?
    ) async throws(EngineError) -> [Appended] {
        let name = folder.listing.name
        var found: [(message: AppendMessage, content: MessageBody, copy: SavedMessage?)] = []
        for message in messages {
            let content = try await message.content.message()
            found.append((message, content, await sentCopy(of: content, in: folder)))
        }
        let wanted = found.filter { $0.copy == nil }
        if !wanted.isEmpty { try demandBudget(.upload) }
        if let places = try await saveTogether(wanted.map { OutgoingMessage($0.message, $0.content) }, to: name) {
            var next = places.makeIterator()
            return found.map { entry in
                Appended(
                    message: entry.message, content: entry.content, place: entry.copy ?? next.next() ?? nil,
                    isNew: entry.copy == nil)
            }
        }
        var done: [Appended] = []
        do throws(EngineError) {
            for (message, content, copy) in found {
                var place = copy
                if copy == nil {
                    place =
                        if let old { try await save(message, content, to: folder, replacing: old) } else {
                            try await save(
                                content, message.flags, message.internalDate, to: name, isBinary: message.isBinary)
                        }
                }
                done.append(Appended(message: message, content: content, place: place, isNew: copy == nil))
            }
        } catch {
            await takeBack(done.filter(\.isNew).map(\.place), from: folder)
            throw error
        }
        return done
    }

    /// Saves a message in place of another one. When the connection breaks before the answer it is looked for, so that
    /// the client does not save it again beside the first.
    private func save(
        _ message: AppendMessage, _ content: MessageBody, to folder: CachedMailbox, replacing old: ReplacedMessage
    ) async throws(EngineError) -> SavedMessage? {
        let name = folder.listing.name
        let next = live[folder.id]?.mirror.uidNext
        do throws(EngineError) {
            if let place = try await saveReplacing(old, by: OutgoingMessage(message, content), in: name) {
                return place
            }
            return try await save(
                content, message.flags, message.internalDate, to: name, isBinary: message.isBinary)
        } catch {
            guard case .unavailable = error, let next, let mailbox = live[folder.id],
                let place = await findSaved(content, in: mailbox, from: next)
            else { throw error }
            return place
        }
    }

    /// Removes the message that another one was saved for, unless it is that very one; takes the new one back when the
    /// upstream does not let the old one go.
    private func remove(
        _ old: ReplacedMessage, insteadOf saved: [Appended], in folder: CachedMailbox
    ) async throws(EngineError) {
        let isItself = saved.contains {
            old.mailbox == folder.id && $0.place == SavedMessage(uidValidity: old.uidValidity, uid: old.uid)
        }
        guard !isItself else { return }
        do throws(EngineError) { try await remove(old) } catch {
            await takeBack(saved.filter(\.isNew).map(\.place), from: folder)
            throw error
        }
    }

    /// Saves messages by one command (RFC 3502): the upstream itself then saves all or none.
    /// - Returns: where each is, when the upstream says so; nil where one at a time has to be saved, or is.
    private func saveTogether(
        _ messages: [OutgoingMessage], to name: MailboxName
    ) async throws(EngineError) -> [SavedMessage?]? {
        guard messages.count > 1 else { return nil }
        return try await onLine(isRepeatable: false) { (client) async throws(UpstreamError) -> [SavedMessage?]? in
            guard client.savesSeveral else { return nil }
            guard let (validity, uids) = try await client.append(messages, to: name) else {
                return Array(repeating: nil, count: messages.count)
            }
            return uids.map { SavedMessage(uidValidity: validity, uid: $0) }
        }
    }

    /// Removes messages that were saved before another of the same command was refused; nil for one of which the upstream
    /// did not say where it is.
    func takeBack(_ saved: [SavedMessage?], from folder: CachedMailbox) async {
        guard !saved.isEmpty else { return }
        let places = saved.compactMap(\.self)
        do {
            let mailbox = try await load(folder)
            defer { if mailbox.leftAt == nil { mailbox.leftAt = loop.now } }
            try await onLine(mailbox) { (client) async throws(UpstreamError) in
                let uids = NumberSet(places.filter { $0.uidValidity == mailbox.mirror.uidValidity }.map(\.uid))
                // A server may not know in this session yet what another one has saved.
                try await client.poll()
                try await client.store(uids, .add, [.deleted])
                try await client.expunge(uids)
            }
            guard places.count < saved.count else { return }
            log.error("an upstream without UIDPLUS keeps part of what was refused", ["mailbox": folder.listing.name])
        } catch {
            log.error(
                "part of what was refused can't be removed", ["mailbox": folder.listing.name, "reason": "\(error)"])
        }
    }

    /// The same, by the mailbox's name.
    func takeBack(_ saved: [SavedMessage?], from name: MailboxName) async {
        guard !saved.isEmpty else { return }
        do { await takeBack(saved, from: try await folder(name)) } catch {
            log.error("part of what was refused can't be removed", ["mailbox": name, "reason": "\(error)"])
        }
    }

    /// Saves one message, whatever it is.
    /// - Returns: where, when the upstream says so.
    func save(
        _ content: MessageBody, _ flags: [Flag], _ internalDate: Moment?, to name: MailboxName, isBinary: Bool = false
    ) async throws(EngineError) -> SavedMessage? {
        // Not repeated after a lost connection: whether the upstream took the message is then unknown.
        let saved = try await onLine(isRepeatable: false) { (client) async throws(UpstreamError) in
            var message = OutgoingMessage(content, flags, internalDate)
            message.isBinary = isBinary
            return try await client.append([message], to: name)
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
    func keep(
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
        // One with a NUL may have got another transfer encoding on the way (RFC 3516 §4.4).
        if !message.isBinary { await cache(body, saved, in: folder) }
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
    init(_ message: AppendMessage, _ content: MessageBody) {
        self.init(content, message.flags, message.internalDate)
        isBinary = message.isBinary
    }

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
