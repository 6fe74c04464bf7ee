internal import Loop
internal import MailTypes
internal import Store

/// The copy of one message that was sent. Whatever happens to it, the message is on its way: a failure is tried again
/// and logged, and never told to the sender.
struct SentCopy: Sendable {
    /// The waits before each further attempt.
    static let retries: [Duration] = [.seconds(5), .seconds(30), .seconds(120), .seconds(600), .seconds(3600)]

    private let engine: Engine
    private let account: AccountID
    private let message: MessageBody
    private let messageID: String
    private let identity: [UInt8]
    private let journal: JournalID

    init(_ engine: Engine, _ prepared: PreparedSubmission) {
        self.engine = engine
        account = prepared.account
        message = prepared.message
        messageID = prepared.messageID
        identity = prepared.identity
        journal = prepared.journal
    }

    /// Begins to save, on the account's loop. A copy that the client saves meanwhile waits until the first attempt is
    /// over, and is then told of ours.
    func begin(_ prepared: PreparedSubmission) {
        guard prepared.copy == .missing || prepared.copy == .saving, let account = engine.account(account) else {
            return
        }
        // Let go of as soon as the attempt is over, not when the task is.
        let flight = Locked<Flights.Hold?>(prepared.flight)
        account.loop.spawn { context in await self.run(account, flight, on: context.loop) }
    }

    private func run(_ account: Account, _ flight: Locked<Flights.Hold?>, on loop: EventLoop) async {
        var isSaved = await attempt(account, isFirst: true)
        flight.withLock { $0 = nil }
        for wait in Self.retries where !isSaved {
            guard await loop.sleep(until: loop.now + wait) else { break }
            let again = await engine.scanner.flights.take(self.account, identity)
            isSaved = await attempt(account, isFirst: false)
            withExtendedLifetime(again) {}
        }
        if !isSaved { log.error("a Sent copy could not be saved", ["message": messageID]) }
    }

    /// True when there is a copy.
    private func attempt(_ account: Account, isFirst: Bool) async -> Bool {
        if !isFirst, await clientHasSavedIt() { return true }
        do throws(EngineError) {
            let copy = try await account.saveSentCopy(
                SentLetter(message: message, identity: identity, messageID: messageID, mayBeThere: !isFirst))
            switch copy {
            case .saved(let place):
                await engine.scanner.noteCopy(
                    .savedByPosthouse, of: identity, in: self.account, journal: journal, at: place)
            case .alreadyThere:
                await engine.scanner.noteCopy(.savedByClient, of: identity, in: self.account, journal: journal, at: nil)
            }
            return true
        } catch {
            log.warning("a Sent copy was not saved yet", ["message": messageID, "reason": "\(error)"])
            return false
        }
    }

    private func clientHasSavedIt() async -> Bool {
        let (account, identity) = (account, identity)
        let mark = try? await engine.store.read { reader throws(StoreError) in
            try reader.sentMark(account: account, identity: identity)
        }
        return mark?.copy == .savedByClient
    }

    private var log: Log { engine.log.with(["account": engine.directory.account(account)?.name ?? "?"]) }
}
