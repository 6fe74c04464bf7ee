internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror
internal import TLS

/// From octets to handlers and back to a tagged line.
extension IMAPSession {
    func handle(_ event: CommandFramer.Event) async throws(ConnectionError) {
        switch event {
        case .command(let framed): try await handle(framed)
        case .continuation: connection.output.append { (output) in output.appendContinuation() }
        case .literalStarted(let literal): await beginAppend(literal)
        case .literalBytes(let bytes): await takeAppended(bytes)
        case .literalEnded: break
        case .refused(let refusal): refuse(refusal)
        case .lost(let refusal):
            refuse(refusal)
            sayBye("Can't find the end of the command", nil)
        }
    }

    private func handle(_ framed: FramedCommand) async throws(ConnectionError) {
        try await answer(framed)
        // What came while a message was taken in.
        if let notifications, notifications.isBehind, case .commands = activity { try await pushUpdates() }
    }

    private func answer(_ framed: FramedCommand) async throws(ConnectionError) {
        listener.commands.add()
        hasWorked = true
        let command: TaggedCommand
        do throws(IMAPSyntaxError) {
            command = try CommandParser.parse(framed, utf8: speaksUTF8)
        } catch {
            activity = .commands
            refuse(CommandParser.tag(of: framed.bytes), Reply(error))
            return
        }
        guard !command.command.usesGmailItems || selection?.mailbox.isGmail ?? false else {
            activity = .commands
            return refuse(command.tag, .unknownCommand)
        }
        guard !usesUIDOnly || !command.command.usesSequenceNumbers else {
            activity = .commands
            return refuse(command.tag, .bad("UIDONLY is enabled", .uidRequired))
        }
        progress.begin(command.tag)
        do throws(Fault) {
            guard var reply = try await perform(command) else { return }
            try await report(heardPolicy(after: command.command))
            if reply.tellsHighestModSeq, reply.code == nil, let selection {
                reply.code = .highestModSeq(selection.view.expungesSeen)
            }
            finish(command.tag, reply)
        } catch {
            switch error {
            case .connection(let error): throw error
            case .inconsistent:
                log.notice("session ended since its mailbox is gone or another")
                sayBye(Self.inconsistency, nil)
            case .reply(let reply):
                // What has changed is told also with a refusal.
                var isInconsistent = false
                do throws(Fault) { try await report(heardPolicy(after: command.command)) } catch {
                    switch error {
                    case .connection(let error): throw error
                    case .inconsistent: isInconsistent = true
                    case .reply: break
                    }
                }
                finish(command.tag, reply)
                guard isInconsistent else { return }
                log.notice("session ended since its mailbox is gone or another")
                sayBye(Self.inconsistency, nil)
            }
        }
    }

    /// Answers what could not be read; without a tag it can't be said which command it was.
    private func refuse(_ tag: [UInt8]?, _ reply: Reply) {
        if let tag, !tag.isEmpty { return finish(tag, reply) }
        connection.output.append { (output) in output.appendUntagged(.bad, nil, reply.text) }
        noteBadCommand()
    }

    private func refuse(_ refusal: CommandFramer.Refusal) {
        // An APPEND that was refused knows better why.
        if case .appending(let append) = activity {
            activity = .commands
            return refuse(refusal.tag, append.refusal ?? Reply(refusal.reason))
        }
        refuse(refusal.tag, Reply(refusal.reason))
    }

    /// Which updates may come before a command's tagged line (RFC 9051 §7.5.1); nil for none.
    private func policy(after command: Command) -> ViewSync.Policy? {
        switch command {
        case .fetch(let fetch): fetch.isUID ? .all : .withoutExpunges
        case .store(let store): store.isUID ? .all : .withoutExpunges
        case .search(let search): search.isUID ? .all : .withoutExpunges
        case .sort(let sort): sort.search.isUID ? .all : .withoutExpunges
        case .thread(let thread): thread.search.isUID ? .all : .withoutExpunges
        case .copy(let copy): copy.isUID ? .all : .withoutExpunges
        case .select, .close, .unselect, .unauthenticate, .logout, .login, .authenticate, .startTLS, .compress: nil
        default: .all
        }
    }

    /// The same for a client that may not want to hear of the selected mailbox.
    private func heardPolicy(after command: Command) -> ViewSync.Policy? {
        guard let notifications, notifications.selected == nil, !command.asksForUpdates else {
            return policy(after: command)
        }
        return nil
    }

