internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// The tasks that keep an account alive: one watcher a connection, and one for upkeep.
extension Account {
    /// IDLE is begun anew at least this often, since servers end silent connections (RFC 2177 recommends 29 minutes;
    /// gateways on the way are less patient).
    static let idleLimit = Duration.seconds(9 * 60)
    /// After a command the connection stays out of IDLE for a moment, in case the next one follows.
    static let idleDelay = Duration.milliseconds(100)
    /// How often the account looks after itself.
    static let upkeepInterval = Duration.seconds(15)

    /// Begins to work: monitored mailboxes are watched from now on.
    nonisolated func start() {
        loop.spawn { _ in await self.runUpkeep() }
        loop.spawn { _ in await self.runArrivals() }
        loop.spawn { _ in await self.runKeeping() }
        loop.spawn { _ in await self.runMarking() }
    }

    /// Stops using the upstream; sessions find the account gone.
    func retire() async {
        isRetired = true
        for line in lines {
            line.client?.interrupt()
            line.wake.raise(.shutdown)
        }
        upkeepSignal.raise(.shutdown)
        arrivalSignal.raise(.shutdown)
        await drainKeeping()
        keepingSignal.raise(.shutdown)
        markingSignal.raise(.shutdown)
        for line in lines {
            await line.turnstile.enter { line.client?.interrupt() }
            await line.client?.logout()
            line.drop()
            line.turnstile.leave()
        }
        for mailbox in Array(live.values) { retire(mailbox) }
    }

    /// A changed configuration: connections are made anew with it.
    func reconfigure(_ record: AccountRecord, _ server: Server) async {
        guard record != self.record || server != self.server else { return }
        let reconnects =
            server != self.server || record.login != self.record.login || record.secret != self.record.secret
        self.record = record
        self.server = server
        connector = IMAPConnector(
            account: record, server: server, vault: services.vault, authorities: services.authorities,
            pool: services.pool)
        for mailbox in live.values { mailbox.isMonitored = isMonitored(mailbox.name) }
        noteBudgets()
        if reconnects {
            outage = Outage()
            avoidsPieces = false
            for line in lines {
                await line.turnstile.enter { line.client?.interrupt() }
                line.drop()
                line.turnstile.leave()
                line.wake.raise(.work)
            }
        }
        upkeepSignal.raise(.work)
    }

    /// Monitored mailboxes are opened and kept open; what nobody wants is let go; mailboxes without a connection of
    /// their own are asked for news.
    private func runUpkeep() async {
        while !isRetired {
            await openMonitored()
            for mailbox in Array(live.values) where mailbox.isWanted { await refresh(mailbox.id) }
            await survey()
            await removeReplaced()
            forgetUnused()
            await closeUnusedLines()
            if hasReadMuch {
                hasReadMuch = false
                try? await services.pool.run { Memory.giveBack() }
            }
            let pause = followers.isEmpty ? Self.upkeepInterval : min(Self.upkeepInterval, surveyInterval)
            let events = await upkeepSignal.next(until: loop.now + pause)
            if events.contains(.shutdown) { return }
        }
    }

    private func openMonitored() async {
        for name in record.monitored {
            if let open = live.values.first(where: { $0.name == name }), open.isMonitored, open.wasSynchronised,
                open.checkedAt != nil
            {
                continue
            }
            do {
                let mailbox = try await load(try await selectable(name))
                mailbox.isMonitored = true
                try await freshen(mailbox)
                // What arrived while nobody looked, or was not finished when the last run ended.
                noteArrivals(mailbox.mirror.uids(in: mailbox.mirror.uidSet), in: mailbox)
            } catch {
                if isOnline {
                    log.warning("monitored mailbox can't be opened", ["mailbox": name, "reason": "\(error)"])
                }
            }
        }
    }

    private func closeUnusedLines() async {
        for line in lines where line.watched == nil && line.isFree && line.client != nil && !isLookout(line) {
            guard loop.now >= line.usedAt + Self.lineIdleLimit else { continue }
            await line.turnstile.enter()
            await line.client?.logout()
            line.drop()
            line.turnstile.leave()
        }
    }

    nonisolated func startWatcher(of line: UpstreamLine) {
        let line = LoopBound(line, on: loop)
        loop.spawn { _ in await self.watch(line) }
    }

    /// Lets the upstream report on the line's mailbox whenever nobody else uses the line.
    private func watch(_ bound: LoopBound<UpstreamLine>) async {
        let line = bound.value
        while !isRetired {
            var deadline = loop.now + Self.upkeepInterval
            if let mailbox = line.watched, mailbox.isWanted, line.isFree {
                // A client that works message by message keeps the line out of IDLE for a moment.
                let quiet = max(line.usedAt + Self.idleDelay, outage.nextAttempt ?? loop.now)
                if quiet > loop.now {
                    deadline = quiet
                } else if await idle(line, mailbox) {
                    continue
                }
            } else if line.watched?.isWanted == false, line.isFree {
                line.watched = nil
            } else if isLookout(line), line.isFree {
                let quiet = max(line.usedAt + Self.idleDelay, outage.nextAttempt ?? loop.now)
                if quiet > loop.now { deadline = quiet } else if await lookOut(line) { continue }
            }
            if await line.wake.next(until: deadline).contains(.shutdown) { return }
        }
    }

    /// Whether the line is to wait for what the upstream tells of all mailboxes: one of those that watch none, while
    /// there is somebody who wants to hear of more than the others bring.
    private func isLookout(_ line: UpstreamLine) -> Bool {
        guard line.watched == nil, line.client?.hasNotify == true, !refusesToNotify else { return false }
        guard line === lines.first(where: { $0.watched == nil && $0.client != nil }) else { return false }
        return !followers.isEmpty || live.values.contains { $0.isWanted && $0.line?.watched !== $0 }
    }

    /// - Returns: whether it went well; the reports are applied.
    private func lookOut(_ line: UpstreamLine) async -> Bool {
        await line.turnstile.enter()
        line.isLookingOut = true
        defer {
            line.isLookingOut = false
            line.countOctets()
            line.turnstile.leave()
        }
        do {
            try await use(line, nil, nil) { (client) async throws(UpstreamError) in
                guard line.turnstile.waitingCount == 0 else { return }
                if !client.isNotifying {
                    do throws(UpstreamError) { try await client.beginNotifications() } catch {
                        guard case .refused = error else { throw error }
                        self.refusesToNotify = true
                        self.log.notice("the upstream does not tell of all mailboxes", ["reason": "\(error)"])
                        return
                    }
                    // What changed before is not told, new mailboxes neither.
                    self.distrustListing()
                    self.surveyedAt = nil
                    self.upkeepSignal.raise(.work)
                }
                guard line.turnstile.waitingCount == 0 else { return }
                try await client.idle(until: self.loop.now + Self.idleLimit)
                // RFC 5465 §5.8: it was too much, and would be again.
                if !client.isNotifying { self.refusesToNotify = true }
            }
            return true
        } catch {
            log.debug("looking out interrupted", ["reason": "\(error)"])
            return false
        }
    }

    /// - Returns: whether it went well; the reports are applied.
    private func idle(_ line: UpstreamLine, _ mailbox: LiveMailbox) async -> Bool {
        do {
            try await onLine(mailbox, isWatcher: true) { (client) async throws(UpstreamError) in
                // Somebody else has come first.
                guard line.turnstile.waitingCount == 0 else { return }
                try await client.idle(until: self.loop.now + Self.idleLimit)
            }
            return true
        } catch {
            log.debug("watching interrupted", ["mailbox": mailbox.name, "reason": "\(error)"])
            return false
        }
    }
}
