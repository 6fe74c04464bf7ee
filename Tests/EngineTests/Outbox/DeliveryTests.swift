import Engine
import Loop
import MailTypes
import Rules
import SMTPRig
import SMTPSyntax
import Store
import TestKit
import Testing

/// What becomes of queued mail.
@Suite("Queued mail", .timeLimit(.minutes(20)))
struct DeliveryTests {
    @Test("It is accepted here, sent in order, copied to Sent, and forgotten")
    func delivers() async throws {
        try await QueueHouse.with { rig in
            let reply = try await rig.send("one", to: ["jan", "eva"])
            #expect(reply.description == "250 2.0.0 Queued as 1")
            try await rig.eventuallyQueue("it is sent") { $0.isEmpty }
            let delivery = try #require(rig.upstream.deliveries.first)
            #expect(delivery.recipients == ["RCPT TO:<jan@customer.example>", "RCPT TO:<eva@customer.example>"])
            #expect(delivery.fields("Received").count == 1 && delivery.fields("Subject") == ["Subject: one"])
            try await eventually("there is a copy", holds: { try await rig.stored(in: "Sent").count == 1 })
            #expect(try await rig.stored(in: "Sent").first?.contains("Received:") == false)
            for number in 2...12 { #expect(try await rig.send("letter-\(number)").isPositive) }
            try await rig.eventuallyQueue("all are sent") { $0.isEmpty }
            #expect(rig.delivered.sorted() == (["one"] + (2...12).map { "letter-\($0)" }).sorted())
            #expect(rig.upstream.connectionCount <= 4)
            #expect(try await rig.stored(in: "INBOX").isEmpty)
        }
    }

    @Test("What is refused for now is tried again after a minute, then after two")
    func defers() async throws {
        try await QueueHouse.with { rig in
            rig.upstream.behave { $0.end = { _ in "451 4.3.0 not now" } }
            let begun = rig.time.clock.now.seconds
            #expect(try await rig.send("later").isPositive)
            func waits(_ attempts: Int) async throws -> OutboxEntry {
                try await rig.eventuallyQueue("attempt \(attempts)") {
                    $0.first?.entry.attempts == attempts && $0.first?.entry.state == .waiting
                }[0].entry
            }
            let first = try await waits(1)
            #expect((60...70).contains(first.nextAttempt.seconds - begun))
            #expect(first.recipients[0].answer == "451 4.3.0 not now" && first.lastError == "451 4.3.0 not now")
            rig.time.advance(seconds: 61)
            let second = try await waits(2)
            #expect((180...195).contains(second.nextAttempt.seconds - begun))
            rig.upstream.behave { $0.end = { _ in "250 2.0.0 now" } }
            #expect(rig.delivered.count == 2)
            rig.time.advance(seconds: 121)
            try await rig.eventuallyQueue("it is sent") { $0.isEmpty }
            #expect(rig.delivered.count == 3)
            #expect(try await rig.stored(in: "INBOX").isEmpty)
        }
    }

    @Test("Of a recipient who is refused the sender hears at once; the others get it")
    func refusedRecipient() async throws {
        try await QueueHouse.with { rig in
            rig.upstream.behave {
                $0.recipient = { $0.contains("<nobody@") ? "550 5.1.1 Nobody here" : "250 2.1.5 Fine" }
            }
            #expect(try await rig.send("partly", to: ["jan", "nobody"]).isPositive)
            let rows = try await rig.eventuallyQueue("it is reported") {
                $0.first?.entry.recipients.last?.isReported == true
            }
            #expect(rows[0].entry.recipients.map(\.state) == [.delivered, .failed] && rows[0].entry.state == .finished)
            #expect(rig.upstream.deliveries.map(\.recipients) == [["RCPT TO:<jan@customer.example>"]])
            let report = try #require(try await rig.reports().first)
            #expect(report.type == "multipart/report" && report.report == "delivery-status")
            #expect(report.parts == ["text/plain", "message/delivery-status", "text/rfc822-headers"])
            #expect(report.subject == "Not delivered: partly" && report.to == "support@example.test")
            #expect(report.from == "Mail Delivery System <MAILER-DAEMON@posthouse.example.test>")
            #expect(report.automatic == "auto-replied" && report.references == "<partly@example.test>")
            #expect(report.defects.isEmpty, "\(report.defects)")
            #expect(report.status.count == 2)
            #expect(report.status[0]["Reporting-MTA"] == "dns; posthouse.example.test")
            #expect(report.status[0]["Arrival-Date"] != nil)
            #expect(report.status[1]["Final-Recipient"] == "rfc822; nobody@customer.example")
            #expect(report.status[1]["Action"] == "failed" && report.status[1]["Status"] == "5.1.1")
            #expect(report.status[1]["Diagnostic-Code"] == "smtp; 550 5.1.1 Nobody here")
            #expect(report.original.contains("Subject: partly") && !report.original.contains("Hello."))
            // Once, and the row goes after a week.
            rig.time.advance(seconds: 7 * 86_400 + 10)
            try await rig.eventuallyQueue("it is forgotten") { $0.isEmpty }
            #expect(try await rig.reports().count == 1)
        }
    }

    @Test("An answer that is lost is unknown: reported, never sent again unasked, and sent again when asked")
    func lostAnswer() async throws {
        try await QueueHouse.with { rig in
            rig.upstream.behave { $0.end = { _ in nil } }
            #expect(try await rig.send("lost").isPositive)
            let row = try await rig.eventuallyQueue("it is reported") {
                $0.first?.entry.recipients.first?.isReported == true
            }[0]
            #expect(row.entry.recipients.map(\.state) == [.unknown] && row.entry.state == .finished)
            let report = try #require(try await rig.reports().first)
            #expect(report.status[1]["Action"] == "failed" && report.status[1]["Status"] == "4.4.2")
            #expect(report.text.contains("may have been delivered"))
            rig.upstream.behave { $0.end = { _ in "250 2.0.0 fine" } }
            rig.time.advance(seconds: 2 * 86_400)
            #expect(try await rig.send("other").isPositive)
            try await rig.eventuallyQueue("the other is sent") { $0.count == 1 }
            #expect(rig.delivered == ["lost", "other"])
            let support = try rig.support
            let mark = try await rig.house.store.read { r throws(StoreError) in
                try r.sentMark(account: support, identity: row.entry.identity)
            }
            #expect(mark?.relay == .unknown)
            _ = try await rig.house.store.transaction { t throws(StoreError) in try t.release(row.id) }
            try await rig.eventuallyQueue("it is sent") { $0.isEmpty }
            #expect(rig.delivered == ["lost", "other", "lost"])
        }
    }

    @Test("While the upstream is away mail waits; the log says so once, and once that it is back")
    func away() async throws {
        try await QueueHouse.with { rig in
            rig.way.close()
            for number in 1...6 { #expect(try await rig.send("letter-\(number)").isPositive) }
            let rows = try await rig.eventuallyQueue("all are put off") { rows in
                let now = rig.time.clock.now.seconds
                return rows.count == 6 && rows.allSatisfy { $0.entry.nextAttempt.seconds > now }
            }
            #expect(rows.allSatisfy { $0.entry.state == .waiting && $0.entry.lastError != nil })
            rig.time.advance(seconds: 65)
            try await rig.eventuallyQueue("there is a second round") { rows in
                let now = rig.time.clock.now.seconds
                return rows.allSatisfy { $0.entry.nextAttempt.seconds > now + 60 }
            }
            #expect(rig.lines.containing("queued mail waits").count == 1)
            #expect(rig.lines.containing(" warning ").count == 1, "\(rig.lines.containing(" warning "))")
            try rig.way.open()
            rig.time.advance(seconds: 125)
            // Who was about to try when the way was still closed waits once more.
            try await rig.eventuallyQueue("all are sent") { rows in
                if !rows.isEmpty { rig.time.advance(seconds: 5) }
                return rows.isEmpty
            }
            #expect(rig.delivered.sorted() == (1...6).map { "letter-\($0)" })
            #expect(rig.lines.containing("is back").count == 1)
        }
    }

    @Test("After four hours the sender is warned, after five days it is given up")
    func givesUp() async throws {
        try await QueueHouse.with { rig in
            rig.upstream.behave { $0.recipient = { _ in "450 4.2.0 greylisted" } }
            #expect(try await rig.send("never").isPositive)
            try await rig.eventuallyQueue("it waits") { $0.first?.entry.attempts == 1 }
            rig.time.advance(seconds: 4 * 3600 + 5)
            try await rig.eventuallyQueue("the sender is warned") { $0.first?.entry.warnAt == nil }
            let warning = try #require(try await rig.reports().first)
            #expect(warning.subject == "Delayed: never")
            #expect(warning.status[1]["Action"] == "delayed" && warning.status[1]["Status"] == "4.2.0")
            #expect(warning.status[1]["Will-Retry-Until"] != nil)
            rig.time.advance(seconds: 5 * 86_400)
            let rows = try await rig.eventuallyQueue("it is given up") {
                $0.first?.entry.recipients.first?.isReported == true
            }
            #expect(rows[0].entry.state == .finished && rows[0].entry.recipients[0].state == .failed)
            let reports = try await rig.reports()
            #expect(reports.count == 2)
            #expect(reports[1].status[1]["Action"] == "failed" && reports[1].status[1]["Status"] == "4.4.7")
            #expect(rig.delivered.isEmpty)
        }
    }

    @Test("More recipients than the upstream takes at a time get it one after the other, at once")
    func splits() async throws {
        try await QueueHouse.with { rig in
            rig.upstream.behave { $0.capabilities.append("LIMITS RCPTMAX=2") }
            #expect(try await rig.send("many", to: ["a", "b", "c", "d", "e"]).isPositive)
            try await rig.eventuallyQueue("all get it") { $0.isEmpty }
            #expect(rig.upstream.deliveries.map(\.recipients.count) == [2, 2, 1])
            #expect(rig.upstream.commands.count { $0.hasPrefix("RCPT") } == 5)
        }
    }

    @Test("Who was too much for the upstream comes first the next time, not behind those whom it puts off")
    func noStarvation() async throws {
        try await QueueHouse.with { rig in
            rig.upstream.behave {
                $0.capabilities.append("LIMITS RCPTMAX=1")
                $0.recipient = { $0.contains("<slow@") ? "450 4.2.0 greylisted" : "250 2.1.5 Fine" }
            }
            #expect(try await rig.send("two", to: ["slow", "quick"]).isPositive)
            try await rig.eventuallyQueue("one is put off") { $0.first?.entry.attempts == 1 }
            rig.time.advance(seconds: 61)
            let rows = try await rig.eventuallyQueue("the other gets it") {
                $0.first?.entry.recipients.last?.state == .delivered
            }
            #expect(rows[0].entry.recipients[0].state == .waiting)
        }
    }

    @Test("Nobody reports to the null return path")
    func nullSender() async throws {
        try await QueueHouse.with { rig in
            rig.upstream.behave { $0.end = { _ in "554 5.7.1 no" } }
            #expect(try await rig.send("receipt", from: nil).isPositive)
            let rows = try await rig.eventuallyQueue("it is finished") { $0.first?.entry.state == .finished }
            #expect(rows[0].entry.sender == nil && rows[0].entry.reportAt == nil)
            #expect(try await rig.send("letter").isPositive)
            try await rig.eventuallyQueue("the other is reported") {
                $0.last?.entry.recipients.last?.isReported == true
            }
            #expect(try await rig.reports().map(\.subject) == ["Not delivered: letter"])
        }
    }

    @Test("A report waits for the mailboxes, and comes once")
    func reportWaits() async throws {
        try await QueueHouse.with { rig in
            rig.house.relay.close()
            rig.upstream.behave { $0.end = { _ in "554 5.7.1 no" } }
            #expect(try await rig.send("refused").isPositive)
            try await eventually(
                "the report can't be saved", holds: { !rig.lines.containing("a report can't be saved yet").isEmpty })
            try rig.house.relay.open()
            try await eventually("it is there", within: .seconds(60)) { () async throws -> Bool? in
                rig.time.advance(seconds: 301)
                return try await rig.reports().isEmpty ? nil : true
            }
            try await rig.eventuallyQueue("it is reported") { $0.first?.entry.recipients.last?.isReported == true }
            #expect(try await rig.reports().count == 1)
        }
    }
}
