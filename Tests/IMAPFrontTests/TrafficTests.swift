import Engine
import Loop
import TestKit
import Testing

/// Octets exchanged with an upstream, by account.
@Suite(.timeLimit(.minutes(20))) struct TrafficTests {
    @Test func countsWhatAnAccountReceivesAndSends() async throws {
        try await FrontHouse.with { house in
            func count(_ direction: String, _ account: String) -> Int {
                house.engine.counters.counter(
                    "upstream_octets_\(direction)_total", labels: "account=\"\(account)\""
                ).value
            }
            let text = letter("large", String(repeating: "0123456789\r\n", count: 20_000))
            let upstream = try await house.upstream()
            #expect(try await upstream.append(text, to: "INBOX").isOK)
            let client = try await house.client("support*alice")
            try await client.ok("SELECT INBOX")
            let before = count("received", "support")
            try await client.ok("FETCH 1 BODY.PEEK[]")
            #expect(count("received", "support") - before >= text.utf8.count)
            let sent = count("sent", "support")
            #expect(sent < text.utf8.count)
            #expect(try await client.append(text, to: "INBOX").isOK)
            #expect(count("sent", "support") - sent >= text.utf8.count)
            #expect(count("sent", "sales") < text.utf8.count)
            for client in [client, upstream] { try await client.logout() }
        }
    }
}