    /// Runs a command where it is allowed. Nil when its tagged line comes later.
    private func perform(_ command: TaggedCommand) async throws(Fault) -> Reply? {
        switch command.command {
        case .capability: return await capability()
        case .noop: return try await noop()
        case .logout: return logout()
        case .id(let fields): return identify(fields)
        case .startTLS: return try await startTLS(command.tag)
        case .authenticate(let mechanism, let response):
            return await authenticate(command.tag, mechanism, response)
        case .login(let name, let password): return await login(name, password)
        default: break
        }
        guard let principal else { return .bad("Sign in first") }
        if case .compress(let algorithm) = command.command { return try await compress(command.tag, algorithm) }
        if let reply = try await performAuthenticated(command, principal) { return reply }
        if case .idling = activity { return nil }
        guard let selection else { return .bad("Select a mailbox first") }
        return try await performSelected(command, selection)
    }

    /// Commands that need a signed-in user. Nil for others, and for IDLE.
    private func performAuthenticated(
        _ command: TaggedCommand, _ principal: Principal
    ) async throws(Fault) -> Reply? {
        switch command.command {
        case .enable(let names): return enable(names)
        case .unauthenticate: return await unauthenticate()
        case .select(let select): return try await self.select(select, principal)
        case .create(let name, let uses): return try await create(name, uses, principal)
        case .delete(let name): return try await delete(name, principal)
        case .rename(let name, let target): return try await rename(name, target, principal)
        case .subscribe(let name): return try await setSubscribed(true, name, principal)
        case .unsubscribe(let name): return try await setSubscribed(false, name, principal)
        case .list(let list): return try await self.list(list, principal)
        case .lsub(let reference, let pattern): return try await lsub(reference, pattern, principal)
        case .namespace: return namespace(principal)
        case .status(let name, let items): return try await status(name, items, principal)
        case .append(let append): return try await finishAppend(append, principal)
        case .myRights(let name): return try await myRights(name, principal)
        case .getACL(let name): return try await getACL(name, principal)
        case .listRights(let name, let identifier): return try await listRights(name, identifier, principal)
        case .setACL(let name, _, _), .deleteACL(let name, _): return try await changeACL(of: name, principal)
        case .getQuotaRoot(let name): return try await getQuotaRoot(name, principal)
        case .getQuota(let root): return try await getQuota(root, principal)
        case .setQuota: return Self.quotasAreNotSetHere
        case .notify(let notify): return try await self.notify(notify, principal)
        case .getMetadata(let get): return try await getMetadata(get, principal)
        case .setMetadata(let name, let values): return try await setMetadata(values, of: name, principal)
        case .multiSearch(let search): return try await multiSearch(search, command.tag, principal)
        case .generateURLs(let requests): return try await generateURLs(requests, principal)
        case .resetKey(let name, let mechanisms): return try await resetKey(name, mechanisms, principal)
        case .fetchURLs(let urls): return try await fetchURLs(urls, principal)
        case .idle:
            try await beginIdle(command.tag)
            return nil
        default: return nil
        }
    }

    private func performSelected(_ command: TaggedCommand, _ selection: Selection) async throws(Fault) -> Reply {
        switch command.command {
        case .check: return try await check(selection)
        case .close: return try await close(selection)
        case .unselect: return await unselect()
        case .expunge(let uids): return try await expunge(uids, selection)
        case .search(let search): return try await self.search(search, command.tag, selection)
        case .sort(let sort): return try await self.sort(sort, command.tag, selection)
        case .thread(let thread): return try await self.thread(thread, selection)
        case .cancelUpdate(let tags): return cancelUpdate(tags, selection)
        case .fetch(let fetch): return try await self.fetch(fetch, selection)
        case .store(let store):
            guard let labels = store.gmailLabels else { return try await self.store(store, selection) }
            return try await storeLabels(labels, store, selection)
        case .copy(let copy): return try await self.copy(copy, selection)
        case .move(let move): return try await self.move(move, selection)
        case .replace(let replace): return try await finishReplace(replace, selection)
        default: return .bad("This command is not known here")
        }
    }

    /// Asks the engine, its refusals turned into replies.
    func ask<Value>(_ question: () async throws(EngineError) -> Value) async throws(Fault) -> Value {
        do throws(EngineError) { return try await question() } catch { throw Fault(error) }
    }

    /// Octets of a long answer that are sent without waiting for the rest, so that the client has something to do.
    private static let eagerSize = 48 * 1024

    /// Sends what there is of a long answer, and waits until less than the limit is unsent.
    func drain() async throws(Fault) {
        guard connection.unsentCount >= min(Self.eagerSize, configuration.limits.unsent) else { return }
        do throws(ConnectionError) {
            try await connection.flush(
                below: configuration.limits.unsent, until: now + configuration.limits.stallTime)
        } catch { throw .connection(error) }
    }

    /// Why a session with a selected mailbox ends without having been asked to.
    static let inconsistency = "The mailbox is gone, or has become another one, connect again"

