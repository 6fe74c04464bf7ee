internal import Bytes

/// Lists of message identifiers, as in References and In-Reply-To (RFC 5322 §3.6.4), read leniently.
package enum MessageIDList {
    /// Identifiers kept of one field; the newest are kept when there are more.
    package static let maximum = 1000
    /// Octets of one identifier; a longer one is left out (RFC 5322 §2.1.1 allows 998 a line).
    package static let maximumLength = 998

    /// The identifiers in order, without angle brackets, comments and inner blanks. Words without brackets count
    /// when they hold an `@` and there is no bracket at all.
    package static func parse(_ value: [UInt8]) -> [String] {
        var lexer = HeaderLexer(value)
        var bracketed: [[UInt8]] = []
        var bare: [[UInt8]] = []
        while true {
            lexer.skipBlanksAndComments()
            guard let byte = lexer.cursor.peek else { break }
            if byte == ASCII.openAngle {
                lexer.cursor.position += 1
                bracketed.append(inside(&lexer))
            } else if byte == ASCII.quote, lexer.quotedString() != nil {
                continue
            } else {
                let word = lexer.cursor.take { !HeaderLexer.isBlank($0) && $0 != ASCII.openAngle && $0 != ASCII.comma }
                if word.isEmpty { lexer.cursor.position += 1 }
                if word.contains(ASCII.at) { bare.append(Array(word)) }
            }
        }
        let found = bracketed.isEmpty ? bare : bracketed
        return found.filter { !$0.isEmpty && $0.count <= maximumLength }.suffix(maximum).map { String(lossy: $0) }
    }

    /// What stands before the closing bracket, or before the next opening one when the closing one is missing.
    private static func inside(_ lexer: inout HeaderLexer) -> [UInt8] {
        let text = lexer.cursor.take { $0 != ASCII.closeAngle && $0 != ASCII.openAngle }
        _ = lexer.cursor.skip(ASCII.closeAngle)
        return text.filter { !HeaderLexer.isBlank($0) }
    }
}
