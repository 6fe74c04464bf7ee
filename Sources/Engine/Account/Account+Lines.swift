internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Connections to the upstream: who uses which, when one is made, and what happens when one is lost (D7).
extension Account {
    /// Waits between attempts to reach an upstream that is away: doubled from the first to the last, with jitter.
    static let firstRetry = Duration.seconds(1)
    static let lastRetry = Duration.seconds(300)
    /// A connection that stays unused this long is closed, unless it watches a mailbox.
    static let lineIdleLimit = Duration.seconds(120)

    /// Runs `body` on a connection that has `mailbox` selected, or on any when it is nil. Events that the upstream
    /// sends meanwhile are applied before this returns.
    ///
    /// - Parameters:
    ///   - isRepeatable: whether `body` may run again on a new connection when the old one turns out dead.
    ///   - isWatcher: whether the line's own watcher asks, who makes way for everybody else.
    ///   - epoch: in which the UIDs that `body` names hold; a mailbox that turns out to be another is left alone.
    /// - Throws: `.unavailable` when the upstream can't be reached, `.newEpoch` when the mailbox is another one, else what
    ///   the upstream said.
    func onLine<Value>(
        _ mailbox: LiveMailbox? = nil, in epoch: MailboxMirror.Epoch? = nil, isRepeatable: Bool = true,
        isWatcher: Bool = false, _ body: (IMAPClient) async throws(UpstreamError) -> Value
    ) async throws(EngineError) -> Value {
        let line = pickLine(for: mailbox)
        await line.turnstile.enter { line.client?.interrupt() }
        defer {
            line.countOctets()
            if server.hasDailyBudget { noteBudgets() }
            line.turnstile.leave()
            if !isWatcher {
                line.usedAt = loop.now
                if line.watched != nil || line.client?.hasNotify == true { line.wake.raise(.work) }
            }
        }
        let wasConnected = line.client != nil
        do {
            return try await use(line, mailbox, epoch, body)
        } catch {
            guard case .connectionLost = error, wasConnected, isRepeatable, !isRetired else {
                throw failure(error, mailbox, epoch)
            }
        }
        do {
            return try await use(line, mailbox, epoch, body)
        } catch {
            throw failure(error, mailbox, epoch)
        }
    }

    private func failure(
        _ error: UpstreamError, _ mailbox: LiveMailbox?, _ epoch: MailboxMirror.Epoch?
    ) -> EngineError {
        epoch == nil || epoch == mailbox?.mirror.epoch ? EngineError(error) : .newEpoch
    }

    /// The same on a given line that nobody else uses now.
    func use<Value>(
        _ line: UpstreamLine, _ mailbox: LiveMailbox?, _ epoch: MailboxMirror.Epoch?,
        _ body: (IMAPClient) async throws(UpstreamError) -> Value
    ) async throws(UpstreamError) -> Value {
        do throws(UpstreamError) {
            let client = try await ready(line)
            if let mailbox { try await select(mailbox, on: line, client) }
            guard epoch == nil || epoch == mailbox?.mirror.epoch else {
                throw UpstreamError.refused(code: nil, text: "the mailbox has become another one meanwhile")
            }
            let value = try await body(client)
            await applyEvents(of: line)
            applyNews(of: line)
            return value
        } catch {
            if let pause = ServerQuirks.suggestedPause(in: error.description) { rest(for: pause, error, on: line) }
            if error.endsConnection {
                line.drop()
                log.warning("upstream connection lost", ["line": line.number, "reason": "\(error)"])
            } else {
                await applyEvents(of: line)
            }
            throw error
        }
    }

    /// The line that has the mailbox, else a free one, else a new one within the limit, else the least recently used.
    func pickLine(for mailbox: LiveMailbox?) -> UpstreamLine {
        let limit = max(1, server.connectionLimit)
        if let mailbox, let line = mailbox.line { return line.watched == nil ? claim(line, for: mailbox, limit) : line }
        if let mailbox, let line = lines.first(where: { $0.watched === mailbox }) { return line }
        let general = lines.filter { $0.watched == nil }
        if let line = general.first(where: { $0.isFree || $0.isLookingOut && $0.turnstile.waitingCount == 0 }) {
            return claim(line, for: mailbox, limit)
        }
        if lines.count < limit {
            let line = UpstreamLine(number: lines.count + 1, loop: loop, traffic: traffic)
            lines.append(line)
            startWatcher(of: line)
            return claim(line, for: mailbox, limit)
        }
        if let line = general.min(by: { $0.turnstile.waitingCount < $1.turnstile.waitingCount }) { return line }
        let unwatchable = lines.min {
            ($0.watched?.isWanted == true ? 1 : 0, $0.usedAt) < ($1.watched?.isWanted == true ? 1 : 0, $1.usedAt)
        }
        guard let line = unwatchable else { preconditionFailure("an account has at least one line") }
        return line
    }

    /// Lets the line watch the mailbox it is wanted for, as long as one line is left for everything else.
    private func claim(_ line: UpstreamLine, for mailbox: LiveMailbox?, _ limit: Int) -> UpstreamLine {
        if let mailbox, mailbox.isWanted {
            let watching = lines.count { $0.watched != nil }
            if watching < max(1, limit - 1) { line.watched = mailbox }
        }
        return line
    }

    /// The line's connection, made when there is none.
    func ready(_ line: UpstreamLine) async throws(UpstreamError) -> IMAPClient {
        if let client = line.client, client.checkUsable() { return client }
        line.drop()
        guard !isRetired else { throw .unreachable("the account is being closed") }
        if let next = outage.nextAttempt, next > loop.now { throw .unreachable(outage.reason) }
        do {
            let client = try await connector.connect(on: loop)
            line.client = client
            let abilities = UpstreamAbilities(isGmail: client.hasGmailItems, hasObjectIDs: client.hasObjectIDs)
            self.abilities.withLock { $0 = abilities }
            if outage.failures > 0 { log.notice("upstream is back", ["host": server.name, "after": outage.failures]) }
            outage = Outage()
            return client
        } catch {
            noteFailure(error)
            throw error
        }
    }

    /// Leaves the upstream alone for as long as it asked for; what is cached stays readable.
    private func rest(for pause: Duration, _ error: UpstreamError, on line: UpstreamLine) {
        line.drop()
        outage.failures += 1
        outage.reason = error.description
        outage.nextAttempt = loop.now + pause
        log.warning("upstream wants to be left alone", ["reason": "\(error)", "retry_in": pause])
    }

    /// Remembers that the upstream is away, and until when it is left alone.
    private func noteFailure(_ error: UpstreamError) {
        outage.failures += 1
        outage.reason = error.description
        let delay = max(
            connector.retryDelay(afterFailures: outage.failures),
            ServerQuirks.suggestedPause(in: error.description) ?? .zero)
        outage.nextAttempt = loop.now + delay
        log.warning("upstream can't be used", ["reason": "\(error)", "failures": outage.failures, "retry_in": delay])
    }

    /// Whether the upstream was reached when it was last needed.
    var isOnline: Bool { outage.nextAttempt == nil }
}
