import Bytes
import IMAPFront
import TestKit
import Testing

@Suite(.timeLimit(.minutes(20)))
struct LimitTests {
    @Test func answersWhatIsMalformedAndGoesOn() async throws {
        try await FrontHouse.with(upstream: false) { house in
            let client = try await house.connect()
            try await client.dialogue.play(
                """
                C: a
                S: a BAD …
                C: b LOGIN
                S: b BAD Expected a space at octet 8
                C: +tag NOOP
                S: * BAD …
                C: c LOGIN "never closed
                S: c BAD …
                C: d LOGIN {99999}
                S: d NO [TOOBIG] …
                C: e APPEND INBOX {5}
                S: e NO [TOOBIG] …
                C: f NOOP
                S: f OK …
                """)
            try await client.dialogue.send(octets: Array("g NO\u{0}OP\r\nh NOOP\r\n".utf8))
            #expect(try await client.dialogue.line().hasPrefix("g BAD"))
            #expect(try await client.dialogue.line().hasPrefix("h OK"))
            try await client.dialogue.send(octets: Array("i LOGIN {5000+}\r\n".utf8))
            try await client.dialogue.send(octets: Array("x NOOP\r\n".utf8) + [UInt8](repeating: 0x78, count: 4992))
            try await client.dialogue.send(octets: Array(" y\r\nj NOOP\r\n".utf8))
            #expect(try await client.dialogue.line().hasPrefix("i NO [TOOBIG]"))
            #expect(try await client.dialogue.line().hasPrefix("j OK"))
            try await client.dialogue.send("k SEARCH " + String(repeating: "(", count: 20_000))
            #expect(try await client.dialogue.line().hasPrefix("k BAD [LIMIT]"))
            await client.dialogue.close()
        }
    }

    /// What the grammar knows and the capabilities do not tell of.
    @Test func refusesWhatIsNotOffered() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            try await client.ok("SELECT INBOX")
            for command in [
                "SEARCH OR ALL NOT X-GM-RAW x", "UID STORE 1 +X-GM-LABELS (a)",
            ] {
                #expect(try await client.command(command).status == "BAD There is no such command", "\(command)")
                try await client.ok("NOOP")
            }
            try await client.logout()
        }
    }

    @Test func sendsAwayWhoTalksNonsense() async throws {
        try await FrontHouse.with(upstream: false, limits: limits { $0.badCommands = 3 }) { house in
            let client = try await house.connect()
            for _ in 0..<2 { #expect(try await client.command("NONSENSE").status.hasPrefix("BAD")) }
            try await client.ok("NOOP")
            for _ in 0..<2 { #expect(try await client.command("NONSENSE").status.hasPrefix("BAD")) }
            try await client.dialogue.send("x NONSENSE")
            #expect(try await client.dialogue.end().contains { $0.hasPrefix("* BYE") })
        }
    }

    @Test func sendsAwayEndlessLines() async throws {
        try await FrontHouse.with(upstream: false) { house in
            let client = try await house.connect()
            try await client.dialogue.send(octets: [UInt8](repeating: 0x41, count: 200_000))
            #expect(try await client.dialogue.end().contains { $0.hasPrefix("* BYE") })
        }
    }

    @Test func sendsAwayWhoIsSilent() async throws {
        try await FrontHouse.with(
            upstream: false,
            limits: limits {
                // Long enough for a sign-in on a busy machine.
                $0.signInTime = .seconds(15)
                $0.idleTime = .seconds(10)
            }
        ) { house in
            let stranger = try await house.connect()
            let client = try await house.client("alice")
            try await stranger.dialogue.send("a NOOP")
            #expect(try await stranger.dialogue.end().contains { $0.hasPrefix("* BYE") })
            #expect(try await client.dialogue.end().contains { $0.hasPrefix("* BYE Autologout") })
        }
    }

    @Test func countsConnections() async throws {
        try await FrontHouse.with(upstream: false, limits: limits { $0.connectionsPerAddress = 2 }) { house in
            let first = try await house.connect()
            let second = try await house.connect()
            let third = try await house.connect()
            #expect(third.greeting.hasPrefix("* BYE [UNAVAILABLE]"))
            try await third.dialogue.end()
            try await first.logout()
            let again = try await eventually("a place becomes free") {
                let client = try await house.connect()
                return client.greeting.hasPrefix("* OK") ? client : nil
            }
            try await again.logout()
            try await second.logout()
        }
    }

    @Test func saysByeAtTheEnd() async throws {
        try await FrontHouse.with { house in
            let idle = try await house.client("alice")
            try await idle.ok("SELECT INBOX")
            try await idle.idle()
            let other = try await house.connect()
            #expect(await house.front.stop() == 0)
            #expect(try await idle.dialogue.end().contains { $0.hasPrefix("* BYE [UNAVAILABLE]") })
            #expect(try await other.dialogue.end().contains { $0.hasPrefix("* BYE [UNAVAILABLE]") })
        }
    }
}
