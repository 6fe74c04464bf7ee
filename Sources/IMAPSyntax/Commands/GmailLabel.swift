internal import Bytes
internal import MailTypes

/// Labels as Gmail's `X-GM-LABELS` writes them: in the encoding of mailbox names, those of the system as flags.
extension CommandReader {
    /// A label, decoded.
    mutating func gmailLabel() throws(IMAPSyntaxError) -> String {
        let start = position
        if skip(ASCII.backslash) { return "\\" + (try atom("a label")) }
        guard let label = decodeName(try astring()) else { throw .invalidMailboxName(position: start) }
        return label
    }

    /// Labels in parentheses, or one.
    mutating func gmailLabels() throws(IMAPSyntaxError) -> [String] {
        guard skip(UInt8(ascii: "(")) else { return [try gmailLabel()] }
        var labels: [String] = []
        if skip(UInt8(ascii: ")")) { return labels }
        repeat { labels.append(try gmailLabel()) } while try !closes(labels.count)
        return labels
    }
}

extension CommandWriter {
    mutating func gmailLabel(_ label: String) {
        let octets = Array(label.utf8)
        let isOfSystem =
            octets.count > 1 && octets[0] == ASCII.backslash && octets.dropFirst().allSatisfy(CharacterClass.isAtom)
        if isOfSystem { text(label) } else { name(label) }
    }
}
