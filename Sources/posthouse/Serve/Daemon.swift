internal import Configuration
internal import Engine
internal import HTTPClient
internal import Loop
internal import OAuth
internal import Store
internal import TLS
internal import Vault
internal import YAML

/// The running program: everything wired together, from the first line to the last.
final class Daemon: Sendable {
    /// Threads for work that blocks: name look-ups, key derivation, SASL steps.
    static let workerCount = 4

    /// What is left to the accounts, and then to the loops, when the sessions have ended.
    static let lastPatience: Duration = .seconds(1)

    let log: Log
    let configurationPath: String
    let settings: Locked<ProcessSettings>
    let notice = ServiceNotice()
    let pool: WorkerPool
    private let loops: [EventLoop]
    let vault: Vault
    let store: Store
    private let cache: Cache
    let engine: Engine
    private let http = HTTPClient()
    let tokens: BearerTokens
    let tls: ServerTLS?
    private let doors: Doors
    private let lock: DataLock

    /// Reads the configuration, opens the databases and the ports, and applies the site file. Nothing is accepted yet.
    /// Blocks.
    init(configurationPath: String) throws(Failure) {
        self.configurationPath = configurationPath
        let unchecked = Settings.read(configurationPath)
        guard let process = unchecked.settings?.process else { throw Self.refusal(unchecked.problems, log: nil) }
        let log = Log.standardError(level: process.log.level, format: process.log.format)
        self.log = log
        settings = Locked(process)
        try DataDirectory.make(process)
        lock = try DataLock(directory: process.dataDirectory.value)
        do throws(VaultError) {
            vault = try Vault.open(
                keyFile: process.masterKeyFile.value, credentialsDirectory: Environment["CREDENTIALS_DIRECTORY"])
        } catch { throw Failure(error) }
        let sealing = VaultSealing(vault)
        let data = process.dataDirectory.value
        do throws(StoreError) {
            store = try Store(path: "\(data)/\(Store.fileName)", sealing: sealing)
            cache = try Cache(path: "\(data)/\(Cache.fileName)", sealing: sealing)
        } catch { throw Failure(error) }
        if let reason = cache.startedOver { log.notice("the cache was made anew", ["reason": reason]) }

        let reading = SiteApplication.read(configurationPath, directory: store.directory)
        guard let checked = reading.settings, !reading.hasErrors else {
            throw Self.refusal(reading.problems, log: log)
        }
        let problems = reading.problems + CheckCommand.machineProblems(of: checked)
        guard !problems.contains(where: { $0.severity == .error }) else { throw Self.refusal(problems, log: log) }
        Self.report(problems, to: log)
        if let site = checked.site {
            Self.report(try SiteApplication.apply(site, to: store, vault: vault), of: site, to: log)
        }

        do throws(LoopError) {
            pool = try WorkerPool(threads: Self.workerCount)
            var loops: [EventLoop] = []
            for number in 1...(process.loopCount ?? ProcessLimits.processorCount) {
                loops.append(try EventLoop(name: "loop-\(number)"))
            }
            self.loops = loops
        } catch { throw Failure(.system, "\(error)") }
        var configuration = Engine.Configuration(hostName: process.hostName, spoolDirectory: data)
        configuration.messageLimit = process.limits.messageSize
        configuration.cacheQuota = process.limits.cacheSize
        configuration.messagesPerHour = process.limits.messagesPerHour
        configuration.recipientsPerHour = process.limits.recipientsPerHour
        configuration.serverComment = process.comment
        configuration.administratorAddress = process.administrator
        let counters = Counters()
        let first = loops[0]
        tokens = BearerTokens(
            BearerTokens.Services(http: http, pool: pool, log: log, clock: .system) { work in
                first.spawn { _ in await work() }
            })
        try Self.follow(checked.process.issuers, tokens)
        engine = Engine(
            configuration: configuration, loops: loops, pool: pool, store: store, cache: cache, vault: vault, log: log,
            counters: counters, tokens: tokens)
        tls = try Self.certificate(of: process)
        doors = try Doors(process, tls: tls, engine: engine, loops: loops, log: log, counters: counters)
    }

    private static func certificate(of process: ProcessSettings) throws(Failure) -> ServerTLS? {
        guard let certificate = process.certificate else { return nil }
        do throws(TLSError) {
            return try ServerTLS(
                certificateFile: certificate.chainFile.value, keyFile: certificate.keyFile.value,
                clients: process.clientCertificates?.certificates)
        } catch { throw Failure(.configuration, "\(error)") }
    }

    // MARK: Running

    /// Serves until SIGTERM or SIGINT; returns when the last thread has ended.
    func run() throws(Failure) {
        let failure = Locked<Failure?>(nil)
        loops[0].spawn { context in
            do throws(Failure) {
                try await self.serve(on: context.loop)
            } catch {
                failure.withLock { $0 = error }
            }
            for loop in self.loops { loop.stop(grace: Self.lastPatience) }
        }
        for loop in loops {
            let abandoned = loop.join()
            if abandoned > 0 { log.warning("tasks did not end in time", ["loop": loop.name, "count": abandoned]) }
        }
        store.close()
        cache.close()
        pool.stop()
        http.stop()
        log.info("stopped")
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private func serve(on loop: EventLoop) async throws(Failure) {
        let signals: ProcessSignals
        do throws(LoopError) {
            signals = try ProcessSignals(on: loop)
        } catch { throw Failure(.system, "\(error)") }
        do throws(EngineError) {
            try await engine.start()
        } catch { throw Failure(.inputOutput, "the accounts can't be started: \(error)") }
        doors.open()
        for (service, address) in doors.addresses { log.info("listening", ["service": service, "address": address]) }
        log.info("ready", ["version": Program.version, "host": settings.withLock { $0.hostName }])
        notice.ready()
        while true {
            let received = await signals.next()
            if received.isEmpty || received.contains(.terminate) || received.contains(.interrupt) { break }
            if received.contains(.reload) { await reload() }
        }
        await drain(on: loop)
    }

    /// Closes the doors, lets sessions finish what they are at, and ends the engine.
    private func drain(on loop: EventLoop) async {
        notice.stopping()
        let patience = settings.withLock { $0.limits.drainTime }
        log.info("ending", ["sessions": doors.sessionCount, "patience": SettingText.duration(patience)])
        let deadline = loop.now + patience
        let left = await doors.close(on: loop, until: deadline)
        if left > 0 { log.warning("sessions are cut off", ["count": left]) }
        // An upstream that does not answer must not hold up the end.
        let ended = Signal(on: loop)
        loop.spawn { _ in
            await self.engine.stop()
            ended.raise(.work)
        }
        _ = await ended.next(of: .work, until: deadline + Self.lastPatience)
    }
}
