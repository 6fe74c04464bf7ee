internal import Bytes
internal import MailTypes

/// A piece of a message that the server puts together (RFC 4469 §3).
package enum CatenatePart: Hashable, Sendable {
    /// `TEXT`: octets that the client sends.
    case text(size: UInt64)
    /// `UTF8 (~{…})`: the same with a header in UTF-8 (RFC 6855 §4).
    case utf8(size: UInt64)
    /// What is there already, as the client wrote it; `IMAPURL` reads it, and `BADURL` tells of what it can't.
    case url([UInt8])
}

extension CommandReader {
    /// The parts of `CATENATE`, the word taken. Of a start the head of a literal is the last thing.
    mutating func catenateParts(isStart: Bool) throws(IMAPSyntaxError) -> [CatenatePart] {
        try space()
        try open()
        var parts: [CatenatePart] = []
        repeat {
            parts.append(try catenatePart(isStart))
            if isStart, position == end { return parts }
        } while try !closes(parts.count)
        return parts
    }

    private mutating func catenatePart(_ isStart: Bool) throws(IMAPSyntaxError) -> CatenatePart {
        let start = position
        let word = word()
        guard word == .text || word == .url || word == .utf8 else {
            throw .unexpected(position: start, expected: "TEXT, UTF8 or URL")
        }
        if word == .utf8 { return .utf8(size: try utf8Literal(isStart)) }
        try space()
        return word == .url ? .url(try astring()) : .text(size: try messageLiteral())
    }

    /// `SP "(" literal8 ")"` of a message in UTF-8. Of a start the literal's head is the last thing.
    mutating func utf8Literal(_ isStart: Bool) throws(IMAPSyntaxError) -> UInt64 {
        try space()
        try open()
        try expect(UInt8(ascii: "~"), "a binary literal")
        let size = try messageLiteral()
        if !isStart || position < end { try close() }
        return size
    }
}

extension CommandWriter {
    mutating func catenatePart(_ part: CatenatePart) {
        switch part {
        case .text(let size):
            text("TEXT ")
            message(size: size, isBinary: false)
        case .utf8(let size): utf8Literal(size)
        case .url(let url):
            text("URL ")
            string(url)
        }
    }

    mutating func utf8Literal(_ size: UInt64) {
        text("UTF8 (")
        message(size: size, isBinary: true)
        text(")")
    }
}
