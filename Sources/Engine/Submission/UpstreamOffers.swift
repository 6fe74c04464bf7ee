internal import Loop
internal import SMTPSyntax
internal import Store
internal import Upstream

/// What submission servers offered when they were last spoken to, so that a client can be told before it sends.
final class UpstreamOffers: Sendable {
    /// What one server offered.
    struct Offer: Sendable {
        let capabilities: SMTPCapabilities
        /// Seconds since 1970.
        let since: Int64
    }

    /// Seconds for which it is believed.
    static let lifetime: Int64 = 3600
    /// Servers that are remembered; beyond that all are forgotten.
    static let limit = 4096

    private let clock: WallClock
    private let offers = Locked<[Server: Offer]>([:])

    init(clock: WallClock) { self.clock = clock }

    /// Remembers what a server has offered on a connection that was made with this configuration.
    func note(_ client: SMTPClient, of server: Server) {
        let offer = Offer(capabilities: client.capabilities, since: clock.now.seconds)
        offers.withLock { offers in
            if offers.count >= Self.limit, offers[server] == nil { offers = [:] }
            offers[server] = offer
        }
    }

    /// What the server offered; nil when that is not known, or too long ago.
    func offer(of server: Server) -> SMTPCapabilities? {
        let now = clock.now.seconds
        return offers.withLock { $0[server] }.flatMap { now - $0.since < Self.lifetime ? $0.capabilities : nil }
    }
}
