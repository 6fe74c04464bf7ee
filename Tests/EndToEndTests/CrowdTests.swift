import Foundation
import TestKit
import Testing

/// Many clients in one mailbox do as they like, all at once. Each keeps what it was told; in the end, when nobody does
/// anything any more, all have the mailbox as the provider has it.
@Suite("A crowd", .timeLimit(.minutes(20)))
struct CrowdTests {
    static let clients = Effort.isFull ? 50 : 8
    static let duration = Duration.seconds(Effort.isFull ? 60 : 5)
    /// Below so many messages nobody marks any as deleted.
    static let fewest = 20

    @Test func `Whatever a crowd does, everybody ends with what the provider has`() async throws {
        try await House.with { house in
            let direct = try await house.upstream("support")
            try await direct.make("Crowd")
            for number in 1...40 {
                #expect(try await direct.append(Letters.plain("n", number: number), to: "Crowd").isOK)
            }
            var members: [CrowdMember] = []
            for number in 0..<Self.clients {
                let client = try await house.imap(number % 2 == 0 ? "alice" : "support*alice")
                members.append(try await CrowdMember(client, "Crowd", seed: UInt64(number + 1)))
            }
            let deadline = ContinuousClock.now + Self.duration
            var done = 0
            members = try await withThrowingTaskGroup(of: CrowdMember.self) { group in
                for member in members {
                    group.addTask {
                        var member = member
                        while ContinuousClock.now < deadline { try await member.act() }
                        return member
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for member in members { done += member.count }
            #expect(done > Self.clients * 10)
            if Effort.isFull { print("crowd: \(Self.clients) clients, \(done) commands") }

            // Quiet: what the provider has, and what each has been told.
            try await direct.ok("EXAMINE Crowd")
            let truth = try await direct.ok("FETCH 1:* (UID FLAGS)").fetched
                .map { SeenMailbox.Message(uid: $0.uid, flags: $0.flags) }
            for index in members.indices {
                try await eventually("client \(index) is told everything", within: .seconds(30)) {
                    () async throws -> Bool? in
                    try await members[index].command("NOOP")
                    return members[index].seen.messages.count == truth.count ? true : nil
                }
                // What it was told unasked, before it asks for everything.
                for (mine, theirs) in zip(members[index].seen.messages, truth) {
                    #expect(mine.uid == nil || mine.uid == theirs.uid, "client \(index)")
                    #expect(mine.flags == nil || mine.flags == theirs.flags, "client \(index), UID \(theirs.uid ?? 0)")
                }
                try await members[index].command("FETCH 1:* (UID FLAGS)")
                #expect(members[index].seen.messages == truth, "client \(index)")
            }
        }
    }
}

/// One client of a crowd: what it does is drawn from its seed.
private struct CrowdMember: Sendable {
    let client: IMAPClient
    let mailbox: String
    var seen = SeenMailbox()
    var random: UInt64
    /// Commands that were answered.
    var count = 0

    private static let flags = ["\\Seen", "\\Flagged", "\\Answered", "\\Draft", "$work", "$later"]

    init(_ client: IMAPClient, _ mailbox: String, seed: UInt64) async throws {
        self.client = client
        self.mailbox = mailbox
        random = seed
        try await open("SELECT")
    }

    private mutating func open(_ verb: String) async throws {
        seen = SeenMailbox()
        try await command("\(verb) \(mailbox)")
        try await command("FETCH 1:* (UID FLAGS)")
    }

    /// A number below `bound` (SplitMix64).
    private mutating func below(_ bound: Int) -> Int {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = random
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    /// A command is answered OK, and what comes with it makes sense. What a number meant may be gone by now, and then the
    /// provider too says NO [EXPUNGEISSUED] (RFC 5530 §3).
    @discardableResult
    mutating func command(_ text: String) async throws -> IMAPClient.Answer {
        let answer = try await client.command(text)
        count += 1
        do { try seen.take(answer) } catch { throw RigFailure("\(client.dialogue.name): \(text): \(error)") }
        guard answer.isOK || answer.status.hasPrefix("NO [EXPUNGEISSUED]") else {
            throw RigFailure("\(client.dialogue.name): \(text): \(answer.status)")
        }
        return answer
    }

    /// One thing at random.
    mutating func act() async throws {
        let total = seen.messages.count
        guard total > 0 else {
            _ = try await client.append(Letters.plain("again", number: below(1 << 30)), to: mailbox)
            try await command("NOOP")
            return
        }
        let number = below(total) + 1
        let last = min(total, number + below(4))
        let flag = Self.flags[below(Self.flags.count)]
        switch below(100) {
        case 0..<20: try await command("STORE \(number):\(last) \(below(2) == 0 ? "+" : "-")FLAGS (\(flag))")
        case 20..<28: try await command("STORE \(number) FLAGS (\(flag))")
        case 28..<45: try await command("FETCH \(number):\(last) (UID FLAGS)")
        case 45..<52: try await command("FETCH \(number) (UID ENVELOPE BODY.PEEK[TEXT]<0.10>)")
        case 52..<62: try await command("NOOP")
        case 62..<67: try await command("SEARCH \(flag.hasPrefix("$") ? "KEYWORD \(flag)" : String(flag.dropFirst()))")
        case 67..<77 where total > CrowdTests.fewest:
            try await command("STORE \(number) +FLAGS.SILENT (\\Deleted)")
            if seen.messages.indices ~= number - 1 { seen.forgetFlags(of: number) }
        case 77..<83: try await command("EXPUNGE")
        case 83..<92:
            let answer = try await client.append(Letters.plain("new", number: below(1 << 30)), to: mailbox)
            guard answer.isOK else { throw RigFailure("APPEND: \(answer.status)") }
            try seen.take(answer)
        case 92..<95: try await command("COPY \(number) \(mailbox)")
        case 95..<98:
            try await client.idle()
            try seen.take(try await client.done())
        default: try await open("SELECT")
        }
    }
}
