internal import Loop
internal import MailTypes
internal import SMTPSyntax
internal import Store
internal import Upstream
internal import Vault

/// The way of one account's mail to its submission server from one loop: connections, and the transactions on them.
///
/// Everything lives on that loop. A transaction has a connection of its own from its first recipient to the last answer;
/// between transactions connections wait in the pool.
actor Relay {
    /// What a relay needs of the house.
    struct Services: Sendable {
        let directory: @Sendable () -> Directory
        let vault: Vault
        let authorities: Authorities
        let pool: WorkerPool
        let log: Log
        let hostName: String
        let offers: UpstreamOffers
    }

    /// What came of a message.
    enum Result: Hashable, Sendable {
        /// The upstream's own last word.
        case answered(SMTPReply)
        /// Nothing was accepted, for this reason; it may work later.
        case failed(String)
        /// The connection was lost between the end of data and the answer.
        case unknown(String)
    }

    typealias TransactionID = UInt64
    typealias Reader = @Sendable (Range<Int>) async throws(EngineError) -> [UInt8]

    /// Transactions of one account at a time, on each loop.
    static let transactionLimit = 32

    private final class Transaction {
        var client: SMTPClient
        let mail: SMTPClient.Mail
        var accepted: [EnvelopeRecipient] = []
        init(_ client: SMTPClient, _ mail: SMTPClient.Mail) {
            self.client = client
            self.mail = mail
        }
    }

    let account: AccountID
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let services: Services
    private let log: Log
    private var pool = SMTPClientPool()
    private var transactions: [TransactionID: Transaction] = [:]
    private var lastID: TransactionID = 0
    private var openCount = 0
    private var isTidying = false
    /// The server offers BDAT and does not know it: from then on messages go by DATA.
    private var avoidsChunks = false
    /// Lets one who wants to know what the server offers through at a time.
    private let asking = Turnstile()
    /// When the server could not be asked.
    private var askedInVain: (route: Route, at: MonotonicTime)?
    /// How long it is not asked again then.
    private static let askingPause = Duration.seconds(60)
    /// What the connections that wait were made with.
    private var lastRoute: Route?

    /// What decides where a connection goes and who signs in on it.
    private struct Route: Hashable {
        let account: AccountRecord
        let server: Server
    }

    init(account: AccountID, name: String, loop: EventLoop, services: Services) {
        self.account = account
        self.loop = loop
        self.services = services
        log = services.log.with(["account": name])
    }

    // MARK: Envelope

    /// Begins a transaction with as many recipients as are known.
    /// - Returns: its number, nil when MAIL was refused or nobody could be asked; and the answers.
    func open(
        _ mail: SMTPClient.Mail, _ recipients: [EnvelopeRecipient]
    ) async -> (id: TransactionID?, answer: SMTPClient.EnvelopeAnswer) {
        guard openCount < Self.transactionLimit else { return refused(.tooMuchAtOnce, recipients) }
        do throws(SMTPFailure) {
            return try await tryOpen(mail, recipients)
        } catch {
            log.warning("submission server can't be used", ["reason": error])
            return refused(SMTPReply(unusable: error), recipients)
        }
    }

    /// The same for a caller who tries again by itself and knows how many transactions it opens.
    /// - Throws: why nobody could be asked.
    func tryOpen(
        _ mail: SMTPClient.Mail, _ recipients: [EnvelopeRecipient]
    ) async throws(SMTPFailure) -> (id: TransactionID?, answer: SMTPClient.EnvelopeAnswer) {
        openCount += 1
        let client: SMTPClient
        let answer: SMTPClient.EnvelopeAnswer
        do throws(SMTPFailure) {
            (client, answer) = try await begin(mail, recipients)
        } catch {
            openCount -= 1
            throw error
        }
        guard answer.mail.isPositive else {
            openCount -= 1
            await release(client, needsReset: true)
            return (nil, answer)
        }
        if mail.isBinary, avoidsChunks {
            openCount -= 1
            await release(client, needsReset: true)
            return refused(SMTPClient.noBinaryMIME, recipients)
        }
        lastID += 1
        let transaction = Transaction(client, mail)
        transactions[lastID] = transaction
        note(recipients, answer.recipients, in: transaction)
        return (lastID, answer)
    }

    /// Adds recipients to a transaction.
    func add(_ id: TransactionID, _ recipients: [EnvelopeRecipient]) async -> [SMTPReply] {
        guard let transaction = transactions[id] else { return recipients.map { _ in .connectionLost } }
        do throws(SMTPFailure) {
            let answers = try await transaction.client.add(recipients).map(\.relayed)
            note(recipients, answers, in: transaction)
            return answers
        } catch {
            log.notice("submission connection lost", ["reason": error])
            return await again(transaction, recipients)
        }
    }

    /// The same transaction on a new connection, after the old one was lost before anything was accepted.
    private func again(_ transaction: Transaction, _ recipients: [EnvelopeRecipient]) async -> [SMTPReply] {
        do throws(SMTPFailure) {
            try await reopen(transaction)
            let answers = try await transaction.client.add(recipients).map(\.relayed)
            note(recipients, answers, in: transaction)
            return answers
        } catch {
            log.warning("submission server can't be used", ["reason": error])
            return recipients.map { _ in SMTPReply(unusable: error) }
        }
    }

    private func note(_ recipients: [EnvelopeRecipient], _ answers: [SMTPReply], in transaction: Transaction) {
        for (recipient, answer) in zip(recipients, answers) where answer.isPositive {
            transaction.accepted.append(recipient)
        }
    }

    private func refused(
        _ reply: SMTPReply, _ recipients: [EnvelopeRecipient]
    ) -> (id: TransactionID?, answer: SMTPClient.EnvelopeAnswer) {
        (nil, SMTPClient.EnvelopeAnswer(mail: reply, recipients: recipients.map { _ in reply }))
    }

    // MARK: Message

    /// Sends the message to the recipients that were accepted, and ends the transaction.
    func send(_ id: TransactionID, size: Int, read: Reader) async -> Result {
        guard let transaction = transactions[id] else { return .failed("the transaction is gone") }
        defer { forget(id) }
        var attempt = 1
        while true {
            do throws(SMTPFailure) {
                if attempt > 1 { try await reopen(transaction) }
                let client = transaction.client
                let isBinary = transaction.mail.isBinary
                if !isBinary, !client.capabilities.eightBitMIME, try await needsEightBits(size, read) {
                    await release(client, needsReset: true)
                    return .answered(.conversionNeeded)
                }
                let reply = try await client.send(size: size, isBinary: isBinary, mayChunk: !avoidsChunks) {
                    (range) async throws(SMTPFailure) in try await Self.read(range, read)
                }
                // A server that closes has not taken the message; another connection may be luckier.
                if reply.code == 421, attempt == 1 { throw .lost(reply.description) }
                if client.capabilities.chunking, !avoidsChunks, reply.code == 500 || reply.code == 502 {
                    log.notice("submission server does not know BDAT, which it offers", ["reply": reply])
                    avoidsChunks = true
                    if isBinary {
                        client.close()
                        return .answered(.noBinary)
                    }
                    try await reopen(transaction)
                    continue
                }
                await release(client, needsReset: !reply.isPositive)
                return .answered(reply.relayed)
            } catch {
                transaction.client.close()
                switch error {
                case .lost where attempt == 1:
                    log.notice("submission connection lost", ["reason": error])
                    attempt += 1
                case .unknown(let text): return .unknown(text)
                default: return .failed(error.description)
                }
            }
        }
    }

    private static func read(_ range: Range<Int>, _ read: Reader) async throws(SMTPFailure) -> [UInt8] {
        do throws(EngineError) {
            return try await read(range)
        } catch {
            throw .local("the message can't be read: \(error)")
        }
    }

    /// Whether an octet of the message has its eighth bit set (RFC 6152 §3: not to be sent to a server that did not
    /// offer 8BITMIME).
    private func needsEightBits(_ size: Int, _ read: Reader) async throws(SMTPFailure) -> Bool {
        var offset = 0
        while offset < size {
            let piece = try await Self.read(offset..<min(offset + SMTPClient.pieceSize, size), read)
            if piece.contains(where: { $0 >= 0x80 }) { return true }
            guard !piece.isEmpty else { return false }
            offset += piece.count
        }
        return false
    }

    /// Gives a transaction up.
    func abandon(_ id: TransactionID) async {
        guard let transaction = transactions[id] else { return }
        forget(id)
        await release(transaction.client, needsReset: true)
    }

    private func forget(_ id: TransactionID) {
        if transactions.removeValue(forKey: id) != nil { openCount -= 1 }
    }

    // MARK: Connections

    /// Begins a transaction on a waiting connection, or on a new one. A waiting one that turns out dead is no failure.
    private func begin(
        _ mail: SMTPClient.Mail, _ recipients: [EnvelopeRecipient]
    ) async throws(SMTPFailure) -> (SMTPClient, SMTPClient.EnvelopeAnswer) {
        let route = try route()
        if route != lastRoute {
            // Configured otherwise since: those that wait go to the wrong place, or are signed in as somebody else.
            for client in pool.drain() { client.close() }
            lastRoute = route
            avoidsChunks = false
        }
        while let client = pool.take(at: loop.now) {
            do throws(SMTPFailure) {
                let answer = try await client.begin(mail, recipients: recipients)
                if answer.mail.code != 421 { return (client, answer.relayed) }
                client.close()
            } catch {
                client.close()
            }
        }
        let client = try await connect(route)
        do throws(SMTPFailure) {
            return (client, try await client.begin(mail, recipients: recipients).relayed)
        } catch {
            client.close()
            throw error
        }
    }

    /// A new connection with the same sender and the recipients that were accepted, all of which have to be again.
    private func reopen(_ transaction: Transaction) async throws(SMTPFailure) {
        transaction.client.close()
        let (client, answer) = try await begin(transaction.mail, transaction.accepted)
        transaction.client = client
        guard answer.mail.isPositive, answer.recipients.allSatisfy(\.isPositive) else {
            throw .local("the submission server has changed its mind about the sender or a recipient")
        }
    }

    /// Where the account's mail goes, as it is configured now.
    private func route() throws(SMTPFailure) -> Route {
        let directory = services.directory()
        guard let account = directory.account(account), let server = directory.server(named: account.server) else {
            throw .local("the account is gone")
        }
        return Route(account: account.value, server: server.value)
    }

    private func connect(_ route: Route) async throws(SMTPFailure) -> SMTPClient {
        let connector = SMTPConnector(
            account: route.account, server: route.server, vault: services.vault, authorities: services.authorities,
            pool: services.pool, hostName: services.hostName)
        let client = try await connector.connect(on: loop)
        services.offers.note(client, of: route.server)
        return client
    }

    /// Learns what the upstream offers; the connection waits for a message. Many who ask at once are one, and an upstream
    /// that can't be asked is left alone for a while.
    func ask() async {
        await asking.enter()
        defer { asking.leave() }
        guard let route = try? route(), services.offers.offer(of: route.server) == nil else { return }
        if let askedInVain, askedInVain.route == route, loop.now < askedInVain.at + Self.askingPause { return }
        do throws(SMTPFailure) {
            await release(try await connect(route), needsReset: false)
            askedInVain = nil
        } catch {
            askedInVain = (route, loop.now)
            log.info("submission server can't be asked what it offers", ["reason": error])
        }
    }

    /// Gives a connection back to the pool, or ends it.
    private func release(_ client: SMTPClient, needsReset: Bool) async {
        if needsReset, client.isUsable {
            do throws(SMTPFailure) { try await client.reset() } catch { client.close() }
        }
        if pool.give(client, at: loop.now) {
            tidy()
        } else {
            await client.quit()
        }
    }

    /// Ends connections that have waited too long, as long as any waits.
    private func tidy() {
        guard !isTidying else { return }
        isTidying = true
        loop.spawn { _ in await self.tidyUp() }
    }

    private func tidyUp() async {
        while let expiry = pool.nextExpiry {
            guard await loop.sleep(until: expiry) else { break }
            for client in pool.expired(at: loop.now) { await client.quit() }
        }
        isTidying = false
        if loop.isStopping { close() }
    }

    /// Ends every connection that waits. Transactions that are open end by themselves.
    func close() {
        for client in pool.drain() { client.close() }
    }
}
