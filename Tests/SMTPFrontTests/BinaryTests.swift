import Bytes
import Loop
import SMTPFront
import SMTPRig
import SMTPSyntax
import Store
import TLS
import Testing

/// BODY=BINARYMIME (RFC 3030 §3), and what becomes of eighth bits.
@Suite("A message that is no text", .timeLimit(.minutes(20)))
struct BinaryTests {
    /// All 256 octets, and what would end a message elsewhere.
    static let body: [UInt8] =
        Array("\r\n.\r\n".utf8) + (0...255).map { UInt8($0) } + Array("\n.\n\r.\r\r\n.\r\nQUIT\r\n".utf8) + [0]
    static let message = octets("From: support@ours.example\r\nContent-Transfer-Encoding: binary\r\n\r\n") + body

    private static func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func chunk(_ octets: [UInt8], isLast: Bool = true) -> [UInt8] {
        Self.octets("BDAT \(octets.count)\(isLast ? " LAST" : "")\r\n") + octets
    }

    private static func begin(_ client: ScriptedPeer) async throws {
        try await client.say(
            octets: "MAIL FROM:<support@ours.example> BODY=BINARYMIME\r\nRCPT TO:<jan@customer.example>\r\n")
        try await ChunkTests.expect(client, "250 2.1.0", "250 2.1.5")
    }

    private static func takesBinary(_ behaviour: inout FakeUpstream.Behaviour) {
        behaviour.capabilities += ["CHUNKING", "BINARYMIME"]
        behaviour.knowsChunks = true
    }

