internal import MailTypes

/// Translates between a server's names and those that users see: the hierarchy delimiter is `/`, and the prefix of the
/// personal namespace (RFC 2342), which some servers ask for in every name but INBOX, is left out.
///
/// A server with another delimiter may have a `/` within a level; it is shown as U+2215, DIVISION SLASH, and turned
/// back on the way there.
struct HierarchyNames {
    /// Nil for a server without hierarchy.
    var delimiter: Character?
    /// What every name of the personal namespace begins with, as the server writes it: `INBOX.` or nothing.
    var prefix = ""
    /// What names of other namespaces begin with; those keep their whole name.
    var otherPrefixes: [String] = []

    private static let slash: Character = "/"
    private static let stand: Character = "\u{2215}"
    private static let inbox = MailboxName.inbox.text

    func local(_ name: String) -> MailboxName {
        guard !prefix.isEmpty, name.hasPrefix(prefix) else { return MailboxName(translated(name)) }
        let rest = String(name.dropFirst(prefix.count))
        return MailboxName(translated(isUnmistakable(rest) ? rest : name))
    }

    func upstream(_ name: MailboxName) -> MailboxName {
        let whole = restored(name.text)
        return MailboxName(!prefix.isEmpty && isUnmistakable(whole) ? prefix + whole : whole)
    }

    /// Whether a name without the prefix is taken for nothing else: not INBOX or below it, and in no other namespace.
    private func isUnmistakable(_ name: String) -> Bool {
        let first = name.prefix { $0 != delimiter }
        return !name.isEmpty && first.uppercased() != Self.inbox && !name.hasPrefix(prefix)
            && !otherPrefixes.contains { !$0.isEmpty && (name + String(delimiter ?? "/")).hasPrefix($0) }
    }

    private func translated(_ name: String) -> String {
        guard delimiter != Self.slash else { return name }
        return String(name.map { $0 == delimiter ? Self.slash : $0 == Self.slash ? Self.stand : $0 })
    }

    private func restored(_ name: String) -> String {
        guard delimiter != Self.slash else { return name }
        return String(name.map { $0 == Self.slash ? delimiter ?? $0 : $0 == Self.stand ? Self.slash : $0 })
    }
}
