internal import FoundationEssentials
package import Rules

/// Decisions as the journal keeps them: JSON with sorted keys.
extension Decision {
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Every part of a decision is text, a number or a list of these: there is nothing that can't be encoded.
        return (try? encoder.encode(self)).map { [UInt8]($0) } ?? []
    }

    /// Nil when these octets are no decision, as in a row that was begun and not decided.
    package init?(json: [UInt8]) {
        guard let decision = try? JSONDecoder().decode(Decision.self, from: Data(json)) else { return nil }
        self = decision
    }

    /// The decision for people, a line each: what came of it, why, and what is done.
    package var explanation: [String] {
        var lines = ["\(outcome.rawValue), \(direction.rawValue)" + (automatic.map { ", \($0.rawValue)" } ?? "")]
        lines += reasons.map { "because " + $0.description }
        lines += effects.map { "does " + $0.description }
        return lines
    }
}

extension Effect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .createEmail: return "record the message"
        case .bind(let bindings):
            return "bind it to " + bindings.map { "\($0.record)" }.joined(separator: ", ")
        case .attach(let change):
            var text = "attach it to ticket \(change.ticket) as \(change.role.rawValue)"
            if let status = change.status { text += ", status \(status)" }
            if let needsReaction = change.needsReaction {
                text += needsReaction ? ", needs reaction" : ", needs no reaction"
            }
            if let assignee = change.assignee { text += ", assignee \(assignee)" }
            return text
        case .createTicket(let ticket):
            var text = "make a ticket in queue \(ticket.queue), status \(ticket.status), priority \(ticket.priority)"
            if let requester = ticket.requester { text += ", for \(requester)" }
            if let assignee = ticket.assignee { text += ", assignee \(assignee)" }
            if let linked = ticket.linkedTo { text += ", linked to ticket \(linked)" }
            return text
        }
    }
}
