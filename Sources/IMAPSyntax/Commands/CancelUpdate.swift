internal import Bytes
internal import MailTypes

extension CommandReader {
    /// `CANCELUPDATE`, the word taken (RFC 5267 §4.3.5): the tags of the searches whose updates are to end.
    mutating func cancelUpdate() throws(IMAPSyntaxError) -> Command {
        var tags: [[UInt8]] = []
        repeat {
            try space()
            guard tags.count < limits.listLength else { throw .tooMany(position: position) }
            tags.append(try string())
        } while peek == ASCII.space
        return .cancelUpdate(tags)
    }
}

extension CommandWriter {
    mutating func cancelUpdate(_ tags: [[UInt8]]) {
        text("CANCELUPDATE")
        for tag in tags {
            text(" ")
            string(tag)
        }
    }
}
