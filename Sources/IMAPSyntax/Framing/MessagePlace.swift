internal import Bytes

/// Which literals of a command are messages, and stream past: those of APPEND and REPLACE that stand behind the
/// mailbox's name (RFC 9051 §6.3.12, RFC 8508 §3), but for the URLs of CATENATE (RFC 4469 §5).
enum MessagePlace {
    /// - Parameters:
    ///   - bytes: a command up to and with the literal's head.
    ///   - position: where that head begins.
    static func holds(_ bytes: [UInt8], at position: Int) -> Bool {
        guard let name = mailboxPlace(in: bytes), position > name else { return false }
        // A URL stands behind its word, and that behind the mailbox's name: a mailbox may be called URL.
        let word = position - 4
        guard word > nameEnd(in: bytes, from: name),
            bytes[word..<position].equalsIgnoringASCIICase("URL ".utf8)
        else { return true }
        return bytes[word - 1] != ASCII.space && bytes[word - 1] != UInt8(ascii: "(")
    }

    /// Where the mailbox's name begins; nil when no message belongs to the command.
    private static func mailboxPlace(in bytes: [UInt8]) -> Int? {
        var cursor = ByteCursor(bytes)
        _ = cursor.takeRange { $0 != ASCII.space }
        guard cursor.skip(ASCII.space) else { return nil }
        if cursor.skip(ignoringCase: "APPEND ") { return cursor.position }
        _ = cursor.skip(ignoringCase: "UID ")
        guard cursor.skip(ignoringCase: "REPLACE ") else { return nil }
        _ = cursor.takeRange { $0 != ASCII.space }
        return cursor.skip(ASCII.space) ? cursor.position : nil
    }

    /// Where a name that is a literal ends, since any octets may stand in it; of another name its beginning will do.
    private static func nameEnd(in bytes: [UInt8], from start: Int) -> Int {
        var cursor = ByteCursor(bytes, in: start..<bytes.count)
        guard cursor.skip(UInt8(ascii: "{")), let size = cursor.takeNumber() else { return start }
        _ = cursor.skip(UInt8(ascii: "+"))
        guard cursor.skip(UInt8(ascii: "}")) else { return start }
        _ = cursor.skip(ASCII.cr)
        guard cursor.skip(ASCII.lf), size <= UInt64(cursor.remaining) else { return start }
        return cursor.position + Int(size)
    }
}
