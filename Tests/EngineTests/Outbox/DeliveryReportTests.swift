import Engine
import SMTPRig
import SMTPSyntax
import Store
import Testing

/// What a sender hears of queued mail when she says what she wants to hear (RFC 3461).
@Suite("Wanted delivery reports", .timeLimit(.minutes(20)))
struct DeliveryReportTests {
    private static func recipient(
        _ name: String, _ notify: RecipientParameters.Notify?, original: String? = nil
    ) -> EnvelopeRecipient {
        var recipient = QueueHouse.recipient(name)
        recipient.parameters.notify = notify
        recipient.parameters.original = original.map { OriginalRecipient(kind: "rfc822", address: $0) }
        return recipient
    }

    private static func parameters(_ returns: MailParameters.Return?, _ envelopeID: String? = nil) -> MailParameters {
        var parameters = MailParameters()
        (parameters.returns, parameters.envelopeID) = (returns, envelopeID)
        return parameters
    }

    @Test("An upstream with DSN is asked for what the sender wants, and nothing is reported twice")
    func passedOn() async throws {
        try await QueueHouse.with { rig in
            rig.upstream.behave { $0.capabilities.append("DSN") }
            let reply = try await rig.send(
                "one",
                recipients: [
                    Self.recipient("jan", .success, original: "Jan+1@old.example"), Self.recipient("eva", nil),
                ], parameters: Self.parameters(.full, "QQ+1"))
            #expect(reply.isPositive)
            try await rig.eventuallyQueue("it is sent") { $0.isEmpty }
            let delivery = try #require(rig.upstream.deliveries.first)
            #expect(delivery.sender.hasSuffix(" RET=FULL ENVID=QQ+2B1"))
            #expect(
                delivery.recipients == [
                    "RCPT TO:<jan@customer.example> NOTIFY=SUCCESS ORCPT=rfc822;Jan+2B1@old.example",
                    "RCPT TO:<eva@customer.example>",
                ])
            #expect(try await rig.stored(in: "INBOX").isEmpty)
        }
    }

    @Test("An upstream without DSN is not troubled; who asked for success hears that the message went on")
    func relayed() async throws {
        try await QueueHouse.with { rig in
            let reply = try await rig.send(
                "one",
                recipients: [
                    Self.recipient("jan", [.success, .failure], original: "Jan@old.example"),
                    Self.recipient("eva", .failure), Self.recipient("ola", nil), Self.recipient("ida", []),
                ], parameters: Self.parameters(.full, "QQ+1"))
            #expect(reply.isPositive)
            try await rig.eventuallyQueue("it is sent and told") { $0.isEmpty }
            let commands = rig.upstream.commands
            #expect(commands.allSatisfy { !$0.contains("NOTIFY") && !$0.contains("RET=") && !$0.contains("ORCPT") })
            let reports = try await rig.reports()
            #expect(reports.count == 1)
            let report = try #require(reports.first)
            #expect(report.subject == "Passed on: one" && report.defects.isEmpty, "\(report.defects)")
            #expect(report.status[0]["Original-Envelope-Id"] == "QQ+1")
            #expect(report.status.count == 2)
            #expect(report.status[1]["Original-Recipient"] == "rfc822; Jan@old.example")
            #expect(report.status[1]["Final-Recipient"] == "rfc822; jan@customer.example")
            #expect(report.status[1]["Action"] == "relayed" && report.status[1]["Status"] == "2.0.0")
            // RFC 3461 §4.3: RET is for failures.
            #expect(report.parts.last == "text/rfc822-headers" && !report.original.contains("Hello."))
        }
    }

    @Test("A failure is reported to who wants to hear of failures, with as much of the message as she wants")
    func failed() async throws {
        try await QueueHouse.with { rig in
            rig.upstream.behave { $0.end = { _ in "554 5.7.1 no" } }
            let some = [Self.recipient("jan", .failure, original: "J@old.example"), Self.recipient("eva", .delay)]
            #expect(
                try await rig.send("whole", recipients: some, parameters: Self.parameters(.full, "Q1")).isPositive)
            #expect(try await rig.send("part", recipients: some, parameters: Self.parameters(.headers)).isPositive)
            let none = [Self.recipient("jan", []), Self.recipient("eva", .success), Self.recipient("ola", .delay)]
            #expect(try await rig.send("silent", recipients: none).isPositive)
            try await rig.eventuallyQueue("all are told") {
                $0.count == 3 && $0.allSatisfy { $0.entry.state == .finished && $0.entry.reportAt == nil }
            }
            let reports = try await rig.reports().sorted { $0.subject < $1.subject }
            #expect(reports.map(\.subject) == ["Not delivered: part", "Not delivered: whole"])
            guard reports.count == 2 else { return }
            #expect(reports[0].parts.last == "text/rfc822-headers" && !reports[0].original.contains("Hello."))
            #expect(reports[0].status[0]["Original-Envelope-Id"] == nil)
            #expect(reports[1].parts.last == "message/rfc822" && reports[1].original.contains("Hello."))
            #expect(reports[1].defects.isEmpty && reports[1].status[0]["Original-Envelope-Id"] == "Q1")
            #expect(reports[1].status.count == 2)
            #expect(reports[1].status[1]["Original-Recipient"] == "rfc822; J@old.example")
        }
    }

    @Test("A delay is reported to who wants to hear of delays, and to who said nothing")
    func delayed() async throws {
        try await QueueHouse.with { rig in
            rig.upstream.behave { $0.recipient = { _ in "450 4.2.0 greylisted" } }
            let some = [
                Self.recipient("jan", .delay), Self.recipient("eva", .failure), Self.recipient("ola", nil),
                Self.recipient("ida", []),
            ]
            #expect(try await rig.send("slow", recipients: some).isPositive)
            try await rig.eventuallyQueue("it waits") { $0.first?.entry.attempts == 1 }
            rig.time.advance(seconds: 4 * 3600 + 5)
            try await rig.eventuallyQueue("the sender is warned") { $0.first?.entry.warnAt == nil }
            let warning = try #require(try await rig.reports().first)
            #expect(
                warning.status.dropFirst().map { $0["Final-Recipient"] } == [
                    "rfc822; jan@customer.example", "rfc822; ola@customer.example",
                ])
            #expect(warning.status[1]["Action"] == "delayed")
        }
    }
}
