internal import Bytes

/// Reads the words of structured fields (RFC 5322 §3.2) leniently. A quotation or comment that nobody closes is
/// ordinary text from its opening on; that is found out once, so reading stays linear.
struct HeaderLexer {
    var cursor: ByteCursor
    private var lacksQuote = false
    private var lacksParenthesis = false

    /// - Parameter value: an unfolded value.
    init(_ value: [UInt8]) { cursor = ByteCursor(value) }

    static func isBlank(_ byte: UInt8) -> Bool {
        ASCII.isBlank(byte) || byte == ASCII.cr || byte == ASCII.lf
    }

    /// Passes blanks; true when there were any.
    @discardableResult mutating func skipBlanks() -> Bool {
        !cursor.takeRange(while: Self.isBlank).isEmpty
    }

    /// Passes blanks and comments; true when there were any.
    @discardableResult mutating func skipBlanksAndComments() -> Bool {
        let start = cursor.position
        skipBlanks()
        while cursor.peek == ASCII.openParenthesis, comment() != nil { skipBlanks() }
        return cursor.position > start
    }

    /// Takes a comment (RFC 5322 §3.2.2) and returns its inside, nested parentheses included and escapes undone.
    mutating func comment() -> [UInt8]? {
        guard cursor.peek == ASCII.openParenthesis, !lacksParenthesis else { return nil }
        let start = cursor.position
        var inside: [UInt8] = []
        var depth = 0
        while let byte = cursor.next() {
            switch byte {
            case ASCII.backslash:
                if let escaped = cursor.next() { inside.append(escaped) }
                continue
            case ASCII.openParenthesis:
                depth += 1
                if depth == 1 { continue }
            case ASCII.closeParenthesis:
                depth -= 1
                if depth == 0 { return inside }
            default: break
            }
            inside.append(byte)
        }
        lacksParenthesis = true
        cursor.position = start
        return nil
    }

    /// Takes a quoted string (RFC 5322 §3.2.4) and returns its inside with escapes undone.
    mutating func quotedString() -> [UInt8]? {
        guard cursor.peek == ASCII.quote, !lacksQuote else { return nil }
        let start = cursor.position
        cursor.position += 1
        var inside: [UInt8] = []
        while let byte = cursor.next() {
            switch byte {
            case ASCII.quote: return inside
            case ASCII.backslash: if let escaped = cursor.next() { inside.append(escaped) }
            case ASCII.cr, ASCII.lf: continue
            default: inside.append(byte)
            }
        }
        lacksQuote = true
        cursor.position = start
        return nil
    }

    /// Takes a token of MIME (RFC 2045 §5.1), octets above ASCII included; empty when none comes next.
    mutating func token() -> ArraySlice<UInt8> { cursor.take(while: Self.isToken) }

    /// `token` without the `tspecials` of RFC 2045 §5.1.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...ASCII.space, ASCII.delete: false
        case ASCII.openParenthesis, ASCII.closeParenthesis, ASCII.openAngle, ASCII.closeAngle, ASCII.at, ASCII.comma,
            ASCII.semicolon, ASCII.colon, ASCII.backslash, ASCII.quote, ASCII.slash, ASCII.openBracket,
            ASCII.closeBracket, ASCII.question, ASCII.equals:
            false
        default: true
        }
    }
}
