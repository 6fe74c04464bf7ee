import Bytes
import Loop
import SMTPFront
import SMTPRig
import TLS
import Testing

@Suite("A session's order and limits", .timeLimit(.minutes(20)))
struct SessionTests {
    @Test("Commands out of order, and commands that are none")
    func order() async throws {
        try await SubmissionHouse.with { _, house in
            try await house.signedIn().play(
                """
                C: RCPT TO:<a@b.example>
                S: 503 5.5.1 Say MAIL first
                C: DATA
                S: 503 5.5.1 Say MAIL first
                C: MAIL FROM:<support@ours.example>
                S: 250 2.1.0 Sender fine
                C: MAIL FROM:<support@ours.example>
                S: 503 5.5.1 A message is already begun
                C: DATA
                S: 554 5.5.1 There is no valid recipient
                C: MAIL FROM:support@ours.example
                S: 501 5.1.7 …
                C: RCPT TO:<a@@b>
                S: 501 5.1.3 …
                C: RCPT TO:<żółw@b.example>
                S: 553 5.6.7 …
                C: RCPT TO:<a@b.example> NOTIFY=NEVER
                S: 555 5.5.4 …
                C: XYZZY
                S: 500 5.5.1 …
                C: EXPN staff
                S: 502 5.5.1 …
                C: VRFY alice
                S: 252 2.5.0 …
                C: NOOP
                S: 250 2.0.0 OK
                C: HELP
                S: 214 2.0.0 …
                C: RSET
                S: 250 2.0.0 OK
                C: RCPT TO:<a@b.example>
                S: 503 5.5.1 Say MAIL first
                C: MAIL FROM:<support@ours.example> BODY=BINARYMIME
                S: 555 5.6.3 …
                C: MAIL FROM:<support@ours.example> SIZE=99999999999
                S: 552 5.3.4 …
                C: MAIL FROM:<support@ours.example> X=1
                S: 555 5.5.4 …
                C: HELO again
                S: 250 posthouse.example
                """)
        }
    }

    @Test("Lines that are too long, or end otherwise")
    func lines() async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            try await client.say("NOOP " + String(repeating: "x", count: 20_000))
            try await client.expect("500 5.5.2 The line is too long")
            try await client.say(octets: "NOOP\nNOOP\r\n")
            _ = try await client.expect(prefix: "500 5.5.2 ")
            try await client.expect("250 2.0.0 OK")
            try await client.say(octets: "NO\rOP\r\n\0\r\n")
            _ = try await client.expect(prefix: "500 5.5.2 ")
            _ = try await client.expect(prefix: "500 5.5.2 ")
        }
    }

    @Test(
        "Too many errors and a browser are sent away", arguments: ["NONSENSE", "GET / HTTP/1.1"])
    func sentAway(_ line: String) async throws {
        var limits = SMTPLimits()
        limits.badCommands = 3
        try await SubmissionHouse.with(limits: limits) { _, house in
            let client = try await house.signedIn()
            if line == "NONSENSE" {
                try await client.play(
                    """
                    C: NONSENSE
                    S: 500 5.5.1 …
                    C: NONSENSE
                    S: 500 5.5.1 …
                    C: NONSENSE
                    S: 421 4.7.0 Too many errors
                    """)
            } else {
                try await client.say(octets: "\(line)\r\nMAIL FROM:<support@ours.example>\r\n")
                _ = try await client.expect(prefix: "421 4.5.2 ")
            }
            try await client.end()
            #expect(house.upstream.commands.isEmpty)
        }
    }

    @Test("Silence ends a connection, before signing in and after, and within a message", arguments: 0..<3)
    func silence(_ stage: Int) async throws {
        var limits = SMTPLimits()
        // Long enough for a machine that is busy with other tests.
        if stage == 0 { limits.signInTime = .milliseconds(100) }
        if stage == 1 { limits.idleTime = .seconds(10) }
        if stage == 2 { limits.dataTime = .milliseconds(100) }
        try await SubmissionHouse.with(limits: limits) { _, house in
            let client: ScriptedPeer
            if stage == 0 {
                client = try await ScriptedPeer.client(of: house.listener.address.port, on: house.loop)
                try await client.play("S: 220 …")
            } else {
                client = try await house.signedIn()
            }
            if stage == 2 {
                try await client.play(
                    """
                    C: MAIL FROM:<support@ours.example>
                    S: 250 …
                    C: RCPT TO:<a@b.example>
                    S: 250 …
                    C: DATA
                    S: 354 …
                    C: Subject: unfinished
                    """)
            }
            client.patience = .seconds(60)
            try await client.expect("421 4.4.2 Nothing was heard for too long")
            try await client.end()
            #expect(house.upstream.deliveries.isEmpty)
        }
    }

    @Test("Too many connections of one address")
    func connections() async throws {
        var limits = SMTPLimits()
        limits.connectionsPerAddress = 2
        try await SubmissionHouse.with(limits: limits) { _, house in
            let port = house.listener.address.port
            var clients: [ScriptedPeer] = []
            for _ in 0..<2 {
                let client = try await ScriptedPeer.client(of: port, on: house.loop)
                try await client.play("S: 220 …")
                clients.append(client)
            }
            let third = try await ScriptedPeer.client(of: port, on: house.loop)
            try await third.expect("421 4.7.0 Too many connections; try again later")
            try await third.end()
            try await clients[0].play(
                """
                C: QUIT
                S: 221 …
                """)
            try await clients[0].end()
            // The place is free once the session has ended, which the client's close brings about.
            clients[0].cut()
            clients.removeFirst()
            var isIn = false
            for _ in 0..<100 where !isIn {
                let next = try await ScriptedPeer.client(of: port, on: house.loop)
                isIn = try await next.line().hasPrefix("220")
                clients.append(next)
            }
            #expect(isIn)
        }
    }

    @Test("On the way out the idle are told at once, a message comes to its end, and a second word ends all")
    func shutdown() async throws {
        try await SubmissionHouse.with { context, house in
            let idle = try await house.signedIn()
            var busy: [ScriptedPeer] = []
            for _ in 0..<2 {
                let client = try await house.signedIn()
                try await client.play(
                    """
                    C: MAIL FROM:<support@ours.example>
                    S: 250 …
                    C: RCPT TO:<a@b.example>
                    S: 250 …
                    C: DATA
                    S: 354 …
                    """)
                busy.append(client)
            }
            #expect(house.secureListener.sessionCount == 3)
            let goodbye = "421 4.3.2 The service is shutting down; come back soon"
            house.secureListener.stop()
            try await idle.expect(goodbye)
            try await busy[0].say("From: support@ours.example", "", "Hello.", ".")
            try await busy[0].expect("250 2.0.0 queued as TEST")
            try await busy[0].expect(goodbye)
            house.secureListener.stop()
            try await busy[1].expect(goodbye)
            for client in busy + [idle] { client.cut() }
            #expect(await house.secureListener.drained(until: context.loop.now + .seconds(5)))
            #expect(house.upstream.deliveries.count == 1)
        }
    }
}
