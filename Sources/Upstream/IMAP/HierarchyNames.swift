internal import MailTypes

/// Translates between a server's hierarchy delimiter and `/`.
///
/// A server with another delimiter may have a `/` within a level; it is shown as U+2215, DIVISION SLASH, and turned
/// back on the way there.
struct HierarchyNames {
    /// Nil for a server without hierarchy.
    var delimiter: Character?

    private static let slash: Character = "/"
    private static let stand: Character = "\u{2215}"

    func local(_ name: String) -> MailboxName {
        guard delimiter != Self.slash else { return MailboxName(name) }
        return MailboxName(String(name.map { $0 == delimiter ? Self.slash : $0 == Self.slash ? Self.stand : $0 }))
    }

    func upstream(_ name: MailboxName) -> MailboxName {
        guard delimiter != Self.slash else { return name }
        return MailboxName(
            String(name.text.map { $0 == Self.slash ? delimiter ?? $0 : $0 == Self.stand ? Self.slash : $0 }))
    }
}
