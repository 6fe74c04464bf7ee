internal import Loop
internal import MailTypes
internal import Store

/// The copy of one message that was sent. Whatever happens to it, the message is on its way: a failure is tried again
/// and logged, and never told to the sender. The message is kept in the store until its copy is saved, so that a copy
/// that is still owed when the program ends is saved after its next start.
struct SentCopy: Sendable {
    /// The waits before further attempts; the last comes again and again.
    static let retries: [Duration] = [.seconds(5), .seconds(30), .seconds(120), .seconds(600), .seconds(3600)]

    private let engine: Engine
    private let account: AccountID
    private let messageID: String
    private let identity: [UInt8]
    /// Where the message is kept; nil when the store could not take it.
    private let content: ContentDigest?

    private init(
        _ engine: Engine, _ account: AccountID, _ messageID: String, _ identity: [UInt8], _ content: ContentDigest?
    ) {
        self.engine = engine
        self.account = account
        self.messageID = messageID
        self.identity = identity
        self.content = content
    }

    /// Begins to save, on the account's loop. A copy that the client saves meanwhile waits until the first attempt is
    /// over, and is then told of ours.
    static func begin(_ prepared: PreparedSubmission, _ engine: Engine) {
        guard prepared.copy == .missing || prepared.copy == .saving,
            let account = engine.account(prepared.account)
        else { return }
        let copy = SentCopy(
            engine, prepared.account, prepared.messageID, prepared.identity, prepared.owed?.content)
        // Let go of as soon as the attempt is over, not when the task is.
        let flight = Locked<Flights.Hold?>(prepared.flight)
        let message = Locked<MessageBody?>(prepared.message)
        account.loop.spawn { context in
            let isSaved = await copy.attempt(message.withLock { $0 }, isFirst: true)
            flight.withLock { $0 = nil }
            if copy.content != nil { message.withLock { $0 = nil } }
            if !isSaved { await copy.retry(context.loop, message.withLock { $0 }) }
        }
    }

    /// Saves the copies that were owed when the program ended, on the loops of their accounts, one after the other.
    static func resume(_ engine: Engine) async {
        let marks: [SentMark]
        do {
            marks = try await engine.store.read { reader throws(StoreError) in try reader.openSentMarks() }
                .filter { $0.content != nil && $0.relay == .accepted }
        } catch {
            engine.log.error("owed Sent copies can't be looked up", ["reason": "\(error)"])
            return
        }
        for (account, owed) in Dictionary(grouping: marks, by: \.account) {
            guard let loop = engine.account(account)?.loop else { continue }
            loop.spawn { _ in
                var left = owed.map { SentCopy(engine, account, $0.messageID, $0.identity, $0.content) }
                var waits = Waits()
                while await hasBudget(engine, account, on: loop) {
                    var failed: [SentCopy] = []
                    for copy in left where await !copy.attempt(nil, isFirst: false) { failed.append(copy) }
                    left = failed
                    guard !left.isEmpty, await loop.sleep(until: loop.now + waits.next()),
                        engine.account(account) != nil
                    else { return }
                }
            }
        }
    }

    private func retry(_ loop: EventLoop, _ message: MessageBody?) async {
        var waits = Waits()
        while await loop.sleep(until: loop.now + waits.next()), await Self.hasBudget(engine, account, on: loop) {
            if await attempt(message, isFirst: false) { return }
        }
        log.warning("a Sent copy is still owed", ["message": messageID])
    }

    /// Waits until the daily byte budget has room; false when the account or the program ends before.
    private static func hasBudget(_ engine: Engine, _ account: AccountID, on loop: EventLoop) async -> Bool {
        while let running = engine.account(account) {
            guard await running.standing(.upload) == .spent else { return true }
            guard await loop.sleep(until: loop.now + engine.configuration.trafficInterval) else { return false }
        }
        return false
    }

    private struct Waits {
        private var count = 0

        mutating func next() -> Duration {
            defer { count += 1 }
            return retries[min(count, retries.count - 1)]
        }
    }

    /// - Parameter message: nil when it is kept in the store.
    /// - Returns: whether nothing is left to be done.
    private func attempt(_ message: MessageBody?, isFirst: Bool) async -> Bool {
        guard let account = engine.account(account) else { return false }
        do throws(EngineError) {
            let body: MessageBody
            if isFirst, let message {
                body = message
            } else {
                // Nobody else deals with the message meanwhile.
                let flight = await engine.scanner.flights.take(self.account, identity)
                defer { withExtendedLifetime(flight) {} }
                guard let owed = try await owed(message) else { return true }
                return try await save(owed, in: account, isFirst: false)
            }
            return try await save(body, in: account, isFirst: true)
        } catch {
            log.warning("a Sent copy was not saved yet", ["message": messageID, "reason": "\(error)"])
            return false
        }
    }

    private func save(
        _ message: MessageBody, in account: Account, isFirst: Bool
    ) async throws(EngineError) -> Bool {
        let copy = try await account.saveSentCopy(
            SentLetter(message: message, identity: identity, messageID: messageID, mayBeThere: !isFirst))
        switch copy {
        case .saved(let place):
            await engine.scanner.noteCopy(.savedByPosthouse, of: identity, in: self.account, at: place)
        case .upstreams(let place):
            if place == nil { log.info("the upstream's own Sent copy was not seen yet", ["message": messageID]) }
            await engine.scanner.noteCopy(.savedByUpstream, of: identity, in: self.account, at: place)
        case .alreadyThere:
            await engine.scanner.noteCopy(.savedByClient, of: identity, in: self.account, at: nil)
        }
        return true
    }

    /// The message, unless its copy has been saved by now.
    private func owed(_ message: MessageBody?) async throws(EngineError) -> MessageBody? {
        let (account, identity) = (account, identity)
        do throws(StoreError) {
            let mark = try await engine.store.read { reader throws(StoreError) in
                try reader.sentMark(account: account, identity: identity)
            }
            if let mark, mark.copy != .missing, mark.copy != .saving { return nil }
            if let message { return message }
            guard let content = mark?.content ?? content else { return nil }
            return try await MessageBody(stored: content, in: engine.store)
        } catch { throw EngineError(error) }
    }

    private var log: Log { engine.log.with(["account": engine.directory.account(account)?.name ?? "?"]) }
}
