import Bytes
import Engine
import Foundation
import Loop
import MailTypes
import Rules
import SMTPFront
import SMTPRig
import Store
import TestKit
import Testing

/// Ways that a message takes to its upstream.
enum Way: String, CaseIterable, CustomTestStringConvertible {
    case data
    case dataAlone
    case chunks
    case queue
    /// As `chunks`, with a scanner that records the message.
    case scanned

    var manner: MessageSink.Manner {
        switch self {
        case .data, .queue: MessageSink.Manner()
        case .dataAlone: .plain
        case .chunks, .scanned: .chunks
        }
    }

    var testDescription: String { rawValue }
}

/// A folder whose files are submitted as well.
private let extraMessages = ProcessInfo.processInfo.environment["POSTHOUSE_MESSAGES"]

/// Every message of a corpus of strange ones is submitted, and what arrives is compared with it, octet by octet.
///
/// `POSTHOUSE_MESSAGES` in the environment names a folder whose files are submitted as well.
@Suite("Byte for byte", .timeLimit(.minutes(20)))
struct FidelityTests {
    /// Messages on one session.
    private static let perSession = 100

    /// A house in front of a sink.
    private func with(
        _ way: Way,
        _ body: @escaping @Sendable (isolated LoopContext, SubmissionHouse, MessageSink) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "sink")
        let sink = try MessageSink(on: loop, way.manner)
        defer {
            sink.stop()
            loop.stop(grace: .seconds(2))
            _ = loop.join()
        }
        let port = sink.port
        let change: @Sendable (inout SiteDescription) -> Void = { site in
            site.servers = [Server(name: "provider", smtp: .init(host: "127.0.0.1", port: port, security: .none))]
            if way == .scanned {
                var rules = ScannerRules()
                rules.actions = [.createEmail]
                rules.start = .everything
                site.scanners = [Scanner(account: "support", rules: rules)]
            }
            if way == .queue { for index in site.accounts.indices { site.accounts[index].outbox = .queue } }
        }
        try await SubmissionHouse.with(site: change) { context, house in try await body(context, house, sink) }
        #expect(sink.failures.isEmpty, "\(sink.failures)")
    }

    /// Submits one message, in two pieces where `split` says so, and gives the answer to the end of data.
    /// - Parameter number: who gets it, so that it is known again.
    private func submit(
        _ client: ScriptedPeer, _ message: OddMessage, _ number: Int, split: Int? = nil
    ) async throws -> String {
        client.patience = .seconds(120)
        let octets = message.dotted
        try await client.say(
            "MAIL FROM:<\(OddMessages.author)> BODY=8BITMIME", "RCPT TO:<\(number)@customer.example>", "DATA")
        for code in ["250 ", "250 ", "354 "] { _ = try await client.expect(prefix: code) }
        let end = split ?? octets.count
        try await client.say(octets: octets[..<end])
        if end < octets.count { try await client.say(octets: octets[end...]) }
        return try await client.line()
    }

    /// Submits all, and reports each that does not fare as it should.
    private func prove(_ messages: [OddMessage], _ way: Way, split: (@Sendable (Int) -> Int)? = nil) async throws {
        try await with(way) { _, house, sink in
            for start in stride(from: 0, to: messages.count, by: Self.perSession) {
                let client = try await house.signedIn()
                var sent: [Int: OddMessage] = [:]
                for (number, message) in messages.enumerated().dropFirst(start).prefix(Self.perSession) {
                    let answer = try await submit(client, message, number, split: split?(number))
                    switch message.outcome {
                    case .refused(let prefix): #expect(answer.hasPrefix(prefix), "\(message.name): \(answer)")
                    case .arrives:
                        #expect(answer.hasPrefix("250 "), "\(message.name): \(answer)")
                        if answer.hasPrefix("250 ") { sent[number] = message }
                    }
                }
                try await client.play("C: QUIT\nS: 221 …")
                await compare(sent, way, house, sink)
            }
        }
    }

    /// Waits until as many messages have arrived as were accepted, and compares each with what was sent.
    private func compare(_ sent: [Int: OddMessage], _ way: Way, _ house: SubmissionHouse, _ sink: MessageSink) async {
        var arrived: [MessageSink.Message] = []
        while arrived.count < sent.count {
            await house.loop.yield()
            arrived += sink.takeMessages()
        }
        #expect(arrived.count == sent.count)
        var missing = sent
        for message in arrived {
            let number = message.envelope.last?.split { !$0.isNumber }.first.flatMap { Int($0) } ?? -1
            guard let wanted = missing.removeValue(forKey: number) else {
                Issue.record("not sent, or twice: \(message.envelope)")
                continue
            }
            let difference = Fidelity.difference(
                sent: wanted.octets, arrived: message.octets, isMarked: way == .scanned)
            if let difference {
                Issue.record("\(wanted.name): \(difference)")
            }
        }
    }

    @Test("Strange messages arrive as they were sent, or are refused", arguments: Way.allCases)
    func strange(_ way: Way) async throws {
        try await prove(OddMessages.all, way)
    }

    @Test("Messages by chance arrive as they were sent", arguments: Way.allCases)
    func random(_ way: Way) async throws {
        try await prove(OddMessages.random(Effort.isFull ? 5000 : 120, seed: 1), way)
    }

    @Test("Line ends and dots lie anywhere across the pieces of a message", arguments: Way.allCases)
    func shifting(_ way: Way) async throws {
        try await prove((1...(Effort.isFull ? 50 : 4)).map { OddMessages.shifting(seed: $0) }, way)
    }

    @Test("A large message arrives as it was sent", arguments: Way.allCases)
    func large(_ way: Way) async throws {
        try await prove([OddMessages.large(Effort.isFull ? 25_000_000 : 1_500_000)], way)
    }

    @Test("The network cuts a message at every place about its dots and its end")
    func split() async throws {
        let message = OddMessages.dotted
        try await prove(Array(repeating: message, count: message.dotted.count + 1), .data) { $0 }
    }

    @Test(
        "The messages of a folder arrive as they were sent", .enabled(if: extraMessages != nil), arguments: Way.allCases
    )
    func folder(_ way: Way) async throws {
        let messages = try OddMessages.files(below: try #require(extraMessages))
        #expect(!messages.isEmpty)
        try await prove(messages, way)
    }
}
