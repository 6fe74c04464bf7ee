internal import Loop
internal import MailTypes
internal import Store

/// Starting, following the configuration, and ending.
extension Engine {
    /// Loads the directory, starts every active account, and follows changes from now on.
    package func start() async throws(EngineError) {
        do { _ = try await store.directoryChanged() } catch { throw EngineError(error) }
        do { try await ledger.load(from: store) } catch {
            log.error("the day's traffic can't be read", ["reason": "\(error)"])
        }
        do { try await sendings.load(from: store) } catch {
            log.error("what was sent in the last hour can't be read", ["reason": "\(error)"])
        }
        await scanner.recover()
        await outbox.recover(self)
        await follow(store.directory)
        await SentCopy.resume(self)
        loops[0].spawn { _ in await self.followChanges() }
        loops[0].spawn { _ in await self.keepCacheSmall() }
        loops[0].spawn { _ in await self.keepStoreTidy() }
        loops[0].spawn { _ in await self.keepTraffic() }
    }

    /// Writes down what is exchanged with upstreams and what is sent, and has accounts see that a new day has begun.
    private func keepTraffic() async {
        let loop = loops[0]
        while await loop.sleep(until: loop.now + configuration.trafficInterval), !isStopping {
            for account in state.withLock({ Array($0.accounts.values) }) { await account.noteBudgets() }
            await saveTraffic()
        }
    }

    private func saveTraffic() async {
        do { try await ledger.save(to: store) } catch {
            log.error("the day's traffic can't be written down", ["reason": "\(error)"])
        }
        do { try await sendings.save(to: store) } catch {
            log.error("what was sent in the last hour can't be written down", ["reason": "\(error)"])
        }
    }

    /// How often the cache is held to its quota.
    static let tidyInterval = Duration.seconds(600)

    private func keepCacheSmall() async {
        let loop = loops[0]
        while await loop.sleep(until: loop.now + Self.tidyInterval), !isStopping {
            do {
                let dropped = try await cache.evict(toQuota: configuration.cacheQuota)
                if dropped > 0 { log.info("cached mail dropped", ["octets": dropped]) }
            } catch {
                log.warning("cache can't be tidied", ["reason": "\(error)"])
            }
        }
    }

    /// How old a content is that nobody refers to when it is dropped: older than any message that is being relayed.
    static let unusedContentAge = Duration.seconds(86_400)

    /// Drops what the store holds of messages that were refused in the end, at the start and once a day.
    private func keepStoreTidy() async {
        let loop = loops[0]
        repeat {
            do {
                let before = moment.advanced(by: .zero - Self.unusedContentAge)
                let dropped = try await store.dropUnusedContents(storedBefore: before)
                if dropped > 0 { log.info("unused contents dropped", ["count": dropped]) }
            } catch {
                log.warning("the store can't be tidied", ["reason": "\(error)"])
            }
        } while await loop.sleep(until: loop.now + Self.unusedContentAge) && !isStopping
    }

    /// Looks for changes of other processes (the command line) at regular times.
    private func followChanges() async {
        let loop = loops[0]
        while await loop.sleep(until: loop.now + configuration.directoryCheck), !isStopping {
            await reload()
            await outbox.look(self)
        }
    }

    /// Takes over what has changed in the store, now.
    package func reload() async {
        do {
            guard try await store.directoryChanged() || directory.version != store.directory.version else { return }
        } catch {
            log.error("configuration can't be read from the store", ["reason": "\(error)"])
            return
        }
        await follow(store.directory)
    }

    /// Starts, changes and ends accounts so that they are those of the directory.
    private func follow(_ directory: Directory) async {
        await scanner.follow(directory)
        var retired: [Account] = []
        var changed: [(Account, AccountRecord, Server)] = []
        var started: [Account] = []
        state.withLock { state in
            state.directory = directory
            guard !state.isStopping else { return }
            var wanted: Set<AccountID> = []
            for stored in directory.accounts where stored.isActive {
                guard let server = directory.server(named: stored.server), server.imap != nil else { continue }
                wanted.insert(stored.id)
                if let account = state.accounts[stored.id] {
                    changed.append((account, stored.value, server.value))
                } else {
                    let loop = loops[Int(stored.id.rawValue) % loops.count]
                    let account = Account(
                        id: stored.id, record: stored.value, server: server.value, loop: loop, services: services)
                    state.accounts[stored.id] = account
                    started.append(account)
                }
            }
            for (id, account) in state.accounts where !wanted.contains(id) {
                state.accounts[id] = nil
                retired.append(account)
            }
        }
        for account in started { account.start() }
        for (account, record, server) in changed { await account.reconfigure(record, server) }
        for account in retired { await account.retire() }
        for signal in watchers.withLock({ Array($0.values) }) { signal.raise(.mailbox) }
        for account in retired where directory.account(account.id) == nil {
            do { try await cache.removeAccount(account.id) } catch {
                log.warning("cached mail of a removed account is still there", ["reason": "\(error)"])
            }
        }
    }

    /// Ends every account; sessions should have ended before.
    package func stop() async {
        // At once, and again what the farewells take: an upstream that does not answer may hold up the rest.
        await saveTraffic()
        await outbox.stop()
        let accounts = state.withLock { state in
            state.isStopping = true
            defer { state.accounts = [:] }
            return Array(state.accounts.values)
        }
        for account in accounts { await account.retire() }
        await saveTraffic()
        await relays.close()
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    private var services: Account.Services {
        Account.Services(
            configuration: configuration, pool: pool, store: store, cache: cache, vault: vault,
            authorities: authorities, scanner: scanner, log: log, counters: counters, clock: clock,
            ledger: ledger, headers: headers)
    }
}
