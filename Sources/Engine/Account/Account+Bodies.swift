internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Reading bodies from the upstream: one task reads for all sessions that wait, so that many sessions reading message by
/// message cost as few round trips as one.
extension Account {
    /// Messages whose bodies one session asks for at a time.
    static let bodyBatch = 32
    /// Messages of all sessions that are asked for in one command.
    static let sharedBatch = 128
    /// How long the connection is kept when more and more is asked for, before what it has told meanwhile is looked at.
    static let readingSpell = Duration.seconds(1)

    /// Has bodies read from the upstream.
    /// - Parameter uids: at most `bodyBatch`.
    /// - Throws: when nothing of it can be had.
    /// - Returns: what was had; the failure says why something was not. Messages that are gone are left out.
    func fetchBodies(
        _ uids: [UID], of mailbox: LiveMailbox, in epoch: MailboxMirror.Epoch, _ needs: MessageNeeds,
        _ way: Passage.Way
    ) async throws(EngineError) -> (known: [UID: KnownMessage], failure: EngineError?) {
        // An account that holds back what could not be scanned has to know before anybody sees it.
        let mustWait = way == .read && services.scanner.holdsBack(id)
        bodiesAskedAt = loop.now
        let outcome = await withUnsafeContinuation { waiter in
            mailbox.awaited.append(uids, in: epoch, scansItself: way != .read || mustWait, waiter)
            guard !mailbox.awaited.isEmpty, !mailbox.awaited.isServed else { return }
            mailbox.awaited.isServed = true
            let mailbox = LoopBound(mailbox, on: loop)
            loop.spawn { _ in await self.readBodies(of: mailbox) }
        }
        await makeRoom()
        var known = outcome.found
        if let failure = outcome.failure, known.isEmpty { throw failure }
        if mustWait {
            for (uid, message) in outcome.found {
                guard let body = message.body else { continue }
                if await !pass(uid, message.metadata.internalDate, body, of: mailbox, way: way) { known[uid] = nil }
            }
        }
        return (known, outcome.failure)
    }

    /// Reads as long as somebody waits.
    private func readBodies(of bound: LoopBound<LiveMailbox>) async {
        let mailbox = bound.value
        while let epoch = mailbox.awaited.epoch { await readBodies(of: mailbox, in: epoch) }
        mailbox.awaited.isServed = false
    }

    private func readBodies(of mailbox: LiveMailbox, in epoch: MailboxMirror.Epoch) async {
        let collector = BodyCollector(services) { message in
            // What arrived is shown to the scanner by who asked for it.
            let isUnscanned = !mailbox.awaited.scanThemselves(message.metadata.uid, in: epoch)
            self.keepSoon([message], of: mailbox) { _ in isUnscanned }
            mailbox.awaited.give(message, in: epoch)
        }
        let requests = BodyRequests {
            self.nextBodies(of: mailbox, in: epoch)
        } answered: { (uids, failure) in
            mailbox.awaited.close(
                uids.numbers.lazy.compactMap(UID.init(rawValue:)), failure.map { EngineError($0) }, in: epoch)
        }
        do throws(EngineError) {
            try await onLine(mailbox, in: epoch) { (client) async throws(UpstreamError) in
                mailbox.awaited.beginConnection()
                try await client.fetchBodies(requests, into: collector)
            }
        } catch { mailbox.awaited.closeConnection(error, in: epoch) }
    }

    /// What to ask the upstream for now.
    private func nextBodies(of mailbox: LiveMailbox, in epoch: MailboxMirror.Epoch) -> NumberSet? {
        guard mailbox.awaited.isLow else { return nil }
        if let end = mailbox.awaited.spellEnd {
            // Whoever else wants the connection has waited for what was asked for, and not for more; and what the
            // upstream tells meanwhile is to be looked at.
            guard let line = mailbox.line, line.turnstile.waitingCount == 0, line.client?.hasEvents == false,
                loop.now < end
            else { return nil }
        } else {
            mailbox.awaited.spellEnd = loop.now + Self.readingSpell
        }
        // When little is left of the day's budget they come one by one, so that it is overrun by one at most.
        guard mailbox.awaited.isIdle || server.dailyBudget(.download) == nil else { return nil }
        let standing = standing(.download)
        guard standing < .spent else {
            mailbox.awaited.fail(.overBudget(.download), in: epoch)
            return nil
        }
        while true {
            let taken = mailbox.awaited.take(atMost: standing == .ample ? Self.sharedBatch : 1, in: epoch)
            if taken.isEmpty { return nil }
            // Another session has had it fetched before this one asked.
            let passing = taken.compactMap { keeping.message($0, in: mailbox.id) }
            for message in passing { mailbox.awaited.give(message, in: epoch) }
            if passing.count < taken.count {
                let passed = Set(passing.map(\.metadata.uid))
                return NumberSet(taken.filter { !passed.contains($0) })
            }
        }
    }
}
