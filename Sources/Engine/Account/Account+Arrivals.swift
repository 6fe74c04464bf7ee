internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Messages on their way past the scanner.
extension Account {
    /// Messages that wait to be scanned in one mailbox; more are found again later from the journal.
    static let arrivalLimit = 100_000
    /// Waits before a scan that could not be done is tried again.
    static let scanRetry = Duration.seconds(30)
    /// Waits before a message that the upstream has but did not give is asked for again: doubled from the first to the
    /// last.
    static let unreadRetry = Backoff(first: .seconds(5), last: .seconds(3600))

    func isMonitored(_ name: MailboxName) -> Bool { record.monitored.contains(name) }

    /// Messages that are new in a mailbox, or may be: those of a monitored one are to be scanned, as far as the journal
    /// does not say that they were.
    func noteArrivals(_ uids: [UID], in mailbox: LiveMailbox) {
        guard isMonitored(mailbox.name), !uids.isEmpty else { return }
        arrivals[mailbox.id, default: []].append(contentsOf: uids.prefix(Self.arrivalLimit))
        arrivalSignal.raise(.work)
    }

    /// New messages of which more is fetched before somebody asks; of more than these only what is asked for.
    static let foreseenLimit = 500

    /// Messages that are new in a mailbox which somebody has open: she will ask for their headers at once, and so will
    /// everybody else who has it open.
    func foresee(_ uids: [UID], in mailbox: LiveMailbox) {
        guard !mailbox.holds.isEmpty, !uids.isEmpty, uids.count <= Self.foreseenLimit else { return }
        foreseen[mailbox.id, default: []].append(contentsOf: uids)
        arrivalSignal.raise(.work)
    }

    /// Fetches what mail programs list messages by. What can't be had now is had when it is asked for; so is what the
    /// daily byte budget has no room for.
    private func fetchForeseen() async {
        while let (id, uids) = foreseen.popFirst() {
            guard live[id] != nil, standing(.download) == .ample else { continue }
            _ = try? await messages(id, Array(uids.suffix(Self.foreseenLimit)), needs: .listing, way: .arrived)
        }
    }

    /// Scans what arrives, one mailbox after the other, for as long as the account lives.
    func runArrivals() async {
        while !isRetired {
            var failed = false
            await fetchForeseen()
            recallPostponed()
            for id in Array(arrivals.keys) where saving[id] == nil && standing(.download) < .spent {
                guard let uids = arrivals.removeValue(forKey: id), let mailbox = live[id] else { continue }
                let left = await scanArrivals(uids, in: mailbox)
                if !left.isEmpty {
                    arrivals[id, default: []].insert(contentsOf: left, at: 0)
                    failed = true
                }
            }
            // What the daily byte budget holds back waits until it is open again.
            let isHeld = standing(.download) == .spent && !arrivals.isEmpty
            let retry = failed || isHeld ? loop.now + Self.scanRetry : .distantFuture
            let deadline = postponed.lazy.map(\.due).min().map { min($0, retry) } ?? retry
            let isReady = !isHeld && arrivals.keys.contains { saving[$0] == nil }
            if await arrivalSignal.next(until: isReady && !failed ? loop.now : deadline).contains(.shutdown) { return }
        }
    }

    /// Takes up the messages whose wait after failed actions is over.
    private func recallPostponed() {
        let now = loop.now
        for message in postponed where message.due <= now {
            arrivals[message.mailbox, default: []].append(message.uid)
        }
        postponed.removeAll { $0.due <= now }
    }

