import Bytes
import Engine
import Loop
import MailTypes
import Rules
import SMTPRig
import SMTPSyntax
import Store
import TestKit
import Testing

/// What a binary message (RFC 3030 §3) leaves behind: its copy in Sent, and its record.
@Suite("The copy of a binary message", .timeLimit(.minutes(20)))
struct BinaryCopyTests {
    private struct Letter {
        let name: String
        /// The header behind the fields that all have, and the body.
        let rest: [UInt8]
        /// What some sections hold, decoded.
        let sections: [String: [UInt8]]

        var octets: [UInt8] {
            Array(
                "From: support@example.test\r\nTo: jan@customer.example\r\nSubject: \(name)\r\nMIME-Version: 1.0\r\n"
                    .utf8)
                + Array("Message-ID: <\(name)@example.test>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n".utf8) + rest
        }
    }

    private static let all: [UInt8] = (0...255).map { UInt8($0) } + octets("\r\n.\r\n--x")
    private static let noNUL = octets("a\nb\rc\r\n\n\r.")
    /// Larger than what is kept in memory.
    private static let large = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    private static let binary = "Content-Transfer-Encoding: binary\r\n"

    private static func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func multipart(_ boundary: String, _ parts: [[UInt8]]) -> [UInt8] {
        octets("Content-Type: multipart/mixed; boundary=\(boundary)\r\n\(binary)\r\n")
            + parts.flatMap { octets("--\(boundary)\r\n") + $0 + octets("\r\n") } + octets("--\(boundary)--\r\n")
    }

    private static let letters = [
        Letter(
            name: "parts",
            rest: multipart(
                "b",
                [
                    octets("\(binary)\r\nHel\0lo."), octets("Content-Type: application/pdf\r\n\(binary)\r\n") + all,
                    octets("\(binary)Content-Type: text/plain\r\n\r\n") + noNUL,
                ]), sections: ["2": all, "3": noNUL]),
        Letter(
            name: "whole", rest: octets("Content-Type: application/pdf\r\n\(binary)\r\n") + large,
            sections: ["1": large]),
        Letter(
            name: "enclosed",
            rest: multipart(
                "b",
                [
                    octets("Content-Type: message/rfc822\r\n\(binary)\r\nSubject: inner\r\n")
                        + multipart("c", [octets("\r\n") + all, octets("\r\nText.")])
                ]), sections: ["1.1": all]),
    ]

    private func send(_ letter: Letter, _ house: EngineHouse) async throws -> SMTPReply {
        let alice = try house.principal("alice")
        let message = letter.octets
        return try await house.loop.run { _ in
            let origin = SubmissionOrigin(
                peer: .loopback(port: 40_000), clientName: "client.example", isEncrypted: true, usesSMTPUTF8: false)
            var parameters = MailParameters()
            parameters.body = .binaryMIME
            let submission = try house.engine.beginSubmission(
                from: .mailbox(EmailAddress(local: "support", domain: "example.test")), parameters: parameters,
                by: alice, origin: origin)
            let answer = await submission.open([QueueHouse.recipient("jan")])
            guard answer.mail.isPositive else { return answer.mail }
            let spool = house.engine.makeSpool()
            try await spool.append(message)
            return await submission.deliver(spool)
        }
    }

    @Test("Has every octet, also where the mailboxes take no NUL", arguments: ["", Provider.withoutModSeqs])
    func copy(_ dovecot: String) async throws {
        let loop = try EventLoop(name: "upstream")
        defer {
            loop.stop(grace: .seconds(1))
            loop.join()
        }
        let upstream = try FakeUpstream(on: loop)
        defer { upstream.stop() }
        upstream.behave {
            $0.offersSignIn = false
            $0.capabilities += ["CHUNKING", "BINARYMIME"]
            $0.knowsChunks = true
        }
        try await EngineHouse.with(
            site: { site in
                site.servers[0].smtp = .init(host: "127.0.0.1", port: upstream.port, security: .none)
                var rules = ScannerRules.helpDesk
                rules.start = .everything
                site.scanners = [Scanner(account: "support", rules: rules)]
            }, dovecot: dovecot,
            { house in
                for letter in Self.letters {
                    #expect(try await send(letter, house).code == 250)
                    #expect(upstream.deliveries.last?.octets.suffix(200) == letter.octets.suffix(200))
                    for (section, octets) in letter.sections {
                        let content = try await eventually("\(letter.name) has a copy") {
                            try await copied(section, of: letter.name, house)
                        }
                        #expect(content == octets, "\(letter.name) \(section)")
                    }
                }
                let email = try await house.store.read { reader throws(StoreError) in
                    guard let id = try reader.emails(messageID: "parts@example.test").first else { return Email?.none }
                    return try reader.email(id)
                }
                #expect(email?.text.contains("lo.") == true)
                #expect(email?.attachments.first?.size == Self.all.count)
            })
    }

    /// A section of a copy in Sent, decoded from base 64; nil while there is none.
    private func copied(_ section: String, of name: String, _ house: EngineHouse) async throws -> [UInt8]? {
        let client = try await IMAPClient.connect("support upstream", port: house.provider.imapPort)
        guard try await client.login("support", "support-upstream").isOK else { return nil }
        var answer = ""
        if try await client.command("SELECT Sent").isOK {
            let found = try await client.ok("UID SEARCH HEADER Message-ID \(name)@").untagged.joined(separator: " ")
            if let uid = found.split(separator: " ").last.flatMap({ Int($0) }) {
                answer = try await client.ok("UID FETCH \(uid) (BODY.PEEK[\(section)])").untagged.joined()
            }
        }
        try await client.logout()
        guard let start = answer.firstRange(of: "}\r\n") else { return nil }
        let text = answer[start.upperBound...].utf8.filter { ![13, 10, 41].contains($0) }
        return Base64.decode(text)
    }
}
