internal import Loop
internal import Store

/// The relays of the house, one for each account that has sent something.
final class Relays: Sendable {
    private let services: Relay.Services
    private let loops: [EventLoop]
    private let relays = Locked<[AccountID: Relay]>([:])

    init(_ services: Relay.Services, loops: [EventLoop]) {
        self.services = services
        self.loops = loops
    }

    /// The account's relay, on the loop that has the account itself.
    func relay(of account: AccountID, named name: String) -> Relay {
        relays.withLock { relays in
            if let relay = relays[account] { return relay }
            let loop = loops[Int(account.rawValue) % loops.count]
            let relay = Relay(account: account, name: name, loop: loop, services: services)
            relays[account] = relay
            return relay
        }
    }

    /// Ends the connections that wait.
    func close() async {
        let all = relays.withLock { relays in
            defer { relays = [:] }
            return Array(relays.values)
        }
        for relay in all { await relay.close() }
    }
}
