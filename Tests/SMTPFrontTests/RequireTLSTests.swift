import Loop
import SMTPFront
import SMTPRig
import Store
import Testing

/// RFC 8689 as clients see it.
@Suite("REQUIRETLS", .timeLimit(.minutes(20)))
struct RequireTLSTests {
    private func send(_ client: ScriptedPeer, header: String = "") async throws -> String {
        try await client.play(
            """
            C: RCPT TO:<jan@customer.example>
            S: 250 …
            C: DATA
            S: 354 …
            """)
        try await client.say(octets: header + RelayTests.message + ".\r\n")
        return try await client.line()
    }

    @Test("It is offered over TLS, for an upstream that offers it and proves who it is, and goes on to it")
    func passedOn() async throws {
        try await SubmissionHouse.with(hasSecureUpstream: true) { _, house in
            house.upstream.behave { $0.capabilities.append("REQUIRETLS") }
            let client = try await house.signedIn()
            #expect(try await house.hello(client).contains("REQUIRETLS"))
            // Known by now, and still not without TLS.
            let plain = try await ScriptedPeer.client(of: house.listener.address.port, on: house.loop)
            try await plain.play("S: 220 …")
            #expect(try await !house.hello(plain).contains("REQUIRETLS"))
            try await client.play("C: MAIL FROM:<support@ours.example> REQUIRETLS\nS: 250 2.1.0 …")
            #expect(try await send(client, header: "TLS-Required: No\r\n").hasPrefix("250 "))
            let delivery = try #require(house.upstream.deliveries.first)
            #expect(delivery.sender.hasSuffix(" REQUIRETLS"))
            #expect(delivery.fields("TLS-Required") == ["TLS-Required: No"])
            try await client.play("C: MAIL FROM:<support@ours.example>\nS: 250 2.1.0 …")
            #expect(try await send(client).hasPrefix("250 "))
            #expect(house.upstream.deliveries.last?.sender.contains("REQUIRETLS") == false)
        }
    }

    @Test("An upstream that does not offer it: refused, whether that is known before or not", arguments: [true, false])
    func notOffered(_ asksFirst: Bool) async throws {
        try await SubmissionHouse.with(hasSecureUpstream: true) { _, house in
            let client = try await house.signedIn()
            if asksFirst { #expect(try await !house.hello(client).contains("REQUIRETLS")) }
            try await client.play(
                "C: MAIL FROM:<support@ours.example> REQUIRETLS\nC: RCPT TO:<a@b.example>\nS: 550 5.7.30 …\nS: 503 …")
            #expect(house.upstream.commands.allSatisfy { !$0.hasPrefix("MAIL") })
        }
    }

    @Test("An upstream without TLS, or whose certificate is not verified: refused", arguments: [true, false])
    func notProven(_ isSecure: Bool) async throws {
        try await SubmissionHouse.with(
            hasSecureUpstream: isSecure, site: { $0.servers[0].smtp?.verifiesCertificate = false },
            { _, house in
                house.upstream.behave { $0.capabilities.append("REQUIRETLS") }
                let client = try await house.signedIn()
                #expect(try await !house.hello(client).contains("REQUIRETLS"))
                try await client.play("C: MAIL FROM:<support@ours.example> REQUIRETLS\nS: 550 5.7.30 …")
            })
    }

    @Test("A queue keeps it with the message, and gives the message up rather than sending it without")
    func queued() async throws {
        try await SubmissionHouse.with(
            hasSecureUpstream: true,
            site: { site in for index in site.accounts.indices { site.accounts[index].outbox = .queue } },
            { _, house in
                house.upstream.behave { $0.capabilities.append("REQUIRETLS") }
                let client = try await house.signedIn()
                #expect(try await house.hello(client).contains("REQUIRETLS"))
                try await client.play("C: MAIL FROM:<support@ours.example> REQUIRETLS\nS: 250 2.1.0 …")
                #expect(try await send(client).hasPrefix("250 2.0.0 Queued"))
                while house.upstream.deliveries.isEmpty { await house.loop.yield() }
                #expect(house.upstream.deliveries[0].sender.hasSuffix(" REQUIRETLS"))
                // It offers it no more, which a new connection brings to light.
                house.upstream.behave {
                    $0.mail = { _ in nil }
                    $0.capabilities.removeAll { $0 == "REQUIRETLS" }
                }
                try await client.play("C: MAIL FROM:<support@ours.example> REQUIRETLS\nS: 250 2.1.0 …")
                #expect(try await send(client).hasPrefix("250 2.0.0 Queued"))
                var row: OutboxRow?
                while row?.entry.state != .finished {
                    await house.loop.yield()
                    row = try await house.store.read { reader throws(StoreError) in try reader.outbox().last }
                }
                #expect(row?.entry.requiresTLS == true && row?.entry.recipients[0].state == .failed)
                #expect(row?.entry.recipients[0].answer?.hasPrefix("550 5.7.30 ") == true)
                #expect(house.upstream.deliveries.count == 1)
            })
    }
}
