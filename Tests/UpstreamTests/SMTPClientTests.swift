import Bytes
import Loop
import MailTypes
import SASL
import SMTPRig
import SMTPSyntax
import TLS
import TestKit
import Testing
import Upstream

@Suite("The client of an upstream submission server", .timeLimit(.minutes(20)))
struct SMTPClientTests {
    let bench: Bench
    init() throws { bench = try Bench() }

    /// Runs the client on the loop and checks that the server's script went as written.
    func play(
        _ script: @escaping ScriptedServer.Script, implicitTLS: ServerTLS? = nil,
        _ body: @escaping @Sendable (isolated LoopContext, Bench, ScriptedServer) async throws -> Void
    ) async throws {
        let server = try ScriptedServer(on: bench.loop, implicitTLS: implicitTLS, script: script)
        defer { server.stop() }
        let bench = bench
        try await bench.loop.run { context in try await body(context, bench, server) }
        #expect(await server.settled() == [])
    }

    @Test("A message goes out in pipelined commands, stuffed, and the answer comes back")
    func sends() async throws {
        let message = Array("Subject: hi\r\n\r\n.dot\r\nend\r\n".utf8)
        try await play { peer in
            try await peer.welcome("PIPELINING", "SIZE 1000", "8BITMIME")
            try await peer.expect("MAIL FROM:<alice@example.com> SIZE=100 BODY=8BITMIME")
            try await peer.expect("RCPT TO:<bob@example.net>")
            try await peer.expect("RCPT TO:<\"carol c\"@example.net>")
            try await peer.say("250 2.1.0 ok", "550 5.1.1 no bob", "251 will forward")
            try await peer.expect("DATA")
            try await peer.say("354 go")
            let data = try await peer.data()
            guard String(lossy: data) == "Subject: hi\r\n\r\n..dot\r\nend\r\n.\r\n" else {
                throw ScriptFailure("data: \(String(lossy: data))")
            }
            try await peer.say("250-2.0.0 taken", "250 2.0.0 as 42")
            try await peer.farewell()
        } _: { _, bench, server in
            let client = try await bench.connect(bench.endpoint(server))
            let answer = try await client.begin(
                .init(sender: path("alice@example.com"), size: 100),
                recipients: [to("bob@example.net"), to("carol c@example.net")])
            #expect(answer.mail == SMTPReply(250, EnhancedStatus(2, 1, 0), "ok"))
            #expect(
                answer.recipients == [
                    SMTPReply(550, EnhancedStatus(5, 1, 1), "no bob"), SMTPReply(251, nil, "will forward"),
                ])
            let last = try await client.send(size: message.count) { Array(message[$0]) }
            #expect(last == SMTPReply(250, EnhancedStatus(2, 0, 0), ["taken", "as 42"]))
            #expect(client.isUsable)
            await client.quit()
        }
    }

    @Test("Without PIPELINING every command waits for its answer, and a refused MAIL ends it")
    func oneByOne() async throws {
        try await play { peer in
            try await peer.welcome()
            try await peer.expect("MAIL FROM:<>")
            try await peer.say("250 ok")
            try await peer.expect("RCPT TO:<a@b>")
            try await peer.say("250 ok")
            try await peer.expect("RCPT TO:<c@d>")
            try await peer.say("450 4.2.1 later")
            try await peer.expect("RSET")
            try await peer.say("250 ok")
            try await peer.expect("MAIL FROM:<mallory@example.com>")
            try await peer.say("553 5.7.1 not yours")
            try await peer.farewell()
        } _: { _, bench, server in
            let client = try await bench.connect(bench.endpoint(server))
            let first = try await client.begin(.init(sender: .null), recipients: [to("a@b"), to("c@d")])
            #expect(first.mail.code == 250 && first.recipients.map(\.code) == [250, 450])
            try await client.reset()
            let second = try await client.begin(
                .init(sender: path("mallory@example.com")), recipients: [to("a@b"), to("c@d")])
            #expect(second.mail.code == 553 && second.recipients.map(\.code) == [553, 553])
            #expect(client.transactionCount == 2)
            await client.quit()
        }
    }

    @Test("What the server can't do is refused before it is asked")
    func unsupported() async throws {
        try await play { peer in
            try await peer.welcome("SIZE 1000")
            try await peer.farewell()
        } _: { _, bench, server in
            let client = try await bench.connect(bench.endpoint(server))
            let large = try await client.begin(.init(sender: .null, size: 1001), recipients: [to("a@b")])
            #expect(large.mail.code == 552 && large.recipients.map(\.code) == [552])
            let foreign = try await client.begin(.init(sender: path("żółw@b")), recipients: [to("a@b")])
            #expect(foreign.mail.enhanced == EnhancedStatus(5, 6, 7))
            await client.quit()
        }
    }

    @Test("A server from before ESMTP is greeted with HELO")
    func hello() async throws {
        try await play { peer in
            try await peer.say("220-old", "220 server")
            try await peer.expect("EHLO client.example")
            try await peer.say("500 what?")
            try await peer.expect("HELO client.example")
            try await peer.say("250 hello")
            try await peer.farewell()
        } _: { _, bench, server in
            let client = try await bench.connect(bench.endpoint(server))
            #expect(client.capabilities == SMTPCapabilities())
            await client.quit()
        }
    }

    @Test("Who does not want to talk is quoted", arguments: ["554 5.7.1 go away", "421 4.3.2 too busy"])
    func refusedGreeting(_ greeting: String) async throws {
        try await play { peer in
            try await peer.say(greeting)
            try await peer.end()
        } _: { _, bench, server in
            let code = Int(greeting.prefix(3)) ?? 0
            do {
                _ = try await bench.connect(bench.endpoint(server))
                Issue.record("connected")
            } catch let SMTPFailure.refused(stage, reply) {
                #expect(stage == .greeting && reply.code == code)
            }
        }
    }

    // MARK: Sign-in

    @Test("PLAIN goes along with AUTH; LOGIN is asked for")
    func authenticates() async throws {
        try await play { peer in
            if peer.number == 1 {
                try await peer.welcome("AUTH PLAIN LOGIN")
                try await peer.expect("AUTH PLAIN AGFsaWNlAHBlbmNpbA==")
                try await peer.say("235 2.7.0 in")
            } else {
                try await peer.welcome("AUTH=LOGIN")
                try await peer.expect("AUTH LOGIN")
                try await peer.say("334 VXNlcm5hbWU6")
                try await peer.expect("YWxpY2U=")
                try await peer.say("334 UGFzc3dvcmQ6")
                try await peer.expect("cGVuY2ls")
                try await peer.say("535 5.7.8 no")
            }
            try await peer.end()
        } _: { _, bench, server in
            let authenticator: Client.Authenticator = { (offered, _) async throws(SMTPFailure) in
                try aliceSignsIn(offered)
            }
            let client = try await bench.connect(bench.endpoint(server), authenticator: authenticator)
            client.close()
            await #expect(
                throws: SMTPFailure.refused(.authentication, SMTPReply(535, EnhancedStatus(5, 7, 8), "no"))
            ) { _ = try await bench.connect(bench.endpoint(server), authenticator: authenticator) }
        }
    }

    @Test("A server that claims success without its proof is not believed")
    func unproven() async throws {
        try await play { peer in
            try await peer.welcome("AUTH SCRAM-SHA-256")
            _ = try await peer.expect(prefix: "AUTH SCRAM-SHA-256 ")
            try await peer.say("235 2.7.0 trust me")
            try await peer.end()
        } _: { _, bench, server in
            do {
                _ = try await bench.connect(bench.endpoint(server)) { (offered, _) async throws(SMTPFailure) in
                    try aliceSignsIn(offered)
                }
                Issue.record("signed in")
            } catch SMTPFailure.authentication {
                // As it should be.
            }
        }
    }

    @Test("A challenge that makes no sense is cancelled")
    func nonsense() async throws {
        try await play { peer in
            try await peer.welcome("AUTH SCRAM-SHA-256")
            _ = try await peer.expect(prefix: "AUTH SCRAM-SHA-256 ")
            try await peer.say("334 not base 64")
            try await peer.expect("*")
            try await peer.say("501 5.7.0 cancelled")
            try await peer.end()
        } _: { _, bench, server in
            await #expect(throws: SMTPFailure.self) {
                _ = try await bench.connect(bench.endpoint(server)) { (offered, _) async throws(SMTPFailure) in
                    try aliceSignsIn(offered)
                }
            }
        }
    }

    // MARK: TLS

    @Test("STARTTLS: what was said before it is forgotten, and the certificate has to fit")
    func startTLS() async throws {
        let directory = try TemporaryDirectory()
        let certificates = try await Certificates.make(in: directory.path)
        let tls = try ServerTLS(certificateFile: certificates.chain, keyFile: certificates.key)
        let trust = try ClientTLS(trust: .file(certificates.authority))
        try await play { peer in
            try await peer.welcome("STARTTLS", "AUTH PLAIN", "SIZE 5")
            try await peer.expect("STARTTLS")
            // What stands behind the answer in the same packet was not protected, and must not be read as if it were.
            try await peer.say(octets: "220 go\r\n250 injected\r\n")
            if peer.number == 1 {
                try await peer.startTLS(tls)
                try await peer.expect("EHLO client.example")
                try await peer.say("250-mx.example", "250 PIPELINING")
                try await peer.farewell()
            } else {
                try? await peer.startTLS(tls)
            }
        } _: { _, bench, server in
            let client = try await bench.connect(bench.endpoint(server, .startTLS, tls: trust))
            #expect(client.capabilities.pipelining && !client.capabilities.takesSize)
            #expect(client.capabilities.mechanisms.isEmpty)
            await client.quit()
            let stranger = try ClientTLS(trust: .system)
            await #expect(throws: SMTPFailure.self) {
                _ = try await bench.connect(bench.endpoint(server, .startTLS, tls: stranger))
            }
        }
    }

    @Test("Implicit TLS; a server without STARTTLS is not spoken to in the clear")
    func implicitTLS() async throws {
        let directory = try TemporaryDirectory()
        let certificates = try await Certificates.make(in: directory.path)
        let tls = try ServerTLS(certificateFile: certificates.chain, keyFile: certificates.key)
        let trust = try ClientTLS(trust: .file(certificates.authority))
        let script: ScriptedServer.Script = { peer in
            try await peer.welcome("PIPELINING")
            try await peer.farewell()
        }
        try await play(script, implicitTLS: tls) { _, bench, server in
            let client = try await bench.connect(bench.endpoint(server, .implicit, tls: trust))
            await client.quit()
        }
        try await play { peer in
            try await peer.welcome("AUTH PLAIN")
            try await peer.end()
        } _: { _, bench, server in
            await #expect(throws: SMTPFailure.self) {
                _ = try await bench.connect(bench.endpoint(server, .startTLS, tls: trust)) {
                    (offered, _) async throws(SMTPFailure) in try aliceSignsIn(offered)
                }
            }
        }
    }

    // MARK: Faults

    @Test("Nobody listens: the host is named")
    func unreachable() async throws {
        let server = try ScriptedServer(on: bench.loop) { _ in }
        let port = server.port
        server.stop()
        let bench = bench
        await bench.loop.run { _ in
            let place = Endpoint(
                host: "127.0.0.1", port: port == 1 ? 2 : 1, security: .none, trust: bench.trust,
                connectTimeout: .seconds(5))
            let endpoint = SMTPEndpoint(place, clientName: "x")
            do throws(SMTPFailure) {
                _ = try await bench.connect(endpoint)
                Issue.record("connected")
            } catch {
                guard case .unreachable(let text) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(text.contains("127.0.0.1"))
            }
        }
    }

    /// Where the server cuts the connection, and what the client has to make of it.
    enum Cut: String, Sendable, CaseIterable {
        case afterMail, afterData, inMessage, afterEnd, silentAfterEnd, refusesInMessage, refusesThenCuts, closing
    }

    @Test("A cut before the end of data is lost, one behind it is unknown", arguments: Cut.allCases)
    func cuts(_ cut: Cut) async throws {
        let message = [UInt8](repeating: 0x61, count: 4 << 20) + Array("\r\n".utf8)
        try await play { peer in
            try await peer.welcome("PIPELINING")
            try await peer.expect("MAIL FROM:<a@b>")
            try await peer.expect("RCPT TO:<c@d>")
            if cut == .afterMail { return peer.cut() }
            try await peer.say("250 ok", "250 ok")
            try await peer.expect("DATA")
            if cut == .afterData { return peer.cut() }
            if cut == .closing {
                try await peer.say("421 4.3.2 shutting down")
                return peer.cut()
            }
            try await peer.say("354 go")
            switch cut {
            case .inMessage:
                try await peer.connection.receiveMore(until: nil)
                peer.cut()
            case .refusesInMessage:
                try await peer.connection.receiveMore(until: nil)
                try await peer.say("552 5.3.4 too much")
                _ = try await peer.data()
                try await peer.end()
            case .refusesThenCuts:
                try await peer.say("552 5.3.4 too much")
                await peer.connection.finish(until: peer.connection.signal.loop.now + .seconds(5))
            case .afterEnd:
                _ = try await peer.data()
                peer.cut()
            case .silentAfterEnd:
                _ = try await peer.data()
                try await peer.end()
            case .afterMail, .afterData, .closing: break
            }
        } _: { _, bench, server in
            var endpoint = bench.endpoint(server)
            endpoint.patience.dataTermination = .milliseconds(cut == .silentAfterEnd ? 100 : 5000)
            let client = try await bench.connect(endpoint)
            do throws(SMTPFailure) {
                _ = try await client.begin(.init(sender: path("a@b")), recipients: [to("c@d")])
                let reply = try await client.send(size: message.count) { Array(message[$0]) }
                #expect([.refusesInMessage, .refusesThenCuts, .closing].contains(cut))
                #expect(reply.code == (cut == .closing ? 421 : 552))
                if cut == .closing { #expect(!client.isUsable) }
            } catch {
                switch (error, cut) {
                case (.lost, .afterMail), (.lost, .afterData), (.lost, .inMessage): break
                // The refusal may be wiped out by the reset that the client's own octets provoke.
                case (.lost, .refusesThenCuts): break
                case (.unknown, .afterEnd), (.unknown, .silentAfterEnd): break
                default: Issue.record("\(cut): \(error)")
                }
                #expect(!client.isUsable)
            }
            client.close()
        }
    }

    @Test(
        "A message with a bare line end, and one that can't be read, never get an end of data",
        arguments: [true, false])
    func unsendable(_ isBare: Bool) async throws {
        try await play { peer in
            try await peer.welcome("PIPELINING")
            try await peer.expect("MAIL FROM:<a@b>")
            try await peer.say("250 ok")
            try await peer.expect("DATA")
            try await peer.say("354 go")
            let rest = try? await peer.data()
            guard rest == nil else { throw ScriptFailure("there was an end of data") }
        } _: { _, bench, server in
            let client = try await bench.connect(bench.endpoint(server))
            _ = try await client.begin(.init(sender: path("a@b")), recipients: [])
            let message = Array("Subject: x\r\n\r\nhello\n.\nRSET\r\n".utf8)
            do throws(SMTPFailure) {
                _ = try await client.send(size: message.count) { (range) async throws(SMTPFailure) in
                    guard isBare else { throw .local("disk") }
                    return Array(message[range])
                }
                Issue.record("sent")
            } catch {
                guard case .local = error else {
                    Issue.record("\(error)")
                    return
                }
            }
            client.close()
        }
    }

    @Test("What is no SMTP ends the connection", arguments: ["* OK IMAP4rev1 ready", "HTTP/1.1 400 Bad Request", ""])
    func otherProtocol(_ greeting: String) async throws {
        try await play { peer in
            try await peer.say(greeting)
            try await peer.end()
        } _: { _, bench, server in
            await #expect(throws: SMTPFailure.self) { _ = try await bench.connect(bench.endpoint(server)) }
        }
    }

    // MARK: The pool

    @Test("A connection is used again while it is quiet, and not after it was closed or has waited too long")
    func pool() async throws {
        let told = Signal(on: bench.loop)
        try await play { peer in
            try await peer.welcome()
            if peer.number == 2 {
                try await peer.say("421 4.4.2 idle")
                told.raise(.work)
                return
            }
            try await peer.end()
        } _: { _, bench, server in
            var pool = SMTPClientPool()
            let now = bench.loop.now
            let first = try await bench.connect(bench.endpoint(server))
            let kept1 = pool.give(first, at: now)
            #expect(kept1)
            #expect(pool.nextExpiry == now + SMTPClientPool.idleLimit)
            let again = pool.take(at: now + .seconds(1))
            #expect(again === first)
            let taken1 = pool.take(at: now)
            #expect(taken1 == nil)
            let kept2 = pool.give(first, at: now)
            #expect(kept2)
            let taken2 = pool.take(at: now + SMTPClientPool.idleLimit)
            #expect(taken2 == nil)
            #expect(!first.isUsable)
            let second = try await bench.connect(bench.endpoint(server))
            _ = await told.next(of: .work, until: bench.loop.now + .seconds(5))
            let kept3 = pool.give(second, at: now)
            #expect(kept3)
            let taken3 = pool.take(at: now)
            #expect(taken3 == nil)
            second.close()
        }
    }
}

/// Alice's side of a sign-in; her password is `pencil`.
private func aliceSignsIn(_ offered: [String]) throws(SMTPFailure) -> SASLClient {
    do throws(SASLError) {
        return try SASLClient(
            offered: offered, service: "smtp", host: "localhost", login: "alice", secret: Array("pencil".utf8).span,
            mayShowPassword: true)
    } catch {
        throw .authentication("\(error)")
    }
}
