internal import Loop

/// Octets of an account's IMAP connections since the process began, TLS's own and sign-ins that failed not counted.
/// Providers limit them by the day.
struct UpstreamTraffic: Sendable {
    let received: Counter
    let sent: Counter

    init(of account: String, _ counters: Counters) {
        received = counters.counter("upstream_octets_received_total", labels: "account=\"\(account)\"")
        sent = counters.counter("upstream_octets_sent_total", labels: "account=\"\(account)\"")
    }
}