    // MARK: Updates

    /// Tells what has changed in the selected mailbox, as far as `policy` allows.
    /// - Parameter isUnasked: no command is behind it: flags are told only to who wants to hear of them.
    func report(_ policy: ViewSync.Policy?, isUnasked: Bool = false) async throws(Fault) {
        guard let policy, let selection else { return }
        let before = selection.view
        let (view, updates): (SequenceView, [ViewUpdate])
        do throws(EngineError) {
            (view, updates) = try await selection.mailbox.step(selection.view, policy)
        } catch {
            // The mailbox or the grant is gone: there is nothing left that the client's numbers could mean.
            throw error == .noSuchMailbox ? .inconsistent : Fault(error)
        }
        tellRemoved(updates, selection.view, selection)
        selection.view = view
        if !updates.isEmpty {
            if tellsVanished { writeVanished(updates) }
            for update in updates where !isUnasked || wantsToHear(of: update) { try write(update, selection) }
            try await drain()
        }
        // What is told of new messages depends on which searches they match. It is told before that, as flags are
        // (RFC 5465 §5.1, §7; §5.2 says otherwise, see erratum 4833).
        let results = await changedResults(selection)
        try await tellNew(since: before, results, selection)
        write(results)
        try await drain()
    }

    /// One VANISHED for all messages that are gone: they come before everything else, and with it no EXPUNGE is sent
    /// (RFC 7162 §3.2.10.2, RFC 9586 §3.4).
    private func writeVanished(_ updates: [ViewUpdate]) {
        var gone: [UID] = []
        for case .expunge(_, let uid) in updates { gone.append(uid) }
        connection.output.append { (output) in output.appendVanished(NumberSet(gone), isEarlier: false) }
    }

    /// Tells of one change; of one that is gone only where `writeVanished` has not.
    func write(_ update: ViewUpdate, _ selection: Selection) throws(Fault) {
        switch update {
        case .exists(let count):
            connection.output.append { (output) in output.appendExists(UInt32(count)) }
        case .expunge(let number, _):
            guard !tellsVanished else { return }
            connection.output.append { (output) in output.appendExpunge(UInt32(number)) }
        case .flags(let number, let uid, let flags, let modSeq):
            announce(flags, selection)
            connection.output.append { (output) in
                appendFetchStart(number, uid, to: &output)
                output.appendFetchFlags(flags)
                if usesCondStore { output.appendFetchModSeq(modSeq) }
                output.appendFetchEnd()
            }
        case .newEpoch: throw .inconsistent
        }
    }

    /// The client knows mod-sequences. One that has a mailbox selected hears up to where it knows everything of it
    /// (RFC 7162 §3.1).
    func enableCondStore() {
        guard !usesCondStore else { return }
        usesCondStore = true
        guard let selection else { return }
        let known = selection.view.expungesSeen
        connection.output.append { (output) in output.appendUntagged(.ok, .highestModSeq(known), "Highest") }
    }

    /// Tells of keywords that the client has not heard of (RFC 9051 §7.3.5).
    func announce(_ flags: some Sequence<Flag>, _ selection: Selection) {
        guard let all = selection.flagsToAnnounce(flags) else { return }
        connection.output.append { (output) in output.appendFlagsResponse(all) }
    }
}

extension Reply {
    /// For what is not known, and for what is known but not offered.
    static let unknownCommand = Reply.bad("There is no such command")

    /// What is wrong with a command that can't be read.
    init(_ error: IMAPSyntaxError) {
        switch error {
        case .unexpected(let position, let expected): self = .bad("Expected \(expected) at octet \(position + 1)")
        case .unknownCommand: self = .unknownCommand
        case .invalidMailboxName: self = .no("This is no mailbox name", .cannot)
        case .invalidUTF8(let position): self = .bad("The string at octet \(position + 1) is no UTF-8")
        case .unknownCharset: self = .no("The charset is not known", .badCharset(["UTF-8", "US-ASCII"]))
        case .tooDeep: self = .bad("The command is nested too deeply", .limit)
        case .tooMany: self = .bad("A list in the command is too long", .limit)
        }
    }

    init(_ reason: CommandFramer.Reason) {
        switch reason {
        case .lineTooLong, .commandTooLong: self = .bad("The command is too long", .limit)
        case .literalTooLarge: self = .no("The literal is too large", .tooBig)
        case .metadataTooLarge(let limit): self = Reply(EngineError.valueTooLarge(limit: limit))
        case .tooManyLiterals: self = .bad("The command has too many literals", .limit)
        case .nul: self = .bad("The command has a NUL in it")
        case .refusedByReceiver: self = .no("Refused")
        }
    }
}
