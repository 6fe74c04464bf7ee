/// One node of a document, with the place where it begins.
///
/// An alias is the node it stands for, with the place of the anchored original.
package struct Node: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case scalar(Scalar)
        case sequence([Node])
        case mapping([Entry])
    }

    /// How a scalar was written. Only a plain one can be a number, a truth value or nothing.
    package enum Style: Hashable, Sendable {
        case plain
        case quoted
        /// `|` or `>`.
        case block
    }

    package struct Scalar: Hashable, Sendable {
        package let text: String
        package let style: Style

        package init(_ text: String, style: Style = .plain) {
            self.text = text
            self.style = style
        }

        /// Nothing written, `~` or `null` (YAML 1.2.2 §10.3.2).
        package var isNull: Bool { style == .plain && ["", "~", "null", "Null", "NULL"].contains(text) }
    }

    /// One key of a mapping with its value. Keys are scalars and stand once in a mapping.
    package struct Entry: Hashable, Sendable {
        package let key: String
        package let position: Position
        package let value: Node

        package init(key: String, position: Position, value: Node) {
            self.key = key
            self.position = position
            self.value = value
        }
    }

    package let content: Content
    package let position: Position

    package init(_ content: Content, at position: Position) {
        self.content = content
        self.position = position
    }

    package var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.isNull } else { false }
    }

    /// The value under `key` when this is a mapping that has it.
    package subscript(key: String) -> Node? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// Where the value at the end of these keys begins; as far as they lead when the rest is not written.
    package func position(of keys: some Sequence<String>) -> Position {
        var node = self
        for key in keys {
            guard let next = node[key] else { break }
            node = next
        }
        return node.position
    }
}
