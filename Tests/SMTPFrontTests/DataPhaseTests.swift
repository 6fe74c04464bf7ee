import Bytes
import Loop
import SMTPFront
import SMTPRig
import SMTPSyntax
import TLS
import Testing

/// Where a message ends, and where it does not, over sockets and however the network cuts it.
@Suite("The end of data", .timeLimit(.minutes(20)))
struct DataPhaseTests {
    /// What servers have taken for a line end at some time, and what they have read over.
    static let lineEnds = [
        "\r\n", "\n", "\r", "\r\r\n", "\n\r", "\n\n", "\r\r", "\0", "\r\n\0", "\0\r\n", "\r\0\n", "\n\0",
    ]

    /// Each with a dot between two of them, but for the true end.
    static let tricks = lineEnds.flatMap { before in
        lineEnds.filter { !(before.hasSuffix("\r\n") && $0.hasPrefix("\r\n")) }.map { "\(before).\($0)" }
    }

    private static let envelope = ChunkTests.envelope + "DATA\r\n"

    private func begin(_ client: ScriptedPeer) async throws {
        try await client.say(octets: Self.envelope)
        try await ChunkTests.expect(client, "250 2.1.0", "250 2.1.5", "354 ")
    }

    /// Sends octets in two writes, between which the house takes in the first.
    private func say(_ client: ScriptedPeer, _ octets: [UInt8], cutAt offset: Int, on loop: EventLoop) async throws {
        try await client.say(octets: Array(octets[..<offset]))
        for _ in 0..<4 { await loop.yield() }
        try await client.say(octets: Array(octets[offset...]))
    }

    @Test("No mixture of line ends around a dot ends a message, cut at every octet", arguments: 0..<lineEnds.count)
    func tricks(_ index: Int) async throws {
        let before = Self.lineEnds[index]
        try await SubmissionHouse.with { context, house in
            let client = try await house.signedIn()
            let head = Array((ChunkTests.header + "hello").utf8)
            let hidden =
                "MAIL FROM:<sales@ours.example>\r\nRCPT TO:<all@ours.example>\r\nDATA\r\n"
                + "From: sales@ours.example\r\n\r\npay\r\n.\r\nNOOP\r\n"
            let mine = Self.tricks.filter { $0.hasPrefix("\(before).") }
            #expect(mine.count > 5)
            for trick in mine {
                for offset in 0...trick.utf8.count {
                    try await begin(client)
                    let octets = head + Array(trick.utf8) + Array(hidden.utf8)
                    try await say(client, octets, cutAt: head.count + offset, on: context.loop)
                    let answer = try await client.line()
                    #expect(answer.hasPrefix("554 5.6.0 The message has a "), "\(trick.debugDescription): \(answer)")
                    try await client.expect("250 2.0.0 OK")
                }
            }
            #expect(house.upstream.deliveries.isEmpty)
            #expect(!house.upstream.commands.contains { $0.contains("sales") || $0 == "DATA" })
        }
    }

