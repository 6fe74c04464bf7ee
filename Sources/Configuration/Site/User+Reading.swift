internal import MailTypes
internal import SASL
internal import Store
internal import YAML

extension User {
    /// Reads what stands below a user's name.
    init?(_ name: String, _ reader: MappingReader) {
        let displayName = reader.value("name", .text("the name that people read", limit: 256), default: "")
        let addresses = reader.list("addresses", .address).map(\.value)
        let verifier = reader.value("verifier", .verifier)
        let isAdministrator = reader.value("administrator", .boolean, default: false)
        let isActive = reader.value("active", .boolean, default: true)
        let messagesPerHour = reader.value("messages-per-hour", .hourlyLimit)
        let recipientsPerHour = reader.value("recipients-per-hour", .hourlyLimit)
        reader.refuse(
            "password", "a password can't stand in a file",
            remedy: "Set it with `posthouse user password \(name)`, or write `verifier:` with what "
                + "`posthouse user verifier` prints.")
        reader.finish()
        self.init(
            name: name, displayName: displayName, verifier: verifier, addresses: addresses,
            isAdministrator: isAdministrator, isActive: isActive, messagesPerHour: messagesPerHour,
            recipientsPerHour: recipientsPerHour)
    }
}

extension Group {
    /// Reads what stands below a group's name.
    init?(_ name: String, _ reader: MappingReader, _ references: inout References) {
        let displayName = reader.value("name", .text("the name that people read", limit: 256), default: "")
        var seen: Set<String> = []
        var members: [String] = []
        for member in reader.list("members", .objectName("a user")) {
            references.refer(to: .user, member, setting: "\(reader.path).members")
            guard seen.insert(member.value.lowercased()).inserted else {
                reader.report("members", "`\(member.value)` stands here twice", remedy: "Name each member once.")
                continue
            }
            members.append(member.value)
        }
        reader.finish()
        self.init(name: name, displayName: displayName, members: members)
    }
}

extension ScalarKind<String> {
    /// A SCRAM-SHA-256 verifier of a password.
    static var verifier: Self {
        ScalarKind.text("a verifier, as `posthouse user verifier` prints it").map { text throws(ScalarRefusal) in
            guard SCRAMVerifier(text) != nil else {
                throw ScalarRefusal(
                    "is no SCRAM-SHA-256 verifier",
                    remedy: "Write the whole line that `posthouse user verifier` prints, in single quotes.")
            }
            return text
        }
    }
}
