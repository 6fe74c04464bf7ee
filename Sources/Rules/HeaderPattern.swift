/// A header field that a rule looks for: `X-Spam-Flag: YES`; a name alone means that the field is there.
package struct HeaderPattern: Hashable, Sendable, CustomStringConvertible {
    /// In lower case.
    package let name: String
    package let value: TextPattern?
    package let description: String

    /// Nil when there is no field name before the first colon (RFC 5322 §2.2).
    package init?(_ text: String) {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = halves[0]
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        self.name = name.lowercased()
        let value = halves.count > 1 ? halves[1].drop { $0.isWhitespace } : ""
        self.value = value.isEmpty ? nil : TextPattern(String(value))
        description = text
    }

    package func matches(_ field: HeaderText) -> Bool {
        field.name == name && value?.matches(field.value) ?? true
    }
}

extension HeaderPattern: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let pattern = HeaderPattern(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no header field: \(text)")
        }
        self = pattern
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A field of a message's header, decoded.
package struct HeaderText: Hashable, Sendable, Codable {
    /// In lower case.
    package let name: String
    /// Unfolded, encoded words decoded, without blanks at the ends.
    package let value: String

    package init(name: String, value: String) {
        self.name = name.lowercased()
        self.value = value
    }
}
