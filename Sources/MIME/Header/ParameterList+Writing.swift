internal import Bytes

extension ParameterList {
    /// How much of an encoded value stands on one line, so that it stays within 78 characters with its name.
    private static let pieceLength = 50

    /// The parameter for a header, without the `;`: a token, a quoted string, or RFC 2231 in UTF-8, continued where
    /// it is long. One string a line.
    package static func encode(name: String, value: String) -> [String] {
        let octets = Array(value.utf8)
        if octets.count <= pieceLength, octets.allSatisfy({ $0 >= ASCII.space && $0 < ASCII.delete }) {
            if !octets.isEmpty, octets.allSatisfy(HeaderLexer.isToken) { return ["\(name)=\(value)"] }
            return ["\(name)=\(QuotedString.text(value))"]
        }
        let lines = pieces(of: value)
        guard lines.count > 1 else { return ["\(name)*=utf-8''\(lines.first ?? "")"] }
        return lines.enumerated().map { "\(name)*\($0.offset)*=\($0.offset == 0 ? "utf-8''" : "")\($0.element)" }
    }

    /// The value percent-encoded, in pieces; no character is split between two.
    private static func pieces(of value: String) -> [String] {
        var lines: [[UInt8]] = [[]]
        for scalar in value.unicodeScalars {
            var encoded: [UInt8] = []
            for byte in UTF8.encode(scalar).map(Array.init) ?? [] { encoded.appendPercentEncoded(byte) }
            if lines[lines.count - 1].count + encoded.count > pieceLength { lines.append([]) }
            lines[lines.count - 1] += encoded
        }
        return lines.map { String(lossy: $0) }
    }
}

/// Quoted strings (RFC 5322 §3.2.4).
enum QuotedString {
    /// The text between quotation marks, with what needs it escaped; control characters become spaces.
    static func text(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7F {
                quoted += " "
                continue
            }
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
