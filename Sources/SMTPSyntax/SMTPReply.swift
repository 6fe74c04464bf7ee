internal import Bytes

/// A reply (RFC 5321 §4.2): a code, perhaps an enhanced one, and lines for people.
package struct SMTPReply: Hashable, Sendable, CustomStringConvertible {
    /// The longest line written, CRLF included (RFC 5321 §4.5.3.1.5).
    package static let lineLimit = 512

    /// 200 to 599.
    package var code: Int
    package var enhanced: EnhancedStatus?
    /// Text without the codes; at least one line, each without line ends.
    package var lines: [String]

    package init(_ code: Int, _ enhanced: EnhancedStatus? = nil, _ lines: [String]) {
        self.code = code
        self.enhanced = enhanced
        self.lines = lines.isEmpty ? [""] : lines
    }

    package init(_ code: Int, _ enhanced: EnhancedStatus? = nil, _ line: String) {
        self.init(code, enhanced, [line])
    }

    /// 2xx.
    package var isPositive: Bool { code / 100 == 2 }
    /// 3xx: the command wants more.
    package var isIntermediate: Bool { code / 100 == 3 }
    /// 4xx: it may work later.
    package var isTransient: Bool { code / 100 == 4 }
    /// 5xx: it will not work.
    package var isPermanent: Bool { code / 100 == 5 }

    /// The text in one line.
    package var text: String { lines.joined(separator: " ") }

    package var description: String {
        enhanced.map { "\(code) \($0) \(text)" } ?? "\(code) \(text)"
    }

    /// Appends the reply as it goes over the wire. A line that would be too long goes on in the next one; control
    /// characters become spaces, and so do characters beyond ASCII unless `allowsUTF8` (RFC 6531 §3.7.4.1).
    package func append(to output: inout [UInt8], allowsUTF8: Bool = false) {
        var prefix: [UInt8] = []
        if let enhanced {
            prefix.append(text: enhanced.description)
            prefix.append(ASCII.space)
        }
        let room = Self.lineLimit - 6 - prefix.count
        let pieces = lines.flatMap { Self.pieces(of: $0, atMost: room, allowsUTF8: allowsUTF8) }
        for (index, piece) in pieces.enumerated() {
            output.append(decimal: code)
            output.append(index == pieces.count - 1 ? ASCII.space : 0x2D)
            output.append(contentsOf: prefix)
            output.append(contentsOf: piece)
            output.append(ASCII.cr)
            output.append(ASCII.lf)
        }
    }

    private static func pieces(of line: String, atMost room: Int, allowsUTF8: Bool) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var piece: [UInt8] = []
        for scalar in line.unicodeScalars {
            let isPlain = scalar.value >= 0x20 && scalar.value < 0x7F
            let isText = isPlain || allowsUTF8 && scalar.value >= 0xA0
            let octets = isText ? Array(String(scalar).utf8) : [ASCII.space]
            if piece.count + octets.count > room {
                pieces.append(piece)
                piece = []
            }
            piece.append(contentsOf: octets)
        }
        return pieces + [piece]
    }
}