    @Test("It arrives octet by octet, and is offered to who may send it")
    func delivers() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave(Self.takesBinary)
            let client = try await house.signedIn()
            #expect(try await house.hello(client).contains("BINARYMIME"))
            for size in [1, 7, 10_000] {
                try await Self.begin(client)
                try await client.say("DATA")
                try await ChunkTests.expect(client, "503 5.5.1 A binary message comes by BDAT")
                var count = 0
                for start in stride(from: 0, to: Self.message.count, by: size) {
                    let end = min(start + size, Self.message.count)
                    try await client.say(octets: Self.chunk(Array(Self.message[start..<end]), isLast: false))
                    count += 1
                }
                try await client.say("BDAT 0 LAST")
                for _ in 0..<count { try await ChunkTests.expect(client, "250 2.0.0") }
                try await ChunkTests.expect(client, "250 2.0.0 queued")
                let delivery = try #require(house.upstream.deliveries.last)
                #expect(delivery.sender.hasSuffix(" BODY=BINARYMIME"))
                #expect(Array(delivery.octets.suffix(Self.body.count + 4)) == Self.octets("\r\n\r\n") + Self.body)
                #expect(delivery.fields("Message-ID").count == 1)
            }
            let carol = try await house.signedIn("carol")
            #expect(try await !house.hello(carol).contains("BINARYMIME"))
            #expect(!house.upstream.commands.contains("DATA"))
            // A text on the same connection is a text.
            try await client.say(octets: ChunkTests.envelope)
            try await ChunkTests.expect(client, "250 2.1.0", "250 2.1.5")
            #expect(house.upstream.commands.last { $0.hasPrefix("MAIL") }?.contains("BINARY") == false)
        }
    }

    @Test("For a server that does not take it it is refused at MAIL", arguments: [[], ["CHUNKING"], ["BINARYMIME"]])
    func refused(_ capabilities: [String]) async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave {
                $0.capabilities += capabilities
                $0.knowsChunks = true
            }
            let client = try await house.signedIn()
            try await client.say(
                octets:
                    Self.octets(
                        "MAIL FROM:<support@ours.example> BODY=BINARYMIME\r\nRCPT TO:<jan@customer.example>\r\n")
                    + Self.chunk(Self.message) + Self.octets("NOOP\r\n"))
            try await ChunkTests.expect(client, "555 5.6.3 ", "503 5.5.1 ", "503 5.5.1 ", "250 2.0.0 OK")
            #expect(!house.upstream.commands.contains { $0.hasPrefix("MAIL") })
            #expect(try await !house.hello(client).contains("BINARYMIME"))
        }
    }

    @Test(
        "Its header is text all the same", arguments: ["X: \0\r\n", "X: a\nFrom: boss@ours.example\r\n", "X: \r.\r\n"])
    func header(_ field: String) async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave(Self.takesBinary)
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.octets(field) + Self.message))
            try await ChunkTests.expect(client, "554 5.6.0 ")
            #expect(house.upstream.deliveries.isEmpty)
        }
    }

    @Test("A server that offers it and does not know BDAT gets nothing by DATA")
    func notByData() async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave { $0.capabilities += ["CHUNKING", "BINARYMIME"] }
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.message))
            try await ChunkTests.expect(client, "554 5.6.3 ")
            try await client.say(
                octets: "MAIL FROM:<support@ours.example> BODY=BINARYMIME\r\n" + ChunkTests.envelope)
            try await ChunkTests.expect(client, "555 5.6.3 ", "250 2.1.0", "250 2.1.5")
            try await client.say(octets: ChunkTests.chunk(ChunkTests.header + "Hello.\r\n", isLast: true))
            try await ChunkTests.expect(client, "250 2.0.0 queued")
            #expect(house.upstream.deliveries.map(\.octets.isEmpty) == [true])
        }
    }

    @Test("The queue keeps it binary; a server that is known not to take it is not waited for")
    func queued() async throws {
        let site: @Sendable (inout SiteDescription) -> Void = { $0.accounts[0].outbox = .queue }
        try await SubmissionHouse.with(site: site) { _, house in
            house.upstream.behave(Self.takesBinary)
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.message))
            try await ChunkTests.expect(client, "250 2.0.0 Queued as 1")
            try await house.until("delivered") { !house.upstream.deliveries.isEmpty }
            let delivery = try #require(house.upstream.deliveries.first)
            #expect(delivery.sender.hasSuffix(" BODY=BINARYMIME"))
            #expect(Array(delivery.octets.suffix(Self.body.count)) == Self.body)
            #expect(try await house.hello(client).contains("BINARYMIME"))
        }
        try await SubmissionHouse.with(site: site) { _, house in
            let client = try await house.signedIn()
            try await Self.begin(client)
            try await client.say(octets: Self.chunk(Self.message))
            try await ChunkTests.expect(client, "250 2.0.0 Queued as 1")
            var answer: String?
            try await house.until("answered") {
                let rows = try await house.store.read { reader throws(StoreError) in try reader.outbox() }
                let row = try #require(rows.first)
                #expect(row.entry.isBinary)
                if row.entry.recipients[0].state == .failed { answer = row.entry.recipients[0].answer }
                return answer != nil
            }
            #expect(answer?.hasPrefix("555 5.6.3 ") == true)
            try await client.say(octets: "MAIL FROM:<support@ours.example> BODY=BINARYMIME\r\n")
            try await ChunkTests.expect(client, "555 5.6.3 ")
            #expect(house.upstream.deliveries.isEmpty)
        }
    }

    @Test("An eighth bit goes to no server without 8BITMIME, whatever was said at MAIL", arguments: [false, true])
    func eighthBit(_ chunks: Bool) async throws {
        try await SubmissionHouse.with { _, house in
            house.upstream.behave {
                $0.capabilities = chunks ? ["CHUNKING"] : []
                $0.knowsChunks = chunks
            }
            let client = try await house.signedIn()
            for parameter in ["", " BODY=7BIT", " BODY=8BITMIME"] {
                for (text, answer) in [("Zażółć", "554 5.6.3 "), ("Plain", "250 2.0.0 queued")] {
                    try await client.say(
                        octets: "MAIL FROM:<support@ours.example>\(parameter)\r\nRCPT TO:<jan@customer.example>\r\n")
                    try await ChunkTests.expect(client, "250 2.1.0", "250 2.1.5")
                    try await client.say(octets: ChunkTests.chunk("\(ChunkTests.header)\(text)\r\n", isLast: true))
                    try await ChunkTests.expect(client, answer)
                }
            }
            #expect(house.upstream.deliveries.count == 3)
            #expect(!house.upstream.commands.contains { $0.contains("BODY=") })
        }
    }
}
