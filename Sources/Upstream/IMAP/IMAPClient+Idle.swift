internal import Bytes
internal import IMAPSyntax
package import Loop
internal import TLS

/// Waiting for news.
extension IMAPClient {
    /// How often a server without IDLE is asked for news.
    package static let pollInterval = Duration.seconds(30)

    /// NOOP: lets the server report.
    package func poll() async throws(UpstreamError) { try await run(.noop) }

    /// Waits in IDLE (RFC 2177; polls where the server lacks it) until the server has reported something (events wait
    /// then to be taken), `interrupt` is called, the server is shutting down, or `limit` has come; IDLE is ended then.
    package func idle(until limit: MonotonicTime) async throws(UpstreamError) {
        guard events.isEmpty else { return }
        guard capabilities.contains("IDLE") else {
            let limit = min(limit, loop.now + Self.pollInterval)
            if await connection.signal.next(of: [.work, .shutdown], until: limit).contains(.deadline) {
                try await poll()
            }
            return
        }
        let tag = nextTag()
        connection.output.append(contentsOf: tag + Array(" IDLE\r\n".utf8))
        try await flush()
        if let refusal = try await continuation(of: tag) { throw refusal }
        while events.isEmpty {
            if let event = try readyEvent() {
                try takeUnasked(event)
                continue
            }
            let raised = await connection.signal.next(of: [.input, .work, .shutdown], until: limit)
            if !raised.isSubset(of: .input) { break }
        }
        connection.output.append(text: "DONE\r\n")
        try await flush()
        while true {
            let event = try await nextEvent()
            guard case .response(let framed) = event, case .tagged(tag, let condition, let text) = try parse(framed)
            else {
                try takeUnasked(event)
                continue
            }
            guard condition == .ok else {
                throw .refused(code: text.code?.name, text: String(decoding: text.text, as: UTF8.self))
            }
            return
        }
    }
}
