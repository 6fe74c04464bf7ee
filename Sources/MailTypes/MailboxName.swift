internal import Bytes

/// The name of a mailbox as Unicode text, its levels separated by `MailboxName.delimiter`.
///
/// The wire's encodings (modified UTF-7, UTF-8) and an upstream's own delimiter are translated at the edges.
/// `INBOX` in any case is one mailbox (RFC 9051 §5.1), also as the first level of a longer name.
package struct MailboxName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// What separates levels everywhere inside Posthouse and toward its clients.
    package static let delimiter: Character = "/"
    package static let inbox = MailboxName("INBOX")

    package let text: String

    package init(_ text: String) {
        let first = text.prefix { $0 != Self.delimiter }
        if first != "INBOX", first.utf8.equalsIgnoringASCIICase("INBOX".utf8) {
            self.text = "INBOX" + text.dropFirst(5)
        } else {
            self.text = text
        }
    }

    package init(levels: some Sequence<String>) { self.init(levels.joined(separator: String(Self.delimiter))) }

    package var levels: [String] {
        text.split(separator: Self.delimiter, omittingEmptySubsequences: false).map(String.init)
    }
    package var isInbox: Bool { text == "INBOX" }

    /// The name one level up, or nil at the top.
    package var parent: MailboxName? {
        text.lastIndex(of: Self.delimiter).map { MailboxName(String(text[..<$0])) }
    }

    /// Whether this lies below `other`, at any depth.
    package func isBelow(_ other: MailboxName) -> Bool { text.hasPrefix(other.text + String(Self.delimiter)) }

    package static func < (left: MailboxName, right: MailboxName) -> Bool { left.text < right.text }
    package var description: String { text }
}

/// What a mailbox is used for (RFC 6154 §2, RFC 8457 §4).
package enum SpecialUse: String, CaseIterable, Sendable {
    case all = "\\All"
    case archive = "\\Archive"
    case drafts = "\\Drafts"
    case flagged = "\\Flagged"
    case important = "\\Important"
    case junk = "\\Junk"
    case sent = "\\Sent"
    case trash = "\\Trash"
}
