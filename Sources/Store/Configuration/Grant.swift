package import MailTypes

/// The autologin rule: who may enter an account, and what she may do there.
package struct Grant: Hashable, Sendable {
    package enum Grantee: Hashable, Sendable {
        /// By name.
        case user(String)
        /// By name.
        case group(String)
    }

    /// The name of a corporate account.
    package var account: String
    package var grantee: Grantee
    package var rights: Rights
    /// The mailboxes it is for; empty for all. Sending needs no mailbox, so patterns don't limit it.
    package var mailboxes: [MailboxPattern]
    /// Where she may come from; empty for anywhere.
    package var networks: [Network]
    /// The first second in which it is no longer valid.
    package var expiry: Moment?

    package init(
        account: String, grantee: Grantee, rights: Rights, mailboxes: [MailboxPattern] = [],
        networks: [Network] = [], expiry: Moment? = nil
    ) {
        self.account = account
        self.grantee = grantee
        self.rights = rights
        self.mailboxes = mailboxes
        self.networks = networks
        self.expiry = expiry
    }
}

/// Names of mailboxes as in IMAP's LIST (RFC 9051 §6.3.9): `*` is anything, `%` anything but the delimiter.
package struct MailboxPattern: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = MailboxName(text).text }
    package var description: String { text }

    /// Whether the whole name fits. Costs at most the product of both lengths.
    package func matches(_ name: MailboxName) -> Bool {
        let pattern = Array(text.utf8)
        var reachable: Set<Int> = [0]
        reachable = closure(of: reachable, pattern)
        for byte in name.text.utf8 {
            var next: Set<Int> = []
            for place in reachable where place < pattern.count {
                switch pattern[place] {
                case UInt8(ascii: "*"): next.insert(place)
                case UInt8(ascii: "%"): if byte != UInt8(ascii: "/") { next.insert(place) }
                case let literal: if literal == byte { next.insert(place + 1) }
                }
            }
            reachable = closure(of: next, pattern)
            if reachable.isEmpty { return false }
        }
        return reachable.contains(pattern.count)
    }

    /// With the places behind every wildcard that may stand for nothing.
    private func closure(of places: Set<Int>, _ pattern: [UInt8]) -> Set<Int> {
        var all = places
        for start in places {
            var place = start
            while place < pattern.count, pattern[place] == UInt8(ascii: "*") || pattern[place] == UInt8(ascii: "%") {
                place += 1
                all.insert(place)
            }
        }
        return all
    }
}
