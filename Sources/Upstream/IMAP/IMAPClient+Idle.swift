internal import Bytes
internal import IMAPSyntax
package import Loop
internal import TLS

/// Waiting for news.
extension IMAPClient {
    /// How often a server without IDLE is asked for news.
    package static let pollInterval = Duration.seconds(30)
    /// The longest that one IDLE lasts: servers end silent connections after 29 minutes (RFC 2177), gateways on the
    /// way sooner, and a peer that is gone is noticed by the end of it.
    package static let idleLimit = Duration.seconds(9 * 60)

    /// NOOP: lets the server report.
    package func poll() async throws(UpstreamError) { try await run(.noop) }

    /// Whether the server can tell of other mailboxes than the selected one.
    package var hasNotify: Bool { capabilities.contains("NOTIFY") }

    /// NOTIFY (RFC 5465): from now on the server tells of every mailbox of the account. Of the selected one it tells at
    /// once, expunges too: messages are named by UIDs alone here.
    package func beginNotifications() async throws(UpstreamError) {
        let ofMessages: [NotifyEvent] = [.messageNew([]), .messageExpunge, .flagChange]
        try await run(
            .notify(
                NotifyCommand(groups: [
                    .init(.selected, ofMessages),
                    .init(.personal, ofMessages + [.mailboxName, .subscriptionChange]),
                ])))
        isNotifying = true
    }

    /// Waits in IDLE (RFC 2177; polls where the server lacks it) until the server has reported something (events wait
    /// then to be taken), `interrupt` is called, the server is shutting down, or `limit` or `idleLimit` has come; IDLE
    /// is ended then.
    package func idle(until limit: MonotonicTime) async throws(UpstreamError) {
        guard isQuiet else { return }
        guard capabilities.contains("IDLE") || capabilities.contains("IMAP4REV2") else {
            return try await waitAndPoll(until: min(limit, loop.now + Self.pollInterval))
        }
        let limit = min(limit, loop.now + Self.idleLimit)
        let tag = nextTag()
        connection.output.append(contentsOf: tag + Array(" IDLE\r\n".utf8))
        try await flush()
        if let refusal = try await continuation(of: tag, .idle) { throw refusal }
        while isQuiet {
            if let event = try readyEvent() {
                try takeUnasked(event)
                continue
            }
            let raised = await connection.signal.next(of: [.input, .work, .shutdown], until: limit)
            if raised.contains(.shutdown) { connection.signal.raise(.shutdown) }
            if !raised.isSubset(of: .input) { break }
        }
        // What came along with the first is worth having before IDLE is given up.
        while let event = try readyEvent() { try takeUnasked(event) }
        connection.output.append(text: "DONE\r\n")
        try await flush()
        while true {
            let event = try await nextEvent()
            guard case .response(let framed) = event, case .tagged(tag, let condition, let text) = parse(framed) else {
                try takeUnasked(event)
                continue
            }
            guard condition == .ok else { throw refusal(of: .idle, condition, text) }
            return
        }
    }

    private func waitAndPoll(until limit: MonotonicTime) async throws(UpstreamError) {
        let raised = await connection.signal.next(of: [.input, .work, .shutdown], until: limit)
        if raised.contains(.shutdown) { connection.signal.raise(.shutdown) }
        // Unasked words: a goodbye, or news already.
        while let event = try readyEvent() { try takeUnasked(event) }
        if isQuiet, raised == .deadline { try await poll() }
    }

    private var isQuiet: Bool { !hasEvents }
}
