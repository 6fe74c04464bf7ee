internal import Loop
internal import Store

/// Octets of an account's IMAP connections, TLS's own and sign-ins that failed not counted: since the process began, and
/// by the day, as providers limit them.
struct UpstreamTraffic: Sendable {
    private let account: AccountID
    private let ledger: TrafficLedger
    private let received: Counter
    private let sent: Counter

    init(of account: AccountID, named name: String, _ counters: Counters, _ ledger: TrafficLedger) {
        self.account = account
        self.ledger = ledger
        received = counters.counter("upstream_octets_received_total", labels: "account=\"\(name)\"")
        sent = counters.counter("upstream_octets_sent_total", labels: "account=\"\(name)\"")
    }

    func count(_ octets: Traffic) {
        guard octets != .zero else { return }
        received.add(octets.received)
        sent.add(octets.sent)
        ledger.count(octets, of: account)
    }

    /// The present day (UTC).
    var today: UTCDay { ledger.today }

    /// What has passed on this day, by this process and those before it.
    func total(on day: UTCDay) -> Traffic { ledger.traffic(of: account, on: day) }
}
