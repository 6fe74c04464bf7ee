internal import Bytes

/// A ticket's token in the subject of an answer: behind `Re:` and the like, so that mail programs put no second one
/// before it, and before the rest, where RFC 5256 §2.1 does not count it as part of the subject.
package enum SubjectTag {
    /// Letters that a word like `Re` or `Antw` has.
    private static let leaderLength = 2...5
    /// Octets of a line above which it is folded behind the token.
    private static let foldingLength = 60

    /// A raw value of Subject with the token put in; every other octet stays as it is, so encoded words do too.
    package static func inserting(_ token: String, into value: [UInt8]) -> [UInt8] {
        let place = leaderEnd(of: value)
        let (head, rest) = (value[..<place], value[place...])
        let line = rest.prefix { $0 != ASCII.cr && $0 != ASCII.lf }
        let isLong = head.count + token.utf8.count + line.count > foldingLength
        let separator = rest.isEmpty ? [] : isLong ? [ASCII.cr, ASCII.lf, ASCII.space] : [ASCII.space]
        let isSpaced = head.last.map(isSpace) == true || !head.isEmpty && !rest.isEmpty
        return head + (isSpaced ? [] : [ASCII.space]) + token.utf8 + separator + rest
    }

    /// A raw value without the token that stands where `inserting` puts it, genuine or not: a message with it is the
    /// same as without.
    static func removing(from value: [UInt8]) -> [UInt8] {
        let place = leaderEnd(of: value)
        var cursor = ByteCursor(Array(value[place...]))
        guard cursor.skip(ignoringCase: "[#"), !cursor.take(while: ASCII.isDigit).isEmpty, cursor.skip(0x2D),
            cursor.take(while: { ASCII.isLetter($0) || ASCII.isDigit($0) }).count == TokenKey.subjectTagLength,
            cursor.skip(0x5D)
        else { return value }
        guard cursor.isAtEnd || cursor.peek.map(isSpace) == true else { return value }
        return Array(value[..<place] + value[(place + cursor.position)...].drop(while: isSpace))
    }

    /// Where `Re:` and the blanks around it end; where the text begins when there is none.
    private static func leaderEnd(of value: [UInt8]) -> Int {
        let start = value.firstIndex { !isSpace($0) } ?? value.endIndex
        let word = value[start...].prefix(while: ASCII.isLetter)
        guard leaderLength.contains(word.count), word.endIndex < value.endIndex, value[word.endIndex] == 0x3A
        else { return start }
        let rest = value[(word.endIndex + 1)...]
        return rest.firstIndex { !isSpace($0) } ?? value.endIndex
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        ASCII.isBlank(byte) || byte == ASCII.cr || byte == ASCII.lf
    }
}
