internal import Bytes
package import MailTypes

/// A piece of metadata (RFC 5464 §3).
package struct MetadataValue: Hashable, Sendable {
    package var entry: MetadataEntry
    /// Any octets; nil for `NIL`, which is no value.
    package var value: [UInt8]?

    package init(_ entry: MetadataEntry, _ value: [UInt8]?) {
        self.entry = entry
        self.value = value
    }
}

/// `GETMETADATA` (RFC 5464 §4.2).
package struct GetMetadataCommand: Hashable, Sendable {
    /// Nil for the server's own metadata.
    package var mailbox: MailboxName?
    /// At least one.
    package var entries: [MetadataEntry]
    /// Octets of the largest value that is wanted (RFC 5464 §4.2.1).
    package var maxSize: UInt32?
    /// How far below the entries others are told as well (RFC 5464 §4.2.2).
    package var depth: MetadataEntry.Depth

    package init(
        mailbox: MailboxName?, entries: [MetadataEntry], maxSize: UInt32? = nil, depth: MetadataEntry.Depth = .entry
    ) {
        self.mailbox = mailbox
        self.entries = entries
        self.maxSize = maxSize
        self.depth = depth
    }
}

extension CommandReader {
    /// `GETMETADATA`, the word taken. The options stand before the mailbox in the grammar and behind it in the RFC's
    /// examples; both are read.
    mutating func getMetadata() throws(IMAPSyntaxError) -> GetMetadataCommand {
        try space()
        var command = GetMetadataCommand(mailbox: nil, entries: [])
        let hasOptions = peek == UInt8(ascii: "(")
        if hasOptions {
            try metadataOptions(into: &command)
            try space()
        }
        command.mailbox = try mailboxOrServer()
        try space()
        if !hasOptions, peek == UInt8(ascii: "("), position + 1 < end, ASCII.isLetter(bytes[position + 1]) {
            try metadataOptions(into: &command)
            try space()
        }
        command.entries = try metadataEntries()
        return command
    }

    private mutating func metadataOptions(into command: inout GetMetadataCommand) throws(IMAPSyntaxError) {
        try open()
        var count = 0
        repeat {
            count += 1
            switch word() {
            case .maxSize:
                try space()
                command.maxSize = try number()
            case .depth:
                try space()
                let start = position
                let name = try atom("a depth").lowercased()
                guard let depth = MetadataEntry.Depth(rawValue: name) else {
                    throw .unexpected(position: start, expected: "0, 1 or infinity")
                }
                command.depth = depth
            default: throw unexpected("MAXSIZE or DEPTH")
            }
        } while try !closes(count)
    }

    /// `SETMETADATA`, the word taken (RFC 5464 §4.3).
    mutating func setMetadata() throws(IMAPSyntaxError) -> Command {
        try space()
        let mailbox = try mailboxOrServer()
        try space()
        try open()
        var values: [MetadataValue] = []
        repeat {
            let entry = try metadataEntry()
            try space()
            values.append(MetadataValue(entry, try metadataValue()))
        } while try !closes(values.count)
        return .setMetadata(mailbox, values)
    }

    /// `value`: `nstring` or a binary literal.
    private mutating func metadataValue() throws(IMAPSyntaxError) -> [UInt8]? {
        guard skip(UInt8(ascii: "~")) else { return try nstring() }
        return Array(bytes[try literal()])
    }

    /// A mailbox, nil for the empty name, which is quoted or a literal.
    private mutating func mailboxOrServer() throws(IMAPSyntaxError) -> MailboxName? {
        let start = position
        let name = try astring()
        if name.isEmpty { return nil }
        guard let text = decodeName(name) else { throw .invalidMailboxName(position: start) }
        return MailboxName(text)
    }

    /// `entries`: one, or several in parentheses.
    mutating func metadataEntries() throws(IMAPSyntaxError) -> [MetadataEntry] {
        guard skip(UInt8(ascii: "(")) else { return [try metadataEntry()] }
        var entries: [MetadataEntry] = []
        repeat { entries.append(try metadataEntry()) } while try !closes(entries.count)
        return entries
    }

    /// `entry` (RFC 5464 §3.2).
    private mutating func metadataEntry() throws(IMAPSyntaxError) -> MetadataEntry {
        let start = position
        guard let entry = MetadataEntry(String(lossy: try astring())) else {
            throw .unexpected(position: start, expected: "an entry's name below /private or /shared")
        }
        return entry
    }
}

extension CommandWriter {
    mutating func getMetadata(_ command: GetMetadataCommand) {
        text("GETMETADATA ")
        var options: [String] = []
        if let size = command.maxSize { options.append("MAXSIZE \(size)") }
        if command.depth != .entry { options.append("DEPTH \(command.depth.rawValue)") }
        if !options.isEmpty {
            list(options) { $0.text($1) }
            text(" ")
        }
        name(command.mailbox?.text ?? "")
        text(" ")
        metadataEntries(command.entries)
    }

    mutating func setMetadata(_ mailbox: MailboxName?, _ values: [MetadataValue]) {
        text("SETMETADATA ")
        name(mailbox?.text ?? "")
        text(" ")
        list(values) { writer, value in
            writer.astring(Array(value.entry.text.utf8))
            writer.text(" ")
            writer.binary(value.value)
        }
    }

    /// Entries in parentheses.
    mutating func metadataEntries(_ entries: [MetadataEntry]) {
        list(entries) { $0.astring(Array($1.text.utf8)) }
    }
}
