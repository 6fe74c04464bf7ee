internal import Bytes
internal import MailTypes

extension CommandReader {
    /// `SEARCH`, the word taken.
    mutating func search(isUID: Bool) throws(IMAPSyntaxError) -> SearchCommand {
        try space()
        var search = SearchCommand(isUID: isUID, key: .all)
        try searchReturns(into: &search)
        try searchProgram(into: &search)
        return search
    }

    /// `RETURN (…)` with the space after it, when that comes next.
    mutating func searchReturns(into search: inout SearchCommand) throws(IMAPSyntaxError) {
        let start = position
        guard word() == .return else {
            position = start
            return
        }
        try space()
        try returnOptions(into: &search)
        try space()
    }

    /// `search-program`: the charset when it is named, then the keys to the end of the command.
    mutating func searchProgram(into search: inout SearchCommand) throws(IMAPSyntaxError) {
        let start = position
        if word() == .charset {
            try space()
            search.charset = try charset()
            try space()
        } else {
            position = start
        }
        search.key = try conjunction(isParenthesised: false)
    }

    /// The name of a charset that is read here.
    mutating func charset() throws(IMAPSyntaxError) -> [UInt8] {
        let place = position
        let charset = try astring()
        guard charset.equalsIgnoringASCIICase("UTF-8".utf8) || charset.equalsIgnoringASCIICase("US-ASCII".utf8)
        else { throw .unknownCharset(position: place) }
        return charset
    }

    private mutating func returnOptions(into search: inout SearchCommand) throws(IMAPSyntaxError) {
        try open()
        if skip(UInt8(ascii: ")")) {
            search.returns = .all
            return
        }
        var returns: SearchCommand.Returns = []
        var count = 0
        repeat {
            count += 1
            switch word() {
            case .min: returns.insert(.min)
            case .max: returns.insert(.max)
            case .all: returns.insert(.all)
            case .count: returns.insert(.count)
            case .save: returns.insert(.save)
            case .update:
                returns.insert(.update)
                try updateAttributes(into: &search)
            case .context: returns.insert(.context)
            case .partial:
                try space()
                search.partial = try resultRange()
            default: throw unexpected("a return option")
            }
        } while try !closes(count)
        search.returns = returns
    }
}

extension CommandReader {
    /// The list behind `UPDATE` (RFC 5465 §7), if there is one: the grammar of §8 has it without a space, the example with.
    private mutating func updateAttributes(into search: inout SearchCommand) throws(IMAPSyntaxError) {
        let start = position
        _ = skip(ASCII.space)
        guard skip(UInt8(ascii: "(")) else {
            position = start
            return
        }
        repeat { try fetchAttribute(into: &search.updateAttributes) } while try !closes(search.updateAttributes.count)
    }
}

extension CommandWriter {
    mutating func search(_ search: SearchCommand) {
        text(search.isUID ? "UID SEARCH " : "SEARCH ")
        searchReturns(search)
        searchProgram(search)
    }

    /// `RETURN (…)` and a space; nothing when nothing is to be returned.
    mutating func searchReturns(_ search: SearchCommand) {
        guard search.returns != nil || search.partial != nil else { return }
        let returns = search.returns ?? []
        let words: [(SearchCommand.Returns, String)] = [
            (.min, "MIN"), (.max, "MAX"), (.all, "ALL"), (.count, "COUNT"), (.save, "SAVE"), (.update, "UPDATE"),
            (.context, "CONTEXT"),
        ]
        var options = words.filter { returns.contains($0.0) }.map(\.1)
        if let range = search.partial { options.append("PARTIAL \(range)") }
        text("RETURN ")
        list(options) { writer, option in
            writer.text(option)
            guard option == "UPDATE", !search.updateAttributes.isEmpty else { return }
            writer.text(" ")
            writer.list(search.updateAttributes) { $0.attribute($1) }
        }
        text(" ")
    }

    /// The charset, where it is named or matters, and the keys.
    mutating func searchProgram(_ search: SearchCommand) {
        // Without CHARSET a server takes the strings for US-ASCII (RFC 3501 §6.4.4).
        let needsCharset = !encoder.utf8 && search.key.contains { $0.string?.contains { $0 >= 0x80 } ?? false }
        if let charset = search.charset ?? (needsCharset ? Array("UTF-8".utf8) : nil) {
            text("CHARSET ")
            astring(charset)
            text(" ")
        }
        searchKeys(search.key)
    }
}
