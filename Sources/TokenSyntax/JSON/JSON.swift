/// A value of JSON (RFC 8259). The names within an object are different ones.
package enum JSON: Hashable, Sendable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case array([JSON])
    case object([String: JSON])

    /// The member of this name; nil when there is none, or when this is no object.
    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    /// The text; nil for any other value.
    package var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    /// The number, rounded down to a whole one; nil for any other value and beyond ±2^53, where numbers have gaps.
    package var whole: Int64? {
        guard case .number(let number) = self, number.magnitude <= 9_007_199_254_740_992 else { return nil }
        return Int64(number.rounded(.down))
    }

    /// The texts of an array of nothing else, or a text alone as the only one; nil for any other value.
    package var texts: [String]? {
        switch self {
        case .text(let text): return [text]
        case .array(let values):
            let texts = values.compactMap(\.text)
            return texts.count == values.count ? texts : nil
        default: return nil
        }
    }
}