    @Test("Octet by octet, with NUL around it or not", arguments: ["", "\0"])
    func octetByOctet(_ nul: String) async throws {
        try await SubmissionHouse.with { context, house in
            let client = try await house.signedIn()
            for trick in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r.\n", "\n.\r", "\r\n.\r"] {
                try await begin(client)
                for byte in (ChunkTests.header + nul + trick + nul + "RSET\r\n").utf8 {
                    try await client.say(octets: [byte])
                    await context.loop.yield()
                }
                try await client.say(".")
                try await ChunkTests.expect(client, "554 5.6.0 ")
            }
            try await client.say("NOOP")
            try await client.expect("250 2.0.0 OK")
            #expect(house.upstream.deliveries.isEmpty)
        }
    }

    @Test("CR, LF and NUL alone anywhere in a message", arguments: ["\r", "\n", "\0"])
    func alone(_ octet: String) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            let message = "From: support@ours.example\r\nX: 1\r\n\r\nHi.\r\n.\r\n"
            for offset in 0..<(message.utf8.count - 5) {
                let all = Array(message.utf8)
                // Beside its like it would make another line end, not stand alone.
                guard ![13, 10].contains(all[offset]), offset == 0 || ![13, 10].contains(all[offset - 1]) else {
                    continue
                }
                try await begin(client)
                try await client.say(octets: all[..<offset] + Array(octet.utf8) + all[offset...])
                let answer = try await client.line()
                #expect(answer.hasPrefix("554 5.6.0 "), "\(offset): \(answer)")
            }
            #expect(house.upstream.deliveries.isEmpty)
        }
    }

    @Test("What follows a true end in the same packet is commands (RFC 2920 §3.1), wherever it is cut")
    func nextInPacket() async throws {
        try await SubmissionHouse.with { context, house in
            let client = try await house.signedIn()
            let first = Array((ChunkTests.header + "One.\r\n").utf8)
            let rest = Array((".\r\n" + Self.envelope).utf8)
            let last = Array((ChunkTests.header + "Two.\r\n.\r\nNOOP\r\n").utf8)
            for offset in 0...rest.count {
                try await begin(client)
                try await say(client, first + rest, cutAt: first.count + offset, on: context.loop)
                try await ChunkTests.expect(client, "250 2.0.0 queued", "250 2.1.0", "250 2.1.5", "354 ")
                try await client.say(octets: last)
                try await ChunkTests.expect(client, "250 2.0.0 queued", "250 2.0.0 OK")
            }
            let messages = house.upstream.deliveries.map(\.message)
            #expect(messages.count == 2 * (rest.count + 1))
            for (index, message) in messages.enumerated() {
                #expect(message.hasSuffix(index.isMultiple(of: 2) ? "\r\n\r\nOne.\r\n" : "\r\n\r\nTwo.\r\n"))
            }
            // Behind a message that is refused as well; and what is no command there is none.
            try await begin(client)
            try await client.say(octets: "a\nb\r\n.\r\n" + Self.envelope)
            try await ChunkTests.expect(client, "554 5.6.0 ", "250 2.1.0", "250 2.1.5", "354 ")
            try await client.say(octets: ChunkTests.header + "\r\n.\r\n\0NOOP\r\nNOOP\r\n")
            try await ChunkTests.expect(client, "250 2.0.0 queued", "500 5.5.2", "250 2.0.0 OK")
        }
    }

    @Test("Long lines pass as they are, by DATA and by BDAT, up to their limit", arguments: [false, true])
    func longLines(_ chunks: Bool) async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave {
                $0.knowsChunks = chunks
                if chunks { $0.capabilities.append("CHUNKING") }
            }
            let client = try await house.signedIn()
            client.patience = .seconds(60)
            for length in [998, 999, 5000, 70_000, MessageVerdict.lineLimit - 2, MessageVerdict.lineLimit - 1] {
                let line = String(repeating: "x", count: length) + "\r\n"
                for isChunk in [false, true] {
                    if isChunk {
                        try await ChunkTests.begin(client)
                        try await client.say(
                            octets: ChunkTests.chunk("\(ChunkTests.header)\(line)end\r\n", isLast: true))
                    } else {
                        try await begin(client)
                        try await client.say(octets: "\(ChunkTests.header)\(line)end\r\n.\r\n")
                    }
                    guard length + 2 <= MessageVerdict.lineLimit else {
                        try await ChunkTests.expect(client, "554 5.6.0 The message has a line of more than 1048576")
                        continue
                    }
                    try await ChunkTests.expect(client, "250 2.0.0 queued")
                    #expect(house.upstream.deliveries.last?.message.hasSuffix("\r\n\r\n\(line)end\r\n") == true)
                }
            }
            #expect(house.upstream.deliveries.count == 10)
        }
    }

    @Test(
        "Nothing in a path or a parameter becomes a line of its own upstream",
        arguments: [
            "MAIL FROM:<support@ours.example>\rRCPT TO:<x@c.example>", "MAIL FROM:<support@ours.example> SIZE=1\nDATA",
            "MAIL FROM:<support@ours.example> AUTH=a+0D+0ARCPT+20TO:<x@c.example>",
            "MAIL FROM:<support@ours.example> AUTH=a@c.example+0D+0ADATA",
            "MAIL FROM:<support@ours.example> ENVID=a+0D+0ADATA", "MAIL FROM:<support@ours.example> SIZE=1+0D+0A",
            "MAIL FROM:<support@ours.example> BODY=7BIT+0D+0A", "MAIL FROM:<support@ours.example>\0",
            "MAIL FROM:<support@ours.example> X\0=1",
        ])
    func mailInjection(_ line: String) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            try await client.say(octets: "\(line)\r\nRSET\r\n")
            // A line with LF in it is two, and both are refused.
            while try await client.line() != "250 2.0.0 OK" {}
            for command in house.upstream.commands where !["EHLO", "RSET", "AUTH"].contains(command.prefix(4)) {
                #expect(command.hasPrefix("MAIL FROM:<support@ours.example>"), "\(command)")
                #expect(!command.contains("+0D") && !command.contains("DATA"), "\(command)")
            }
        }
    }

    @Test(
        "Nor in a recipient's",
        arguments: [
            "<\"a\\\rb\"@c.example>", "<\"a\\\nDATA\"@c.example>", "<\"a\r\nDATA\"@c.example>", "<a@c.example>\rDATA",
            "<a@c.example\0>", "<a@[1.2.3.4]\rDATA>", "<a@c.example> ORCPT=rfc822;a+0D+0ADATA",
            "<a@c.example> NOTIFY=NEVER+0D+0A", "<@x\r,@y:a@c.example>", "<\"a\0\"@c.example>",
        ])
    func recipientInjection(_ path: String) async throws {
        try await SubmissionHouse.with { _, house in
            let client = try await house.signedIn()
            try await client.say(octets: "MAIL FROM:<support@ours.example>\r\nRCPT TO:\(path)\r\nRSET\r\n")
            try await ChunkTests.expect(client, "250 2.1.0")
            var answers: [String] = []
            repeat { answers.append(try await client.line()) } while answers.last != "250 2.0.0 OK"
            #expect(answers.dropLast().allSatisfy { $0.hasPrefix("5") }, "\(answers)")
            #expect(!house.upstream.commands.contains { $0.hasPrefix("RCPT") || $0.contains("DATA") })
        }
    }
}
