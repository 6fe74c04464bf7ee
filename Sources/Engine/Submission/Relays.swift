internal import Loop
internal import Store

/// The relays of the house: for each account that has sent something one on each loop that it was sent from, so that a
/// session and its upstream's connection share a thread.
final class Relays: Sendable {
    private struct Key: Hashable, Sendable {
        let account: AccountID
        let loop: ObjectIdentifier
    }

    private let services: Relay.Services
    private let loops: [EventLoop]
    private let relays = Locked<[Key: Relay]>([:])

    init(_ services: Relay.Services, loops: [EventLoop]) {
        self.services = services
        self.loops = loops
    }

    /// The account's relay on the caller's loop; on the account's own for a caller that is on none.
    func relay(of account: AccountID, named name: String) -> Relay {
        let loop = loops.first(where: \.isCurrent) ?? loops[Int(account.rawValue) % loops.count]
        let key = Key(account: account, loop: ObjectIdentifier(loop))
        return relays.withLock { relays in
            if let relay = relays[key] { return relay }
            let relay = Relay(account: account, name: name, loop: loop, services: services)
            relays[key] = relay
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
