import Bytes
import Loop
import SMTPRig
import SMTPSyntax
import Testing
import Upstream

@Suite("The envelope before an upstream", .timeLimit(.minutes(20)))
struct SMTPEnvelopeTests {
    let bench: Bench
    init() throws { bench = try Bench() }

    /// Runs the client on the loop and checks that the server's script went as written.
    private func play(
        _ script: @escaping ScriptedServer.Script,
        _ body: @escaping @Sendable (isolated LoopContext, Client) async throws -> Void
    ) async throws {
        let server = try ScriptedServer(on: bench.loop, script: script)
        defer { server.stop() }
        let bench = bench
        try await bench.loop.run { context in
            let client = try await bench.connect(bench.endpoint(server))
            try await body(context, client)
            await client.quit()
        }
        #expect(await server.settled() == [])
    }

    /// A recipient of whom this is to be heard.
    private static func recipient(_ text: String, _ notify: RecipientParameters.Notify) -> EnvelopeRecipient {
        var recipient = to(text)
        recipient.parameters.notify = notify
        recipient.parameters.original = OriginalRecipient(kind: "rfc822", address: "Old+\(text)")
        return recipient
    }

    private static let mail = Client.Mail(sender: path("a@b"), returns: .headers, envelopeID: "Q=1")

    @Test("What is to be heard of a message goes along to a server with DSN, unchanged")
    func passesNotification() async throws {
        try await play { peer in
            try await peer.welcome("PIPELINING", "DSN")
            try await peer.expect("MAIL FROM:<a@b> RET=HDRS ENVID=Q+3D1")
            try await peer.expect("RCPT TO:<c@d> NOTIFY=NEVER ORCPT=rfc822;Old+2Bc@d")
            try await peer.expect("RCPT TO:<e@f>")
            try await peer.say("250 ok", "250 ok", "250 ok")
            try await peer.expect("RCPT TO:<g@h> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Old+2Bg@h")
            try await peer.say("250 ok")
            try await peer.farewell()
        } _: { _, client in
            let answer = try await client.begin(
                Self.mail, recipients: [Self.recipient("c@d", []), to("e@f")])
            #expect(answer.passesNotification && answer.recipients.map(\.code) == [250, 250])
            #expect(try await client.add([Self.recipient("g@h", [.success, .delay])]).map(\.code) == [250])
        }
    }

    @Test(
        "A server without DSN never sees its parameters, and whoever needs them is refused", arguments: [true, false])
    func refusesNotification(_ pipelines: Bool) async throws {
        try await play { peer in
            if pipelines { try await peer.welcome("PIPELINING") } else { try await peer.welcome() }
            try await peer.expect("MAIL FROM:<a@b>")
            if !pipelines { try await peer.say("250 ok") }
            try await peer.expect("RCPT TO:<e@f>")
            try await peer.say(octets: pipelines ? "250 ok\r\n250 ok\r\n" : "250 ok\r\n")
            try await peer.farewell()
        } _: { _, client in
            let refused = try await client.begin(Self.mail, recipients: [to("c@d")])
            #expect(refused.mail.description.hasPrefix("555 5.5.4 ") && refused.recipients == [refused.mail])
            let partly = try await client.begin(
                .init(sender: path("a@b")), recipients: [Self.recipient("c@d", .success), to("e@f")])
            #expect(partly.mail.code == 250 && partly.recipients.map(\.code) == [555, 250])
            #expect(!partly.passesNotification)
        }
    }

    @Test("Recipients beyond what the server takes at a time are refused without being asked about")
    func recipientLimits() async throws {
        try await play { peer in
            try await peer.welcome("PIPELINING", "LIMITS RCPTMAX=3 rcptdomainmax=2 XMAX=1")
            for _ in 0..<2 {
                try await peer.expect("MAIL FROM:<a@b>")
                for name in ["c@d", "e@D", "postmaster"] { try await peer.expect("RCPT TO:<\(name)>") }
                try await peer.say("250 ok", "250 ok", "550 no", "250 ok")
            }
            try await peer.expect("MAIL FROM:<a@b>")
            for name in ["a@one", "a@two", "b@one"] { try await peer.expect("RCPT TO:<\(name)>") }
            try await peer.say("250 ok", "250 ok", "250 ok", "250 ok")
            try await peer.farewell()
        } _: { _, client in
            let mail = Client.Mail(sender: path("a@b"))
            let postmaster = EnvelopeRecipient(.postmaster)
            for _ in 0..<2 {
                let answer = try await client.begin(mail, recipients: [to("c@d"), to("e@D"), postmaster, to("f@d")])
                #expect(answer.recipients.map(\.code) == [250, 550, 250, 452])
                #expect(try await client.add([to("g@d")]).map { $0.enhanced?.description } == ["4.5.3"])
            }
            let answer = try await client.begin(mail, recipients: ["a@one", "a@two", "a@three", "b@one"].map(to))
            #expect(answer.recipients.map(\.code) == [250, 250, 452, 250])
        }
    }

    @Test(
        "What is no limit as RFC 9422 writes it is none",
        arguments: [
            ("RCPTMAX=1", 1), ("RCPTMAX=999999", 999_999), ("RCPTMAX=0", nil), ("RCPTMAX=07", nil), ("RCPTMAX", nil),
            ("RCPTMAX=1000000", nil), ("RCPTMAX=-1", nil), ("RCPTMAX=", nil), ("RCPTMAX=x", nil), ("XRCPTMAX=3", nil),
            ("MAILMAX=3 RCPTMAX=5", 5), ("", nil),
        ] as [(String, Int?)])
    func limits(_ text: String, _ limit: Int?) {
        let capabilities = SMTPCapabilities(SMTPReply(250, nil, ["host", "LIMITS \(text)"]))
        #expect(capabilities.limits.recipients == limit)
    }

    @Test("Whoever makes the reports itself is not refused by a server without DSN")
    func leavesNotificationOut() async throws {
        try await play { peer in
            try await peer.welcome("PIPELINING")
            try await peer.expect("MAIL FROM:<a@b>")
            try await peer.expect("RCPT TO:<c@d>")
            try await peer.say("250 ok", "250 ok")
            try await peer.farewell()
        } _: { _, client in
            var mail = Self.mail
            mail.withoutDSN = .leaveOut
            let answer = try await client.begin(mail, recipients: [Self.recipient("c@d", .success)])
            #expect(answer.recipients.map(\.code) == [250] && !answer.passesNotification)
        }
    }
}
