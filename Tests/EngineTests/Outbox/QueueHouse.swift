import Bytes
import Engine
import Foundation
import Loop
import MailTypes
import SMTPRig
import SMTPSyntax
import Store
import TestKit
import Testing

/// An engine whose `support` account has a queue, in front of a real Dovecot and a submission server of the test's own
/// that can be cut off, with a clock that the test puts forward.
final class QueueHouse: Sendable {
    let house: EngineHouse
    let upstream: FakeUpstream
    /// Between the engine and `upstream`.
    let way: TestKit.Relay
    let time: MovableClock
    let lines: LogLines

    private init(
        _ house: EngineHouse, _ upstream: FakeUpstream, _ way: TestKit.Relay, _ time: MovableClock, _ lines: LogLines
    ) {
        self.house = house
        self.upstream = upstream
        self.way = way
        self.time = time
        self.lines = lines
    }

    static func with(
        site change: (inout SiteDescription) -> Void = { _ in },
        configuration: (inout Engine.Configuration) -> Void = { _ in }, _ body: (QueueHouse) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "upstream")
        defer {
            loop.stop(grace: .seconds(1))
            loop.join()
        }
        let upstream = try FakeUpstream(on: loop)
        defer { upstream.stop() }
        upstream.behave { $0.offersSignIn = false }
        let way = try TestKit.Relay(to: upstream.port)
        defer { way.close() }
        let (time, lines) = (MovableClock(), LogLines())
        try await EngineHouse.with(
            clock: time.clock, log: lines.log,
            site: { site in
                site.servers[0].smtp = .init(host: "127.0.0.1", port: way.port, security: .none)
                for index in site.accounts.indices where site.accounts[index].name == "support" {
                    site.accounts[index].outbox = .queue
                }
                change(&site)
            },
            configuration: configuration,
            { house in try await body(QueueHouse(house, upstream, way, time, lines)) })
    }

    var support: AccountID {
        get throws { try #require(house.engine.directory.account(named: "support")).id }
    }

    static func letter(_ subject: String, _ text: String = "Hello.", from author: String = "support") -> String {
        "From: \(author)@example.test\r\nTo: jan@customer.example\r\nSubject: \(subject)\r\n"
            + "Message-ID: <\(subject)@example.test>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n\r\n\(text)\r\n"
    }

    static let sender = SMTPPath.mailbox(EmailAddress(local: "support", domain: "example.test"))

    static func recipient(_ name: String) -> EnvelopeRecipient {
        EnvelopeRecipient(.mailbox(EmailAddress(local: name, domain: "customer.example")))
    }

    /// Sends a message as a session does, and returns the last answer.
    func send(
        _ subject: String, to recipients: [String] = ["jan"], from sender: String? = "support",
        as user: String = "alice", holding release: FutureRelease? = nil
    ) async throws -> SMTPReply {
        var parameters = MailParameters()
        parameters.futureRelease = release
        return try await send(
            subject, recipients: recipients.map(Self.recipient), from: sender, as: user, parameters: parameters)
    }

    /// The same with parameters.
    func send(
        _ subject: String, recipients: [EnvelopeRecipient], from sender: String? = "support",
        as user: String = "alice", parameters: MailParameters = MailParameters()
    ) async throws -> SMTPReply {
        let (house, principal) = (house, try house.principal(user, account: sender == nil ? "support" : nil))
        return try await house.loop.run { _ in
            let origin = SubmissionOrigin(
                peer: .loopback(port: 40_000), clientName: "client.example", isEncrypted: true, usesSMTPUTF8: false)
            let path = sender.map { SMTPPath.mailbox(EmailAddress(local: $0, domain: "example.test")) } ?? .null
            let submission: Submission
            do throws(SubmissionRefusal) {
                submission = try house.engine.beginSubmission(
                    from: path, parameters: parameters, by: principal, origin: origin)
            } catch { return error.reply }
            let answer = await submission.open(recipients)
            guard answer.mail.isPositive else { return answer.mail }
            let spool = house.engine.makeSpool()
            try await spool.append(Array(Self.letter(subject, from: sender ?? "support").utf8))
            return await submission.deliver(spool)
        }
    }

    /// What is in the queue.
    func queue() async throws -> [OutboxRow] {
        try await house.store.read { reader throws(StoreError) in try reader.outbox() }
    }

    /// Waits until the queue is as wanted.
    @discardableResult
    func eventuallyQueue(
        _ what: String, within patience: Duration = .seconds(60), _ isWanted: ([OutboxRow]) -> Bool
    ) async throws -> [OutboxRow] {
        try await eventually(what, within: patience) { () async throws -> [OutboxRow]? in
            let rows = try await queue()
            return isWanted(rows) ? rows : nil
        }
    }

    /// The subjects that the upstream has taken, in order.
    var delivered: [String] {
        upstream.deliveries.map { $0.fields("Subject").first.map { String($0.dropFirst("Subject: ".count)) } ?? "" }
    }

    /// The messages in a mailbox of `support`, as the provider has them.
    func stored(in mailbox: String) async throws -> [String] {
        let client = try await IMAPClient.connect("support upstream", port: house.provider.imapPort)
        guard try await client.login("support", "support-upstream").isOK else { return [] }
        let selected = try await client.command("SELECT \(mailbox)")
        let answer = selected.isOK ? try await client.command("FETCH 1:* (BODY.PEEK[])") : selected
        try await client.logout()
        return answer.untagged.filter { $0.contains("FETCH (") }.compactMap { line in
            guard let open = line.firstIndex(of: "{"), let end = line[open...].firstRange(of: "}\r\n"),
                let count = Int(line[line.index(after: open)..<end.lowerBound])
            else { return nil }
            return String(decoding: line[end.upperBound...].utf8.prefix(count), as: UTF8.self)
        }
    }

    /// The reports in INBOX, as Python's email package reads them.
    func reports() async throws -> [Report] {
        var reports: [Report] = []
        for message in try await stored(in: "INBOX") {
            let finished = try await ChildProcess.run(["python3", "-c", Self.reader], input: message)
            #expect(finished.succeeded, "\(finished.errors)")
            reports.append(try JSONDecoder().decode(Report.self, from: Data(finished.output.utf8)))
        }
        return reports
    }

    struct Report: Decodable {
        let type: String
        let report: String
        let parts: [String]
        let subject: String
        let from: String
        let to: String
        let automatic: String
        let references: String
        let text: String
        let original: String
        /// The fields about the message, then those about each recipient.
        let status: [[String: String]]
        let defects: [String]
    }

    private static let reader = """
        import email, email.policy, json, sys
        m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
        parts = list(m.iter_parts())
        original = parts[2].get_payload()
        if not isinstance(original, str): original = original[0].as_string()
        defects = [str(d) for p in m.walk() for d in p.defects]
        print(json.dumps({
            'type': m.get_content_type(), 'report': m.get_param('report-type') or '',
            'parts': [p.get_content_type() for p in parts], 'subject': m['Subject'], 'from': m['From'], 'to': m['To'],
            'automatic': m['Auto-Submitted'], 'references': m['References'] or '', 'text': parts[0].get_content(),
            'status': [dict(s.items()) for s in parts[1].get_payload()],
            'original': original, 'defects': defects}))
        """
}
