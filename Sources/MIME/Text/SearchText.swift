internal import Bytes

/// What SEARCH looks at in a message, decoded (RFC 9051 §6.4.4).
package struct SearchText: Hashable, Sendable {
    /// The headers of the message, of its parts and of enclosed messages: fields as `Name: text`, a line each.
    package var headers: [String]
    /// The text parts, attached ones among them. Lines end in LF. HTML comes as it is read and as it is written.
    package var texts: [String]
}

/// Which octets of a message SEARCH has to look at.
package struct SearchPlan: Sendable {
    /// How much is looked at.
    package struct Limits: Hashable, Sendable {
        /// Octets of all headers and text parts together, before decoding.
        package var octets = 4 << 20
        /// Headers and text parts.
        package var pieces = 2000

        package init() {}
        package static let standard = Limits()
    }

    private struct Piece: Sendable {
        let range: Range<Int>
        /// Nil for a header.
        let part: MessageStructure.Part?
    }

    private var pieces: [Piece] = []
    /// False when a limit, or a bound on the message's structure, keeps something from being looked at.
    package private(set) var isComplete = true

    package init(_ structure: MessageStructure, limits: Limits = .standard) {
        var room = limits.octets
        for part in structure.parts {
            if part.isOpaque { isComplete = false }
            add(part.header, of: nil, &room, limits)
            if part.kind == .leaf, part.fields.isType("text") || part.fields.isType("message") {
                add(part.body, of: part, &room, limits)
            }
        }
    }

    private mutating func add(
        _ range: Range<Int>, of part: MessageStructure.Part?, _ room: inout Int, _ limits: Limits
    ) {
        guard !range.isEmpty else { return }
        let taken = range.prefix(room)
        if taken.count < range.count || pieces.count >= limits.pieces { isComplete = false }
        guard !taken.isEmpty, pieces.count < limits.pieces else { return }
        room -= taken.count
        pieces.append(Piece(range: taken, part: part))
    }

    /// The octets of the message that are looked at, piece by piece.
    package var ranges: [Range<Int>] { pieces.map(\.range) }

    /// What stands there.
    /// - Parameter octets: those of each of `ranges`.
    package func text(_ octets: [[UInt8]]) -> SearchText {
        var text = SearchText(headers: [], texts: [])
        for (piece, octets) in zip(pieces, octets) {
            guard let part = piece.part else {
                text.headers.append(
                    MessageHeader(octets).fields.map { "\(String(lossy: $0.name)): \($0.text)" }
                        .joined(separator: "\n"))
                continue
            }
            let words = part.text(octets)
            if part.isHTML { text.texts.append(HTML.text(words)) }
            text.texts.append(words)
        }
        return text
    }
}
