internal import Loop
internal import MailTypes
internal import Store

/// The deliverers of the house: one for each account that has something queued, on the account's loop.
final class Outbox: Sendable {
    private struct State {
        var deliverers: [AccountID: Deliverer] = [:]
        var isStopping = false
    }

    private let state = Locked(State())
    private let loops: [EventLoop]

    init(loops: [EventLoop]) { self.loops = loops }

    /// Has an account's deliverer look for what is due.
    func wake(_ account: AccountID, _ engine: Engine) {
        let deliverer = state.withLock { state -> Deliverer? in
            guard !state.isStopping else { return nil }
            if let deliverer = state.deliverers[account] { return deliverer }
            let loop = loops[Int(account.rawValue) % loops.count]
            let deliverer = Deliverer(account: account, loop: loop, engine: engine)
            state.deliverers[account] = deliverer
            return deliverer
        }
        deliverer?.wake()
    }

    /// Wakes the deliverers of all accounts with something to be done: because its time has come, or because another
    /// process has asked for it.
    func look(_ engine: Engine) async {
        let now = engine.moment
        do {
            let accounts = try await engine.store.read { reader throws(StoreError) in
                try reader.accountsWithDueOutbox(at: now)
            }
            for account in accounts { wake(account, engine) }
        } catch {
            engine.log.error("the outbox can't be read", ["reason": "\(error)"])
        }
    }

    /// After a start: of what was being sent when the process ended nobody knows who has got it.
    func recover(_ engine: Engine) async {
        let now = engine.moment
        let reason = "the process ended before the upstream's answer was noted"
        do {
            let count = try await engine.store.transaction { transaction throws(StoreError) in
                let rows = try transaction.outbox(state: .sending, limit: .max)
                for row in rows {
                    var entry = row.entry
                    entry.conclude(.unknown(reason))
                    entry.settle(at: now)
                    try transaction.update(row.id, entry)
                    try transaction.noteUnknown(entry, because: reason, at: now)
                }
                return rows.count
            }
            if count > 0 { engine.log.warning("queued messages have an unknown outcome", ["messages": count]) }
        } catch {
            engine.log.error("what was being sent can't be looked up", ["reason": "\(error)"])
        }
    }

    /// Begins nothing more, and waits a while for what is under way.
    func stop() async {
        let deliverers = state.withLock { state in
            state.isStopping = true
            defer { state.deliverers = [:] }
            return Array(state.deliverers.values)
        }
        for deliverer in deliverers { await deliverer.stop() }
    }
}
