internal import Bytes
internal import Loop
internal import MIME
internal import MailTypes
internal import SMTPSyntax
internal import Store
internal import Vault

/// Telling a sender what became of her message, and giving up.
extension Deliverer {
    /// How long a report that can't be saved waits to be tried again.
    static let reportRetry = Duration.seconds(300)

    /// Gives up those who have waited long enough.
    func giveUp(_ row: OutboxRow) async {
        var given = row
        given.entry.giveUp()
        given.entry.settle(at: now)
        log.notice("queued message given up", ["queue": row.id, "message": row.entry.messageID])
        let message = try? await MessageBody(stored: row.entry.content, in: engine.store)
        await commit(given, from: row.entry, message)
    }

    /// Reports those who did not get the message, and those for whom it went on to where no reports come from.
    func report(_ row: OutboxRow) async {
        let (next, now) = (now.advanced(by: Self.reportRetry), now)
        var told: [Int] = []
        var isTold = true
        for kind in [DeliveryReport.Kind.failure, .relayed] {
            let places = row.entry.untold(kind)
            if await tell(row, kind, places) { told += places } else { isTold = false }
        }
        let places = told
        let isDone = isTold
        await change(row.id, from: row.entry.state) { _, entry in
            for place in places { entry.recipients[place].isReported = true }
            entry.reportAt = isDone ? nil : next
            if isDone { entry.oweReport(at: now) }
        }
    }

    /// Reports that the message still waits.
    func warn(_ row: OutboxRow) async {
        let isTold = await tell(row, .delay, row.entry.untold(.delay))
        let next = now.advanced(by: Self.reportRetry)
        await change(row.id, from: .waiting) { _, entry in entry.warnAt = isTold ? nil : next }
    }

    /// Saves a report in the sender's INBOX.
    /// - Returns: whether nothing is left to be done.
    private func tell(_ row: OutboxRow, _ kind: DeliveryReport.Kind, _ places: [Int]) async -> Bool {
        guard let sender = row.entry.sender, !places.isEmpty else { return true }
        guard let running = engine.account(account) else {
            let server = engine.directory.account(account).flatMap { engine.directory.server(named: $0.server) }
            guard let server, server.imap == nil else { return false }
            log.error("a sender without a mailbox can't be told about her message", ["queue": row.id])
            return true
        }
        do {
            let message = try await MessageBody(stored: row.entry.content, in: engine.store)
            let header = try await message.read(message.structure.root.header.prefix(GatheredMessage.headerLimit))
            // RFC 8689 §5: what requires TLS does not come back whole.
            let isWhole =
                kind == .failure && row.entry.returns == .full && !row.entry.requiresTLS && !row.entry.isBinary
                && message.size <= DeliveryReport.returnLimit
            let original = isWhole ? try await message.read(0..<message.size) : nil
            let unique = engine.vault.mac(
                "delivery report",
                Array("\(row.id) \(kind) \(row.entry.created)".utf8)
                    + Array("\(row.entry.giveUpAt) \(places)".utf8)
            ).prefix(16).hexadecimal
            let report = DeliveryReport(
                kind: kind, entry: row.entry, places: places, sender: sender,
                hostName: engine.configuration.hostName, unique: unique)
            let moment = Moment(seconds: now.seconds, zone: WallClock.zone(at: now.seconds))
            try await running.saveReport(
                MessageBody(octets: report.message(about: header, whole: original, at: moment)),
                messageID: report.messageID)
            log.info("sender told about a queued message", ["queue": row.id, "report": "\(kind)"])
            return true
        } catch {
            log.warning("a report can't be saved yet", ["queue": row.id, "reason": "\(error)"])
            return false
        }
    }
}

extension Account {
    /// Saves a report in INBOX, unless an earlier attempt whose answer was lost has done so. Its actions, if INBOX is
    /// monitored, are for its arrival to run.
    func saveReport(_ report: MessageBody, messageID: String) async throws(EngineError) {
        try demandBudget(.upload)
        guard try await find(messageID, in: .inbox) == nil else { return }
        _ = try await save(report, [], nil, to: .inbox)
        await noteAdditions(in: .inbox)
    }
}

extension MessageBody {
    /// A message in memory.
    init(octets: [UInt8]) {
        var scanner = MessageScanner()
        scanner.feed(octets)
        self.init(structure: scanner.finish(), inline: octets) { (range) in Array(octets[range]) }
    }
}
