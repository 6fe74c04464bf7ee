internal import Foundation
import TestKit

/// A ticket as `posthouse ticket list --json` tells it.
struct Ticket: Decodable, Equatable, Sendable {
    let number: Int
    let subject: String
    let status: String
    let needsReaction: Bool
}

/// One message as `posthouse journal list --json` tells it.
struct Passage: Decodable, Equatable, Sendable {
    let messageID: String
    let direction: String
    let outcome: String
    let ticket: Int?
    let reasons: [String]
}

extension House {
    /// All tickets, by number.
    func tickets() async throws -> [Ticket] {
        let text = try await posthouse.succeed(["ticket", "list", "--json", "--limit", "1000"])
        return try JSONDecoder().decode([Ticket].self, from: Data(text.utf8)).sorted { $0.number < $1.number }
    }

    /// Waits until there are so many tickets.
    @discardableResult
    func tickets(count: Int, within patience: Duration = .seconds(30)) async throws -> [Ticket] {
        try await eventually("there are \(count) tickets", within: patience) {
            let tickets = try await tickets()
            return tickets.count == count ? tickets : nil
        }
    }

    /// What the journal says of every message.
    func passages() async throws -> [Passage] {
        let text = try await posthouse.succeed(["journal", "list", "--json", "--limit", "1000"])
        return try JSONDecoder().decode([Passage].self, from: Data(text.utf8))
    }

    /// Waits until the message has passed, and gives what the journal says of it.
    @discardableResult
    func journal(of letter: Int) async throws -> Passage {
        try await eventually("letter \(letter) has passed", within: .seconds(30)) { () async throws -> Passage? in
            try await passages()
                .first { $0.messageID == "letter-\(letter)@customer.test" && $0.outcome != "pending" }
        }
    }

    /// Sends as `support` and expects the provider's consent.
    func reply(_ message: String, to recipient: String = "jan@customer.test") async throws {
        let sender = try await smtp("alice")
        let reply = try await sender.deliver(message, from: "support@example.test", to: [recipient])
        guard reply.code == 250 else { throw RigFailure("\(reply.code) \(reply.text)") }
        try await sender.quit()
    }
}
