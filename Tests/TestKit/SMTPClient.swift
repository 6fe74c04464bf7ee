internal import Foundation

/// An SMTP client that does what a test says and no more.
package final class SMTPClient: Sendable {
    /// A complete reply.
    package struct Reply: Sendable {
        /// Its three digits.
        package let code: Int
        /// The text of each line, without the code.
        package let lines: [String]

        /// All of it in one line.
        package var text: String { lines.joined(separator: " ") }
    }

    /// The conversation underneath.
    package let dialogue: Dialogue

    private init(_ dialogue: Dialogue) {
        self.dialogue = dialogue
    }

    /// Connects, reads the greeting and says EHLO.
    package static func connect(
        _ name: String, port: UInt16, security: Dialogue.Security = .none, patience: Duration = .seconds(30)
    ) async throws -> SMTPClient {
        let client = SMTPClient(
            try Dialogue(name, port: port, security: security, grammar: .lines, patience: patience))
        if case .startTLS = security {
            // s_client has read the greeting and the first EHLO's answer.
        } else {
            _ = try await client.reply()
        }
        try await client.expect(250, "EHLO client.example.test")
        return client
    }

    /// Sends a line and reads the reply.
    @discardableResult
    package func command(_ line: String) async throws -> Reply {
        try await dialogue.send(line)
        return try await reply()
    }

    /// The same, for a command that must be answered with `code`.
    @discardableResult
    package func expect(_ code: Int, _ line: String) async throws -> Reply {
        let reply = try await command(line)
        guard reply.code == code else {
            throw RigFailure("\(dialogue.name): \(line): \(reply.code) \(reply.text), not \(code)")
        }
        return reply
    }

    /// AUTH PLAIN with an initial response.
    @discardableResult
    package func authenticate(_ user: String, _ password: String, as authorization: String = "") async throws -> Reply {
        let response = Data("\(authorization)\0\(user)\0\(password)".utf8).base64EncodedString()
        return try await command("AUTH PLAIN \(response)")
    }

    /// MAIL, RCPT and DATA; gives the first reply that is not as wanted, or the last one. Line ends are CRLF already.
    @discardableResult
    package func deliver(_ message: String, from: String, to recipients: [String]) async throws -> Reply {
        var reply = try await command("MAIL FROM:<\(from)>")
        guard reply.code == 250 else { return reply }
        for recipient in recipients {
            reply = try await command("RCPT TO:<\(recipient)>")
            guard reply.code == 250 else { return reply }
        }
        reply = try await command("DATA")
        guard reply.code == 354 else { return reply }
        let stuffed = message.replacing("\r\n.", with: "\r\n..")
        let end = stuffed.hasSuffix("\r\n") ? ".\r\n" : "\r\n.\r\n"
        try await dialogue.send(octets: Array("\(stuffed.hasPrefix(".") ? "." : "")\(stuffed)\(end)".utf8))
        return try await self.reply()
    }

    /// The next reply.
    package func reply() async throws -> Reply {
        var lines: [String] = []
        while true {
            let line = try await dialogue.line()
            guard let code = Int(line.prefix(3)) else { throw RigFailure("\(dialogue.name): no reply: \(line)") }
            lines.append(String(line.dropFirst(4)))
            if line.dropFirst(3).first != "-" { return Reply(code: code, lines: lines) }
        }
    }

    /// QUIT, and the end of the connection.
    package func quit() async throws {
        try await expect(221, "QUIT")
        await dialogue.close()
    }
}
