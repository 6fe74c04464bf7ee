internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Keeping mirrors true: opening, comparing with the upstream, and applying what the upstream reports (D6).
extension Account {
    /// How often in a row a mailbox is compared whose upstream says, while that is done, what can't be followed either.
    static let comparisonLimit = 2
    /// How often in a row is looked at what the upstream reports while it is looked at what it reported before.
    static let roundLimit = 1000

    /// Selects the mailbox on the line, unless it is, and brings its mirror up to the upstream.
    func select(_ mailbox: LiveMailbox, on line: UpstreamLine, _ client: IMAPClient) async throws(UpstreamError) {
        if line.selected === mailbox { return }
        line.selected?.line = nil
        line.selected = nil
        var memory: MailboxMemory?
        if mailbox.wasSynchronised, let modSeq = mailbox.upstreamModSeq {
            memory = MailboxMemory(uidValidity: mailbox.mirror.uidValidity, modSeq: modSeq)
        }
        let state = try await client.select(mailbox.name, since: memory)
        mailbox.objectID = state.objectID
        mailbox.permanentFlags = state.permanentFlags.filter { $0.name != "\\*" }
        mailbox.takesNewKeywords = state.permanentFlags.contains { $0.name == "\\*" }
        try await compare(mailbox, with: state, client)
        // Only now: whoever finds the mailbox on a line takes its mirror for true.
        line.selected = mailbox
        mailbox.line = line
        mailbox.checkedAt = loop.now
    }

    /// Finds what has changed since the mirror was last true, by the cheapest way that the upstream allows:
    /// nothing when its counters stand still, what SELECT told with QRESYNC (RFC 7162 §3.2.5), the changed flags with
    /// CONDSTORE (§3.1.4), else everything.
    private func compare(
        _ mailbox: LiveMailbox, with state: SelectedState, _ client: IMAPClient
    ) async throws(UpstreamError) {
        if !mailbox.wasSynchronised || mailbox.mirror.uidValidity != state.uidValidity {
            try await readAll(mailbox, state, client)
            return
        }
        let mirror = mailbox.mirror
        // A server whose count has gone back remembers another past than the one it was asked about.
        if let known = mailbox.upstreamModSeq, let now = state.highestModSeq, now >= known {
            if known == now, mirror.exists == state.exists, mirror.uidNext == state.uidNext {
                client.adoptUIDs(mirror.uids)
                return
            }
            if let missed = state.missed, await apply(missed, to: mailbox, state) {
                client.adoptUIDs(mailbox.mirror.uids)
                return
            }
            let changed = try await client.fetchFlags(changedSince: known)
            var updates = changed.map(Self.update)
            let arrived = changed.count { !mirror.contains($0.uid) }
            if mirror.exists + arrived != state.exists {
                let present = try await client.allUIDs()
                updates = changed.filter { present.contains($0.uid) }.map(Self.update)
                updates += Self.missing(from: present, in: mirror)
            }
            await apply(updates, to: mailbox, uidNext: state.uidNext, upstreamModSeq: now)
            client.adoptUIDs(mailbox.mirror.uids)
            return
        }
        let all = try await client.fetchAllFlags(mayBeEmpty: mirror.exists == 0)
        hasReadMuch = hasReadMuch || all.count >= Self.muchRead
        let present = NumberSet(all.map(\.uid))
        let updates =
            all.map(Self.update)
            + mirror.uids(in: mirror.uidSet).filter { !present.contains($0) }.map { .expunged($0) }
        await apply(updates, to: mailbox, uidNext: state.uidNext, upstreamModSeq: state.highestModSeq)
    }

    /// What SELECT told.
    /// - Returns: false when it does not lead to as many messages as the upstream has: then it is not believed.
    private func apply(_ missed: SelectedState.Missed, to mailbox: LiveMailbox, _ state: SelectedState) async -> Bool {
        let mirror = mailbox.mirror
        let gone = mirror.uids(in: missed.vanished)
        let arrived = missed.changed.count { !mirror.contains($0.uid) }
        guard mirror.exists + arrived - gone.count == state.exists else { return false }
        await apply(
            missed.changed.map(Self.update) + gone.map { .expunged($0) }, to: mailbox, uidNext: state.uidNext,
            upstreamModSeq: state.highestModSeq)
        return true
    }