    /// - Returns: what could not be scanned since the upstream is away, or the daily byte budget is used up.
    private func scanArrivals(_ uids: [UID], in mailbox: LiveMailbox) async -> [UID] {
        let validity = mailbox.mirror.uidValidity
        var rest = uids[...]
        while !rest.isEmpty, !isRetired {
            guard live[mailbox.id] === mailbox, mailbox.mirror.uidValidity == validity else { return [] }
            do {
                let candidates = Array(rest.prefix(Self.metadataBatch))
                let dated = try await messages(mailbox.id, candidates, needs: .internalDate, way: .arrived)
                if let failure = dated.failure, failure.isPassing { return Array(rest) }
                let new = await services.scanner.unscanned(
                    dated.messages.map { ($0.uid, $0.internalDate) }, in: mailbox.name, uidValidity: validity, of: id)
                for batch in new.batches(of: Self.bodyBatch) {
                    let fetched = try await messages(
                        mailbox.id, Array(batch), needs: [.internalDate, .body], way: .arrived)
                    for message in fetched.messages {
                        guard let body = message.body else { continue }
                        await pass(message.uid, message.internalDate, body, of: mailbox, way: .arrived)
                    }
                    if let failure = fetched.failure, failure.isPassing { return Array(rest) }
                    postponeUnread(Array(batch), given: fetched.messages.map(\.uid), in: mailbox)
                }
                rest = rest.dropFirst(candidates.count)
            } catch {
                log.warning("arrived messages can't be read", ["mailbox": mailbox.name, "reason": "\(error)"])
                return Array(rest)
            }
        }
        return []
    }

    /// An upstream that answers oddly may do better later: what it has and did not give is not forgotten.
    private func postponeUnread(_ uids: [UID], given: [UID], in mailbox: LiveMailbox) {
        for uid in given { unread[mailbox.id]?[uid] = nil }
        let given = Set(given)
        for uid in uids where !given.contains(uid) && mailbox.mirror.contains(uid) {
            guard postponed.count < Self.arrivalLimit else { return }
            unread[mailbox.id, default: [:]][uid, default: 0] += 1
            let failures = unread[mailbox.id]?[uid] ?? 1
            let wait = Self.unreadRetry.delay(afterFailures: failures)
            postponed.append(PostponedScan(due: loop.now + wait, mailbox: mailbox.id, uid: uid))
            log.warning("arrived message can't be read", ["mailbox": mailbox.name, "uid": uid, "retry_in": wait])
        }
    }

    /// Shows a message to the scanner.
    /// - Returns: whether clients may see it.
    @discardableResult
    func pass(
        _ uid: UID, _ internalDate: Moment?, _ body: MessageBody, of mailbox: LiveMailbox, way: Passage.Way
    ) async -> Bool {
        let place = JournalPlace(mailbox: mailbox.name, uidValidity: mailbox.mirror.uidValidity, uid: uid)
        let outcome = await services.scanner.pass(
            Passage(
                account: id, way: way, place: place, internalDate: internalDate, message: body,
                use: known[mailbox.name]?.listing.specialUse, flags: mailbox.mirror.flags(of: uid)?.flags ?? []))
        switch outcome {
        case .passed: return true
        case .scanned(let folder, let marksSeen):
            await settle(uid, of: mailbox, in: folder, marksSeen: marksSeen)
            return true
        case .failed(let folder, let isHeld, let wait):
            if postponed.count < Self.arrivalLimit,
                !postponed.contains(where: { $0.mailbox == mailbox.id && $0.uid == uid })
            {
                postponed.append(PostponedScan(due: loop.now + wait, mailbox: mailbox.id, uid: uid))
                arrivalSignal.raise(.work)
            }
            await settle(uid, of: mailbox, in: folder, marksSeen: false)
            return !isHeld
        }
    }

    /// What happens to a message of a monitored mailbox after its actions: it is marked and moved as configured.
    private func settle(_ uid: UID, of mailbox: LiveMailbox, in folder: MailboxName?, marksSeen: Bool) async {
        guard isMonitored(mailbox.name) else { return }
        do {
            if marksSeen {
                _ = try await store(mailbox.id, NumberSet([uid]), FlagRequest(change: .add, flags: [.seen]))
            }
            guard let folder, folder != mailbox.name else { return }
            try await checkExists(folder)
            _ = try await onLine(mailbox, isRepeatable: false) { (client) async throws(UpstreamError) in
                try await client.move(NumberSet([uid]), to: folder)
            }
            await noteAdditions(in: folder)
        } catch {
            log.warning(
                "scanned message stays where it is", ["mailbox": mailbox.name, "uid": uid, "reason": "\(error)"])
        }
    }
}

extension EngineError {
    /// Whether the same may go well later although nothing is done about it.
    fileprivate var isPassing: Bool {
        switch self {
        case .unavailable, .overBudget: true
        default: false
        }
    }
}

/// A message whose actions failed, and when they are tried again.
struct PostponedScan: Sendable {
    let due: MonotonicTime
    let mailbox: CachedMailbox.ID
    let uid: UID
}
