internal import Configuration

/// Writes help from the commands themselves.
enum Help {
    /// Columns of a line.
    static let width = 96

    /// How one command is called, and what each word means.
    static func text(for command: Command) -> String {
        var text = "usage: \(usage(of: command))\n\n\(sentence(command.summary))\n"
        if !command.details.isEmpty { text += "\n" + wrap(command.details, indent: 0) }
        if !command.positionals.isEmpty {
            text += "\n" + list(command.positionals.map { ($0.name, $0.help) })
        }
        text += "\noptions:\n" + list(command.allOptions.map { (form(of: $0), $0.help + ($0.isRepeated ? "; may be given several times" : "")) })
        if !command.examples.isEmpty {
            text += "\nexamples:\n" + command.examples.map { "  \($0)\n" }.joined()
        }
        return text
    }

    /// The commands whose first word is `group`.
    static func text(forGroup group: String, of commands: [Command]) -> String {
        let members = commands.filter { $0.words.first == group }
        return "usage: posthouse \(group) COMMAND …\n\n"
            + list(members.map { ($0.words.joined(separator: " "), $0.summary) })
            + "\n`posthouse \(group) COMMAND --help` tells more about each.\n"
    }

    /// `posthouse user add NAME [--full-name TEXT]`.
    static func usage(of command: Command) -> String {
        let positionals = command.positionals.map { positional in
            let word = positional.name + (positional.isRepeated ? "…" : "")
            return positional.isOptional ? "[\(word)]" : word
        }
        let required = command.options.filter(\.isRequired).map(form)
        let words = ["posthouse"] + command.words + positionals + required
        return words.joined(separator: " ") + " [options]"
    }

    static func form(of option: Command.Option) -> String {
        option.value.map { "--\(option.name) \($0)" } ?? "--\(option.name)"
    }

    static func sentence(_ text: String) -> String {
        (text.prefix(1).uppercased() + text.dropFirst()) + (text.hasSuffix(".") ? "" : ".")
    }

    /// Two columns, the second wrapped.
    static func list(_ rows: [(String, String)]) -> String {
        let column = min(30, rows.map(\.0.count).max() ?? 0) + 4
        return rows.map { name, help in
            let lines = wrap(help, indent: column).dropFirst(column)
            if name.count + 4 > column { return "  \(name)\n\(String(repeating: " ", count: column))\(lines)" }
            return "  \(name)\(String(repeating: " ", count: column - 2 - name.count))\(lines)"
        }.joined()
    }

    /// Paragraphs, their lines broken between words; a line that begins with a space is kept as it is.
    static func wrap(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if paragraph.hasPrefix(" ") || paragraph.isEmpty {
                lines.append(paragraph.isEmpty ? "" : margin + paragraph)
                continue
            }
            var line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, indent + line.count + 1 + word.count > width {
                    lines.append(margin + line)
                    line = ""
                }
                line += line.isEmpty ? String(word) : " \(word)"
            }
            lines.append(margin + line)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