    /// Messages whose flags take so much memory on the way that it is worth to give it back.
    static let muchRead = 50_000

    /// The first look, or a new UIDVALIDITY: everything anew.
    private func readAll(
        _ mailbox: LiveMailbox, _ state: SelectedState, _ client: IMAPClient
    ) async throws(UpstreamError) {
        let all = try await client.fetchAllFlags()
        hasReadMuch = hasReadMuch || all.count >= Self.muchRead
        await mailbox.changes.enter()
        defer { mailbox.changes.leave() }
        let isFirst = !mailbox.wasSynchronised
        mailbox.mirror.beginEpoch(
            uidValidity: state.uidValidity, uidNext: state.uidNext, highestModSeq: modSeqFloor, rows: [])
        services.headers.withLock { $0.forget(mailbox.id) }
        let plan = mailbox.mirror.plan(all.map(Self.update), above: modSeqFloor)
        mailbox.isCacheBehind = false
        do {
            try await services.cache.reset(
                mailbox.id, uidValidity: state.uidValidity, uidNext: state.uidNext,
                highestModSeq: mailbox.mirror.highestModSeq)
            try await services.cache.apply(
                Self.changes(of: plan, uidNext: state.uidNext, upstreamModSeq: state.highestModSeq), to: mailbox.id)
        } catch {
            noteCacheFailure(error, mailbox)
        }
        mailbox.mirror.apply(plan)
        mailbox.hasSavedLost = true
        mailbox.wasSynchronised = true
        mailbox.upstreamModSeq = state.highestModSeq
        mailbox.announce()
        if !isFirst { note(.messages(mailbox.name)) }
        log.info(
            "mailbox read",
            ["mailbox": mailbox.name, "messages": all.count, "uidvalidity": state.uidValidity, "first": isFirst])
        noteArrivals(all.map(\.uid), in: mailbox)
    }

    /// Commits changes to the cache, applies them to the mirror and tells the sessions, in this order.
    @discardableResult
    func apply(
        _ updates: [MailboxMirror.Update], to mailbox: LiveMailbox, uidNext: UInt32? = nil,
        upstreamModSeq: ModSeq? = nil
    ) async -> MailboxMirror.Plan {
        await mailbox.changes.enter()
        defer { mailbox.changes.leave() }
        let plan = mailbox.mirror.plan(updates, above: modSeqFloor)
        let isNews =
            uidNext.map { $0 > mailbox.mirror.uidNext } ?? false
            || upstreamModSeq.map { $0 != mailbox.upstreamModSeq } ?? false
        guard !plan.isEmpty || isNews else { return plan }
        do {
            // Once a change was lost, the upstream's count must not say that everything before it is in the cache.
            let upstreamModSeq = mailbox.isCacheBehind ? .zero : upstreamModSeq
            var changes = Self.changes(of: plan, uidNext: uidNext, upstreamModSeq: upstreamModSeq)
            if !mailbox.hasSavedLost { changes.lost = mailbox.mirror.lost.cached }
            try await services.cache.apply(changes, to: mailbox.id)
            mailbox.hasSavedLost = true
        } catch {
            noteCacheFailure(error, mailbox)
        }
        mailbox.mirror.apply(plan)
        if let uidNext { mailbox.mirror.note(uidNext: uidNext) }
        if let upstreamModSeq { mailbox.upstreamModSeq = upstreamModSeq }
        if !plan.isEmpty {
            mailbox.announce()
            noteNews(of: mailbox, plan)
        }
        let added = plan.steps.compactMap { step -> UID? in
            if case .added(let uid, _) = step.update { uid } else { nil }
        }
        noteArrivals(added, in: mailbox)
        foresee(added, in: mailbox)
        return plan
    }

