/// Mail on which a scanner takes no action. An account has its own, and there is one for all; both count.
package struct Exceptions: Hashable, Sendable {
    package static let none = Exceptions()

    /// Compared with From of a received message, with every recipient of a sent one.
    package var addresses: [AddressPattern]
    package var subjects: [TextPattern]
    package var headers: [HeaderPattern]

    package init(
        addresses: [AddressPattern] = [], subjects: [TextPattern] = [], headers: [HeaderPattern] = []
    ) {
        self.addresses = addresses
        self.subjects = subjects
        self.headers = headers
    }

    package var isEmpty: Bool { addresses.isEmpty && subjects.isEmpty && headers.isEmpty }
}

extension Exceptions: Codable {
    private enum Key: String, CodingKey { case addresses, subjects, headers }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        addresses = try container.decodeIfPresent([AddressPattern].self, forKey: .addresses) ?? []
        subjects = try container.decodeIfPresent([TextPattern].self, forKey: .subjects) ?? []
        headers = try container.decodeIfPresent([HeaderPattern].self, forKey: .headers) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        if !addresses.isEmpty { try container.encode(addresses, forKey: .addresses) }
        if !subjects.isEmpty { try container.encode(subjects, forKey: .subjects) }
        if !headers.isEmpty { try container.encode(headers, forKey: .headers) }
    }
}
