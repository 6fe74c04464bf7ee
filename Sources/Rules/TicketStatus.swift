/// The name of a state that a ticket is in. Besides the four below an administrator may use any name.
package struct TicketStatus: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ name: String) { rawValue = name }

    /// Somebody of ours has to act.
    package static let open = TicketStatus("open")
    /// We wrote last; the customer has to answer.
    package static let waitingForResponse = TicketStatus("waiting-for-response")
    /// The customer has answered.
    package static let answered = TicketStatus("answered")
    package static let closed = TicketStatus("closed")

    package var description: String { rawValue }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
