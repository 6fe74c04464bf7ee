internal import MailTypes
internal import Store
internal import YAML

extension AccountRecord {
    private enum Ownership: String, CaseIterable, Sendable {
        case corporate
        case `private`
    }

    /// Reads what stands below an account's name, but for its password.
    init?(_ name: String, _ reader: MappingReader, _ references: inout References) {
        let server = reader.requiredLocated("server", .objectName("a server"))
        let address = reader.required("address", .address)
        let login = reader.value("login", .text("the name to sign in upstream with"))
        let identities = reader.list("identities", .address).map(\.value)
        var senderName = ""
        var senderAddress: EmailAddress?
        if let sender = reader.section("sender") {
            senderName = sender.value("name", .text("the name that recipients read", limit: 256), default: "")
            senderAddress = sender.value("address", .address)
            sender.finish()
        }
        let isActive = reader.value("active", .boolean, default: true)
        let kind = Self.kind(reader, &references)
        let monitored = reader.list("monitored", .mailbox).map(\.value)
        let sentMailbox = reader.value("sent-mailbox", .mailbox)
        let outbox = reader.value("outbox", .word(OutboxMode.self), default: .inline)
        reader.refuse(
            "password", "a password can't stand in a file that others may read",
            remedy: "Write `password-file:` with the path of a file (mode 0600) that holds it alone, or "
                + "store it sealed with `posthouse account secret \(name)`.")
        reader.finish()
        if let server { references.refer(to: .server, server, setting: "\(reader.path).server") }
        guard let server, let address, let kind else { return nil }
        self.init(
            name: name, server: server.value, login: login ?? address.description, address: address,
            identities: identities, senderAddress: senderAddress, senderName: senderName, isActive: isActive,
            kind: kind, monitored: reader.has("monitored") ? monitored : [.inbox], sentMailbox: sentMailbox,
            outbox: outbox)
    }

    private static func kind(_ reader: MappingReader, _ references: inout References) -> Kind? {
        let ownership = reader.value("kind", .word(Ownership.self), default: .corporate)
        let owner = reader.located("owner", .objectName("a user"))
        switch (ownership, owner) {
        case (.corporate, nil): return .corporate
        case (.corporate, .some):
            reader.report(
                "owner", "a corporate account has no owner", remedy: "Write `kind: private`, or remove `owner`.")
            return nil
        case (.private, nil):
            if !reader.has("owner") {
                reader.report(
                    "kind", "a private account needs an owner", remedy: "Write `owner:` with the name of a user.")
            }
            return nil
        case (.private, .some(let owner)):
            references.refer(to: .user, owner, setting: "\(reader.path).owner")
            return .private(owner: owner.value)
        }
    }
}
