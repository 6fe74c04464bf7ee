package import MailTypes
package import Store
package import YAML

extension Grant {
    /// Reads one entry of `grants`.
    init?(_ reader: MappingReader, _ references: inout References) {
        let account = reader.requiredLocated("account", .objectName("an account"))
        let user = reader.located("user", .objectName("a user"))
        let group = reader.located("group", .objectName("a group"))
        let rights = reader.list("rights", .right)
        let mailboxes = reader.list("mailboxes", .mailboxPattern).map(\.value)
        let networks = reader.list("networks", .network).map(\.value)
        let expiry = reader.value("expires", .day)
        if !reader.has("rights") {
            reader.report(
                "rights", "is missing", remedy: "Write a list of `read`, `flag`, `write` and `send`, or `all`.")
        }
        if reader.has("user") == reader.has("group") {
            reader.report(
                reader.has("group") ? "group" : "user",
                reader.has("user") ? "a grant is for a user or a group, not both" : "says not whom it is for",
                remedy: "Write either `user:` or `group:`.")
        }
        reader.finish()
        if let account { references.refer(to: .account, account, setting: "\(reader.path).account") }
        if let user { references.refer(to: .user, user, setting: "\(reader.path).user") }
        if let group { references.refer(to: .group, group, setting: "\(reader.path).group") }
        let allowed = rights.reduce(into: Rights()) { $0.formUnion($1.value) }
        guard let account, !allowed.isEmpty, (user == nil) != (group == nil) else { return nil }
        let grantee: Grantee = user.map { .user($0.value) } ?? .group(group?.value ?? "")
        self.init(
            account: account.value, grantee: grantee, rights: allowed, mailboxes: mailboxes, networks: networks,
            expiry: expiry)
    }
}

extension ScalarKind<Rights> {
    /// One right, or all.
    package static var right: ScalarKind<Rights> { .word(Rights.words.map { ($0.word, $0.right) } + [("all", .all)]) }
}

extension ScalarKind<MailboxPattern> {
    /// Mailboxes by name, with `*` and `%` for what varies.
    package static var mailboxPattern: ScalarKind<MailboxPattern> {
        ScalarKind<String>.text("a mailbox or a pattern such as \"INBOX*\"", limit: 1000).map { MailboxPattern($0) }
    }
}

extension ScalarKind<Network> {
    /// One address, or a network.
    package static var network: ScalarKind<Network> {
        ScalarKind<String>.text("a network such as 10.0.0.0/8 or \"2001:db8::/32\"", limit: 64)
            .map { text throws(ScalarRefusal) in
                guard let network = Network(text) else {
                    throw ScalarRefusal(
                        "`\(text)` is not a network", remedy: "Write 10.0.0.0/8, \"2001:db8::/32\", or one address.")
                }
                return network
            }
    }
}
