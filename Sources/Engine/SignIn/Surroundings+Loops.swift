internal import Loop
internal import MailTypes
internal import OAuth
internal import Store
internal import Vault

extension SignInGate.Surroundings {
    /// With the house's own clock and loops.
    init(
        directory: @escaping @Sendable () -> Directory, vault: Vault, pool: WorkerPool, log: Log, counters: Counters,
        clock: WallClock, loops: [EventLoop], hostName: String, tokens: BearerTokens?
    ) {
        self.init(
            directory: directory, vault: vault, pool: pool, log: log, counters: counters,
            moment: { Moment(seconds: clock.now.seconds) }, now: { .now },
            sleep: { deadline in
                if let loop = loops.first(where: \.isCurrent) {
                    await loop.sleep(until: deadline)
                } else {
                    _ = await loops.first?.run { await $0.loop.sleep(until: deadline) }
                }
            }, hostName: hostName, tokens: tokens)
    }
}
