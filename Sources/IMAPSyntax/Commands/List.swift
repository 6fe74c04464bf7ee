internal import Bytes
package import MailTypes

/// `LIST` in its plain and its extended form (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154, RFC 8440, RFC 9590).
package struct ListCommand: Hashable, Sendable {
    /// The options before the reference name.
    package struct Selection: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let subscribed = Selection(rawValue: 1)
        package static let remote = Selection(rawValue: 2)
        package static let recursiveMatch = Selection(rawValue: 4)
        package static let specialUse = Selection(rawValue: 8)
    }

    /// The options after `RETURN`, but for `STATUS` and `METADATA`.
    package struct Returns: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let subscribed = Returns(rawValue: 1)
        package static let children = Returns(rawValue: 2)
        package static let specialUse = Returns(rawValue: 4)
        /// RFC 8440 §3.
        package static let myRights = Returns(rawValue: 8)
    }

    package var selection: Selection
    package var reference: String
    /// Patterns with `%` and `*`, decoded to Unicode; more than one only in the extended form.
    package var patterns: [String]
    package var returns: Returns
    /// The items of `RETURN (STATUS (…))`; empty without it.
    package var status: [StatusItem]
    /// The entries of `RETURN (METADATA (…))`; empty without it (RFC 9590 §3).
    package var metadata: [MetadataEntry]
    /// Whether any part of the extended syntax was used (RFC 5258 §3).
    package var isExtended: Bool

    package init(
        selection: Selection = [], reference: String = "", patterns: [String], returns: Returns = [],
        status: [StatusItem] = [], metadata: [MetadataEntry] = [], isExtended: Bool = false
    ) {
        self.selection = selection
        self.reference = reference
        self.patterns = patterns
        self.returns = returns
        self.status = status
        self.metadata = metadata
        self.isExtended = isExtended
    }
}

extension CommandReader {
    /// `LIST`, the word taken.
    mutating func list() throws(IMAPSyntaxError) -> ListCommand {
        try space()
        var list = ListCommand(patterns: [])
        if peek == UInt8(ascii: "(") {
            list.isExtended = true
            list.selection = try selection()
            try space()
        }
        list.reference = try pattern(while: CharacterClass.isAString)
        try space()
        if skip(UInt8(ascii: "(")) {
            list.isExtended = true
            repeat {
                list.patterns.append(try pattern(while: CharacterClass.isList))
            } while try !closes(list.patterns.count)
        } else {
            list.patterns = [try pattern(while: CharacterClass.isList)]
        }
        guard skip(ASCII.space) else { return list }
        list.isExtended = true
        guard word() == .return else { throw unexpected("RETURN") }
        try space()
        try returns(into: &list)
        return list
    }

    /// `LSUB`, the word taken (RFC 3501 §6.3.9).
    mutating func lsub() throws(IMAPSyntaxError) -> Command {
        try space()
        let reference = try pattern(while: CharacterClass.isAString)
        try space()
        return .lsub(reference: reference, pattern: try pattern(while: CharacterClass.isList))
    }

    /// A reference name or a pattern, decoded. Modified UTF-7 leaves `%` and `*` as they are.
    private mutating func pattern(while belongs: (UInt8) -> Bool) throws(IMAPSyntaxError) -> String {
        let start = position
        let encoded =
            peek == ASCII.quote || peek == UInt8(ascii: "{")
            ? try string() : Array(bytes[try range(while: belongs, "a mailbox pattern")])
        guard let text = decodeName(encoded) else { throw .invalidMailboxName(position: start) }
        return text
    }

    private mutating func selection() throws(IMAPSyntaxError) -> ListCommand.Selection {
        try open()
        var selection: ListCommand.Selection = []
        if skip(UInt8(ascii: ")")) { return selection }
        var count = 0
        repeat {
            count += 1
            switch word() {
            case .subscribed: selection.insert(.subscribed)
            case .remote: selection.insert(.remote)
            case .recursiveMatch: selection.insert(.recursiveMatch)
            case .specialUse: selection.insert(.specialUse)
            default: throw unexpected("a selection option")
            }
        } while try !closes(count)
        // RFC 9051 §6.3.9.1: RECURSIVEMATCH needs an option that it can look for.
        guard !selection.contains(.recursiveMatch) || !selection.isDisjoint(with: [.subscribed, .specialUse]) else {
            throw unexpected("a selection option beside RECURSIVEMATCH")
        }
        return selection
    }

    private mutating func returns(into list: inout ListCommand) throws(IMAPSyntaxError) {
        try open()
        if skip(UInt8(ascii: ")")) { return }
        var count = 0
        repeat {
            count += 1
            switch word() {
            case .subscribed: list.returns.insert(.subscribed)
            case .children: list.returns.insert(.children)
            case .specialUse: list.returns.insert(.specialUse)
            case .status:
                try space()
                list.status = try statusItems()
            case .myRights: list.returns.insert(.myRights)
            case .metadata:
                try space()
                list.metadata = try metadataEntries()
            default: throw unexpected("a return option")
            }
        } while try !closes(count)
    }
}

extension CommandWriter {
    mutating func list(_ command: ListCommand) {
        text("LIST ")
        let selection: [(ListCommand.Selection, String)] = [
            (.subscribed, "SUBSCRIBED"), (.remote, "REMOTE"), (.recursiveMatch, "RECURSIVEMATCH"),
            (.specialUse, "SPECIAL-USE"),
        ]
        let isElsewhereExtended =
            command.patterns.count > 1 || !command.returns.isEmpty || !command.status.isEmpty
            || !command.metadata.isEmpty
        if !command.selection.isEmpty || (command.isExtended && !isElsewhereExtended) {
            list(selection.filter { command.selection.contains($0.0) }) { $0.text($1.1) }
            text(" ")
        }
        name(command.reference)
        text(" ")
        if command.patterns.count == 1 {
            name(command.patterns[0])
        } else {
            list(command.patterns) { $0.name($1) }
        }
        returnOptions(command)
    }

    private mutating func returnOptions(_ command: ListCommand) {
        let returns: [(ListCommand.Returns, String)] = [
            (.subscribed, "SUBSCRIBED"), (.children, "CHILDREN"), (.specialUse, "SPECIAL-USE"),
            (.myRights, "MYRIGHTS"),
        ]
        var options = returns.filter { command.returns.contains($0.0) }.map(\.1)
        if !command.status.isEmpty {
            options.append("STATUS (" + command.status.map(\.rawValue).joined(separator: " ") + ")")
        }
        guard !options.isEmpty || !command.metadata.isEmpty else { return }
        text(" RETURN (")
        text(options.joined(separator: " "))
        if !command.metadata.isEmpty {
            text(options.isEmpty ? "METADATA " : " METADATA ")
            metadataEntries(command.metadata)
        }
        text(")")
    }

    mutating func lsub(_ reference: String, _ pattern: String) {
        text("LSUB ")
        name(reference)
        text(" ")
        name(pattern)
    }
}
