internal import Foundation
import TestKit

/// A ticket as `posthouse ticket list --json` tells it.
struct Ticket: Decodable, Equatable, Sendable {
    let number: Int
    let subject: String
    let status: String
    let needsReaction: Bool
}

extension House {
    /// All tickets, by number.
    func tickets() async throws -> [Ticket] {
        let text = try await posthouse.succeed(["ticket", "list", "--json"])
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

    /// Waits until the journal has an entry that mentions all these words.
    func journal(mentions words: [String]) async throws {
        try await eventually(
            "the journal mentions \(words)",
            holds: {
                let lines = try await posthouse.succeed(["journal", "show"]).split(separator: "\n")
                return lines.contains { line in words.allSatisfy { line.contains($0) } }
            })
    }

    /// Sends as `support` and expects the provider's consent.
    func reply(_ message: String, to recipient: String = "jan@customer.test") async throws {
        let sender = try await smtp("alice")
        let reply = try await sender.deliver(message, from: "support@example.test", to: [recipient])
        guard reply.code == 250 else { throw RigFailure("\(reply.code) \(reply.text)") }
        try await sender.quit()
    }
}
