internal import Bytes
internal import MailTypes

extension CommandReader {
    /// `entries`: one, or several in parentheses (RFC 5464 §5).
    mutating func metadataEntries() throws(IMAPSyntaxError) -> [String] {
        guard skip(UInt8(ascii: "(")) else { return [try metadataEntry()] }
        var entries: [String] = []
        repeat { entries.append(try metadataEntry()) } while try !closes(entries.count)
        return entries
    }

    /// `entry`: a path in printable ASCII (RFC 5464 §3.2).
    mutating func metadataEntry() throws(IMAPSyntaxError) -> String {
        let start = position
        let name = try astring()
        guard name.first == UInt8(ascii: "/"), name.allSatisfy({ $0 >= ASCII.space && $0 < ASCII.delete }) else {
            throw .unexpected(position: start, expected: "an entry's name")
        }
        return String(lossy: name)
    }
}

extension CommandWriter {
    /// Entries in parentheses.
    mutating func metadataEntries(_ entries: [String]) {
        list(entries) { $0.astring(Array($1.utf8)) }
    }
}