    /// What a connection has reported since it was last asked: expunges, flags, and that there is something new.
    func applyEvents(of line: UpstreamLine) async {
        guard let client = line.client, let mailbox = line.selected else { return }
        var comparisons = 0
        for _ in 1...Self.roundLimit {
            let events = client.takeEvents()
            guard !events.isEmpty else { return }
            var updates: [MailboxMirror.Update] = []
            var hasNew = false
            var isOutOfStep = false
            for event in events {
                switch event {
                case .exists: hasNew = true
                case .expunged(let uid): updates.append(.expunged(uid))
                case .flags(let fetched) where mailbox.mirror.contains(fetched.uid):
                    updates.append(.flags(fetched.uid, FlagSet(fetched.flags)))
                // Whether there is such a message is to be seen, not believed.
                case .flags(let fetched) where fetched.uid.rawValue > mailbox.mirror.lastUID: hasNew = true
                case .flags: isOutOfStep = true
                case .outOfStep: isOutOfStep = true
                case .alert(let text): log.notice("upstream alert", ["text": text])
                }
            }
            await apply(updates, to: mailbox)
            if isOutOfStep {
                comparisons += 1
                guard comparisons <= Self.comparisonLimit else {
                    log.warning("upstream contradicts itself", ["mailbox": mailbox.name])
                    return
                }
                await compareAll(mailbox, client)
            } else if hasNew {
                await fetchNew(mailbox, client)
            }
        }
    }

    /// The upstream's reports could not be followed: compares UIDs and flags of the whole mailbox.
    private func compareAll(_ mailbox: LiveMailbox, _ client: IMAPClient) async {
        do {
            let all = try await client.fetchAllFlags(mayBeEmpty: mailbox.mirror.exists == 0)
            let missing = Self.missing(from: NumberSet(all.map(\.uid)), in: mailbox.mirror)
            await apply(all.map(Self.update) + missing, to: mailbox)
        } catch {
            log.warning("mailbox could not be compared", ["mailbox": mailbox.name, "reason": "\(error)"])
        }
    }

    /// Looks at messages above those known.
    private func fetchNew(_ mailbox: LiveMailbox, _ client: IMAPClient) async {
        do {
            let new = try await client.fetchFlags(fromUID: mailbox.mirror.lastUID + 1)
            await apply(new.map(Self.update), to: mailbox)
        } catch {
            log.warning("new messages could not be looked at", ["mailbox": mailbox.name, "reason": "\(error)"])
        }
    }

    /// The clock in microseconds: every change gets a mod-sequence above it. What was told before the cache was deleted,
    /// or before a power cut took its last commits, is thus below what is told after, unless the clock was set back
    /// meanwhile.
    var modSeqFloor: ModSeq { ModSeq(services.clock.now) }

    static func update(_ fetched: FetchedFlags) -> MailboxMirror.Update { .added(fetched.uid, FlagSet(fetched.flags)) }

    private static func missing(from present: NumberSet, in mirror: MailboxMirror) -> [MailboxMirror.Update] {
        mirror.uids(in: mirror.uidSet).filter { !present.contains($0) }.map { .expunged($0) }
    }

    private static func changes(
        of plan: MailboxMirror.Plan, uidNext: UInt32?, upstreamModSeq: ModSeq?
    ) -> MailboxChanges {
        var changes = MailboxChanges(highestModSeq: plan.highestModSeq)
        changes.uidNext = uidNext
        changes.upstreamModSeq = upstreamModSeq
        for step in plan.steps {
            switch step.update {
            case .added(let uid, let flags):
                changes.added.append(.init(uid: uid, flags: flags.flags, modSeq: step.modSeq))
            case .flags(let uid, let flags):
                changes.flags.append(.init(uid: uid, flags: flags.flags, modSeq: step.modSeq))
            case .expunged(let uid): changes.expunged.append(.init(uid: uid, modSeq: step.modSeq))
            }
        }
        return changes
    }

    /// The cache is only a cache: what it can't take is read again from the upstream another time.
    func noteCacheFailure(_ error: StoreError) {
        services.counters.counter("cache_failures_total").add()
        log.error("cache can't be written", ["reason": "\(error)"])
    }

    /// The same for changes: clients are told of them all the same, and the cache is not to be relied on.
    private func noteCacheFailure(_ error: StoreError, _ mailbox: LiveMailbox) {
        noteCacheFailure(error)
        mailbox.isCacheBehind = true
        faithful.remove(mailbox.id)
    }
}

extension LostNumbers {
    fileprivate var cached: [MailboxChanges.Lost] {
        stretches.map { MailboxChanges.Lost(after: $0.after, through: $0.through) }
    }
}

extension ModSeq {
    /// Microseconds since 1970; 0 before that.
    fileprivate init(_ time: WallClock.Time) {
        self.init(rawValue: UInt64(clamping: time.seconds) * 1_000_000 + UInt64(clamping: time.nanoseconds / 1000))
    }
}
