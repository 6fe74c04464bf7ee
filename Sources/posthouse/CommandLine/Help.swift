/// Writes help from the commands themselves.
enum Help {
    /// Columns of a line.
    static let width = 96

    /// The manual of the whole program.
    static func program(_ commands: [Command]) -> String {
        var text = """
            NAME
              posthouse - a mail proxy with autologin, scanning and shared mailboxes

            SYNOPSIS
              posthouse COMMAND [WORD…] [--config FILE] [--json] [options]
              posthouse COMMAND --help

            DESCRIPTION
              Mail clients sign in to Posthouse with a password of its own; Posthouse signs in upstream, lets each user
              into the mailboxes that she has been granted, and runs the mail that passes through the account's scanner.
              `posthouse serve` is the daemon. The other commands look at and change what it works with; they may be
              used while it runs, which notices within a second.

            COMMANDS

            """
        text += list(commands.map { ($0.words.joined(separator: " "), $0.summary) })
        text += "\nOPTIONS OF EVERY COMMAND\n"
        text += list(
            [Command.configOption, Command.jsonOption, Command.helpOption].map { (form(of: $0), $0.help) })
        text += "\nENVIRONMENT\n"
        text += list([
            ("POSTHOUSE_CONFIG", "the configuration when --config is not given"),
            ("CREDENTIALS_DIRECTORY", "where systemd puts the master key (LoadCredential=posthouse-master-key:FILE)"),
            ("NOTIFY_SOCKET", "where systemd wants to hear that the daemon is ready"),
        ])
        text += "\nFILES\n"
        text += list([
            (Program.defaultConfiguration, "the configuration; conf/posthouse.yaml shows every setting"),
            (
                "site.yaml",
                "users, servers, accounts and grants that are kept in a file; conf/site.yaml shows every one"
            ),
        ])
        text += "\nEXIT STATUS\n"
        text += list(ExitStatus.allCases.map { ("\($0.rawValue)", $0.meaning) })
        text += "\nEXAMPLES\n"
        text += [
            "posthouse check --config conf/posthouse.yaml", "posthouse serve --config conf/posthouse.yaml",
            "posthouse user add alice --full-name 'Alice Adams' --address alice@example.com",
            "posthouse account secret support", "posthouse grant add support --user alice --rights read,flag,send",
            "posthouse ticket list --json",
        ].map { "  \($0)\n" }.joined()
        return text
    }

    /// How one command is called, and what each word means.
    static func text(for command: Command) -> String {
        var text = "usage: \(usage(of: command))\n\n\(sentence(command.summary))\n"
        if !command.details.isEmpty { text += "\n" + wrap(command.details, indent: 0) }
        if !command.positionals.isEmpty {
            text += "\n" + list(command.positionals.map { ($0.name, $0.help) })
        }
        text +=
            "\noptions:\n"
            + list(
                command.allOptions.map {
                    (form(of: $0), $0.help + ($0.isRepeated ? "; may be given several times" : ""))
                })
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
