import Bytes
import Loop
import SMTPRig
import SMTPSyntax
import TLS
import Testing
import Upstream

/// BDAT (RFC 3030).
extension SMTPClientTests {
    @Test("With CHUNKING a message goes in one chunk, as it is")
    func chunks() async throws {
        let message = Array("Subject: hi\r\n\r\n.dot\r\nno end of line".utf8)
        try await play { peer in
            try await peer.welcome("PIPELINING", "CHUNKING")
            try await peer.expect("MAIL FROM:<alice@example.com>")
            try await peer.expect("RCPT TO:<bob@example.net>")
            try await peer.say("250 2.1.0 ok", "250 2.1.5 ok")
            try await peer.expect("BDAT \(message.count) LAST")
            guard try await peer.octets(message.count) == message else { throw ScriptFailure("another message") }
            try await peer.say("250 2.0.0 as 42")
            try await peer.farewell()
        } _: { _, bench, server in
            let client = try await bench.connect(bench.endpoint(server))
            _ = try await client.begin(
                .init(sender: path("alice@example.com")), recipients: [to("bob@example.net")])
            let last = try await client.send(size: message.count) { Array(message[$0]) }
            #expect(last == SMTPReply(250, EnhancedStatus(2, 0, 0), "as 42"))
            await client.quit()
        }
    }

    @Test("A binary message goes in one chunk to a server that takes it, and nowhere else", arguments: [true, false])
    func binary(_ isTaken: Bool) async throws {
        let message = Array("Subject: hi\r\n\r\n".utf8) + (0...255).map { UInt8($0) } + [13]
        try await play { peer in
            try await peer.welcome("PIPELINING", "8BITMIME", isTaken ? "CHUNKING" : "X-NOTHING", "BINARYMIME")
            if isTaken {
                try await peer.expect("MAIL FROM:<alice@example.com> BODY=BINARYMIME")
                try await peer.expect("RCPT TO:<bob@example.net>")
                try await peer.say("250 2.1.0 ok", "250 2.1.5 ok")
                try await peer.expect("BDAT \(message.count) LAST")
                guard try await peer.octets(message.count) == message else { throw ScriptFailure("another message") }
                try await peer.say("250 2.0.0 as 42")
            }
            try await peer.farewell()
        } _: { _, bench, server in
            let client = try await bench.connect(bench.endpoint(server))
            let answer = try await client.begin(
                .init(sender: path("alice@example.com"), isBinary: true), recipients: [to("bob@example.net")])
            #expect(answer.mail.code == (isTaken ? 250 : 555) && answer.recipients.count == 1)
            let last = try await client.send(size: message.count, isBinary: true) { Array(message[$0]) }
            #expect(last.code == (isTaken ? 250 : 555))
            await client.quit()
        }
    }

    @Test(
        "A CR or LF that stands alone is never let out, by DATA or in a chunk", arguments: ["PIPELINING", "CHUNKING"],
        ["a\nb\r\n", "a\r\n.\r", "a\r\r\n", "\n.\n"])
    func looseLineEnds(_ capability: String, _ text: String) async throws {
        let message = Array(text.utf8)
        try await play { peer in
            try await peer.welcome(capability)
            try await peer.expect("MAIL FROM:<>")
            try await peer.say("250 ok")
            try await peer.expect("RCPT TO:<a@b>")
            try await peer.say("250 ok")
            if capability != "CHUNKING" {
                try await peer.expect("DATA")
                try await peer.say("354 go")
            }
            // Cut off, with not an octet of the message.
            try? await peer.end()
            guard peer.connection.input.isEmpty else { throw ScriptFailure("octets came") }
        } _: { _, bench, server in
            let client = try await bench.connect(bench.endpoint(server))
            _ = try await client.begin(.init(sender: .null), recipients: [to("a@b")])
            await #expect(throws: SMTPFailure.local("the message has a CR or LF that stands alone")) {
                _ = try await client.send(size: message.count) { Array(message[$0]) }
            }
            #expect(!client.isUsable)
        }
    }
}
