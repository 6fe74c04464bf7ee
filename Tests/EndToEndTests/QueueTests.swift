import Foundation
import TestKit
import Testing

/// Mail that is accepted into the queue goes out later, whatever happens in between.
@Suite("Queued sending")
struct QueueTests {
    private struct Queued: Decodable {
        struct Recipient: Decodable {
            let address: String
            let state: String
        }
        let number: Int
        let state: String
        let messageID: String
        let recipients: [Recipient]
    }

    private static var plan: Plan {
        var plan = Plan.sending
        plan.support = "outbox: queue"
        return plan
    }

    private static func queue(_ house: House) async throws -> [Queued] {
        let text = try await house.posthouse.succeed(["queue", "list", "--json"])
        return try JSONDecoder().decode([Queued].self, from: Data(text.utf8))
    }

    private static func send(
        _ number: Int, by client: SMTPClient, to recipient: String = "jan@customer.test"
    ) async throws -> SMTPClient.Reply {
        try await client.deliver(
            Letters.plain("letter \(number)", from: "support@example.test", to: recipient, number: number),
            from: "support@example.test", to: [recipient])
    }

    @Test func `What is accepted while the provider is away is sent when it is back`() async throws {
        try await House.with(Self.plan) { house in
            house.smtpRelay.close()
            let sender = try await house.smtp("alice")
            for number in 1...3 {
                let reply = try await Self.send(number, by: sender)
                #expect(reply.code == 250 && reply.text.contains("Queued as \(number)"), "\(reply)")
            }
            house.posthouse.kill()
            try await house.posthouse.start()
            #expect(try await Self.queue(house).map(\.state) == ["waiting", "waiting", "waiting"])
            try await house.posthouse.succeed(["queue", "hold", "2"])
            try await house.posthouse.succeed(["queue", "delete", "3"])
            try house.smtpRelay.open()
            // An administrator need not wait for the next attempt, and the running program notices.
            try await house.posthouse.succeed(["queue", "release", "1"])
            try await eventually(
                "the first has arrived",
                holds: { try await SubmissionTests.subjects(house, "jan", "INBOX") == ["letter 1"] })
            try await eventually("it has left", holds: { try await Self.queue(house).map(\.state) == ["held"] })
            try await house.posthouse.succeed(["queue", "release", "2"])
            try await eventually(
                "the second has arrived, and Sent has both",
                holds: {
                    let arrived = try await SubmissionTests.subjects(house, "jan", "INBOX")
                    let copies = try await SubmissionTests.subjects(house, "support", "Sent")
                    return arrived == ["letter 1", "letter 2"] && copies.sorted() == arrived
                })
            try await eventually("the queue is empty", holds: { try await Self.queue(house).isEmpty })
        }
    }

    @Test func `A refusal comes back as a report that Python's email package reads`() async throws {
        try await House.with(Self.plan) { house in
            let sender = try await house.smtp("alice")
            #expect(try await Self.send(1, by: sender, to: "nobody@example.test").code == 250)
            try await eventually(
                "the report has arrived",
                holds: {
                    try await SubmissionTests.subjects(house, "support", "INBOX") == ["Not delivered: letter 1"]
                })
            try await eventually(
                "it has failed", holds: { try await Self.queue(house).first?.recipients.map(\.state) == ["failed"] })
        }
    }

    @Test(.timeLimit(.minutes(20))) func `Killed again and again, every message arrives once or is shown as unknown`()
        async throws
    {
        try await House.with(Self.plan) { house in
            var accepted: Set<String> = []
            var number = 0
            for round in 0..<8 {
                if let sender = try? await house.smtp("alice") {
                    for _ in 0..<6 {
                        number += 1
                        // The last of a round may be accepted and not answered.
                        guard let reply = try? await Self.send(number, by: sender) else { break }
                        if reply.code == 250 { accepted.insert("letter \(number)") }
                    }
                }
                // The deliverer is at another place in each round.
                for _ in 0..<(round * 3) { _ = house.posthouse.log }
                house.posthouse.kill()
                try await house.posthouse.start()
            }
            #expect(accepted.count == number)
            let left = try await eventually("nothing waits", within: .seconds(120)) { () async throws -> [Queued]? in
                let left = try await Self.queue(house)
                return left.allSatisfy({ $0.state == "finished" }) ? left : nil
            }
            let unknown = Set(
                left.filter { $0.recipients.map(\.state) == ["unknown"] }.map { queued in
                    "letter " + (queued.messageID.split { !$0.isNumber }.first ?? "")
                })
            #expect(left.count == unknown.count)
            let arrived = try await eventually("all that is known to be sent has arrived", within: .seconds(60)) {
                () async throws -> [String]? in
                let arrived = try await SubmissionTests.subjects(house, "jan", "INBOX")
                return accepted.subtracting(unknown).isSubset(of: arrived) ? arrived : nil
            }
            #expect(arrived.count == Set(arrived).count, "something arrived twice: \(arrived.sorted())")
            // Of each that is unknown the sender is told.
            try await eventually(
                "reports have arrived", within: .seconds(60),
                holds: {
                    Set(try await SubmissionTests.subjects(house, "support", "INBOX"))
                        == Set(unknown.map { "Not delivered: \($0)" })
                })
            // A message that was given back to be sent is sent, and only once more.
            for queued in left { try await house.posthouse.succeed(["queue", "release", "\(queued.number)"]) }
            try await eventually(
                "everything has arrived", within: .seconds(60),
                holds: { accepted.isSubset(of: try await SubmissionTests.subjects(house, "jan", "INBOX")) })
        }
    }
}
