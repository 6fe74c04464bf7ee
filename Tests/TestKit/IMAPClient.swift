/// An IMAP client that does what a test says and no more: a dialogue with tags and literals seen to.
package final class IMAPClient: @unchecked Sendable {
    /// What came in answer to a command.
    package struct Answer: Sendable {
        /// The tagged line after the tag: `OK [READ-WRITE] …`.
        package let status: String
        /// The untagged lines before it, without the `* `.
        package let untagged: [String]

        /// Whether the command was done.
        package var isOK: Bool { status.hasPrefix("OK") }

        /// The untagged lines that contain `text`.
        package func lines(containing text: String) -> [String] { untagged.filter { $0.contains(text) } }
    }

    /// The conversation underneath.
    package let dialogue: Dialogue
    /// What the server said first.
    package private(set) var greeting = ""
    private var number = 0

    private init(_ dialogue: Dialogue) {
        self.dialogue = dialogue
    }

    /// Connects and reads the greeting.
    package static func connect(
        _ name: String, port: UInt16, security: Dialogue.Security = .none, patience: Duration = .seconds(20)
    ) async throws -> IMAPClient {
        let client = IMAPClient(try Dialogue(name, port: port, security: security, patience: patience))
        // s_client reads the greeting itself when it has to ask for STARTTLS.
        if case .startTLS = security { return client }
        client.greeting = try await client.dialogue.line()
        return client
    }

    /// Sends a command under a new tag and collects everything up to its tagged answer.
    @discardableResult
    package func command(_ text: String, within patience: Duration? = nil) async throws -> Answer {
        let tag = nextTag()
        try await dialogue.send("\(tag) \(text)")
        return try await answer(to: tag, within: patience)
    }

    /// Makes a mailbox at a Dovecot, which under load may say of a new one that it exists, made or not.
    package func make(_ mailbox: String) async throws {
        var answer = try await command("CREATE \(mailbox)")
        for _ in 0..<5 where !answer.isOK {
            if try await command("STATUS \(mailbox) (MESSAGES)").isOK { return }
            answer = try await command("CREATE \(mailbox)")
        }
        guard answer.isOK else { throw RigFailure("\(dialogue.name): CREATE \(mailbox): \(answer.status)") }
    }

    /// The same, for a command that must be answered OK.
    @discardableResult
    package func ok(_ text: String, within patience: Duration? = nil) async throws -> Answer {
        let answer = try await command(text, within: patience)
        guard answer.isOK else { throw RigFailure("\(dialogue.name): \(text): \(answer.status)") }
        return answer
    }

    /// SELECT, and NOOPs until the mailbox has as many messages as somebody has just put there behind Posthouse's back;
    /// gives SELECT's answer.
    @discardableResult
    package func open(_ mailbox: String, messages: Int, readOnly: Bool = false) async throws -> Answer {
        let selected = try await ok("\(readOnly ? "EXAMINE" : "SELECT") \(Self.quoted(mailbox))")
        var seen = selected.untagged
        try await eventually(
            "\(mailbox) has \(messages) messages",
            holds: {
                let last = seen.last { $0.hasSuffix(" EXISTS") }
                if last == "\(messages) EXISTS" { return true }
                seen += try await ok("NOOP").untagged
                return false
            })
        return selected
    }

    /// LOGIN with both words quoted.
    @discardableResult
    package func login(_ user: String, _ password: String) async throws -> Answer {
        try await command("LOGIN \(Self.quoted(user)) \(Self.quoted(password))")
    }

    /// APPEND with a synchronising literal; `message` has its line ends already.
    package func append(_ message: String, to mailbox: String, flags: String = "") async throws -> Answer {
        let tag = nextTag()
        let octets = Array(message.utf8)
        let list = flags.isEmpty ? "" : "(\(flags)) "
        try await dialogue.send("\(tag) APPEND \(Self.quoted(mailbox)) \(list){\(octets.count)}")
        let first = try await dialogue.line()
        guard first.hasPrefix("+") else {
            guard first.hasPrefix("\(tag) ") else { throw RigFailure("\(dialogue.name): APPEND: \(first)") }
            return Answer(status: String(first.dropFirst(tag.count + 1)), untagged: [])
        }
        try await dialogue.send(octets: octets + [13, 10])
        return try await answer(to: tag, within: nil)
    }

    /// APPEND of several messages in one command to a server with MULTIAPPEND and LITERAL+ (RFC 3502, RFC 7888).
    package func append(several messages: [String], to mailbox: String) async throws -> Answer {
        let tag = nextTag()
        var octets = Array("\(tag) APPEND \(Self.quoted(mailbox))".utf8)
        for message in messages { octets += Array(" {\(message.utf8.count)+}\r\n\(message)".utf8) }
        try await dialogue.send(octets: octets + [13, 10])
        return try await answer(to: tag, within: nil)
    }

    /// Begins IDLE and waits for the server's consent.
    package func idle() async throws {
        let tag = nextTag()
        idleTag = tag
        try await dialogue.send("\(tag) IDLE")
        try await dialogue.expect("+ …")
    }

    /// Ends IDLE.
    @discardableResult
    package func done() async throws -> Answer {
        try await dialogue.send("DONE")
        return try await answer(to: idleTag, within: nil)
    }

    /// LOGOUT, and the end of the connection.
    package func logout() async throws {
        let answer = try await command("LOGOUT")
        guard answer.isOK, answer.untagged.contains(where: { $0.hasPrefix("BYE") }) else {
            throw RigFailure("\(dialogue.name): LOGOUT: \(answer)")
        }
        try await dialogue.end()
        await dialogue.close()
    }

    private var idleTag = ""

    private func nextTag() -> String {
        number += 1
        return "a\(number)"
    }

    private func answer(to tag: String, within patience: Duration?) async throws -> Answer {
        var untagged: [String] = []
        while true {
            let line = try await dialogue.line(within: patience)
            if line.hasPrefix("\(tag) ") {
                return Answer(status: String(line.dropFirst(tag.count + 1)), untagged: untagged)
            }
            guard line.hasPrefix("* ") else {
                throw RigFailure("\(dialogue.name): neither untagged nor the answer to \(tag): \(line)")
            }
            untagged.append(String(line.dropFirst(2)))
        }
    }

    /// A quoted string (RFC 9051 §4.3).
    package static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
