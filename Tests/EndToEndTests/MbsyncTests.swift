import TestKit
import Testing

/// mbsync keeps a Maildir and a large mailbox behind Posthouse the same, whichever end changes.
@Suite("mbsync", .timeLimit(.minutes(20)))
struct MbsyncTests {
    static let messages = Effort.isFull ? 5000 : 500
    private static let patience = Duration.seconds(180)

    @Test func `Both ends change, and both are the same afterwards`() async throws {
        try await House.with { house in
            let direct = try await house.upstream("support")
            let letters = (1...Self.messages).map { Letters.plain("letter \($0)", number: $0) }
            #expect(try await direct.append(several: letters, to: "INBOX").isOK)
            try await house.imap("alice").open("INBOX", messages: Self.messages)
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let mbsync = try Mbsync(house, "alice", in: directory)
            let started = ContinuousClock.now
            try await mbsync.run(within: Self.patience)
            let first = ContinuousClock.now
            #expect(try mbsync.letters().count == Self.messages)

            // Here: some read, some flagged, some deleted, some new.
            for letter in try mbsync.letters() {
                guard let number = Int(letter.subject.dropFirst(7)) else { continue }
                switch number % 50 {
                case 1: try mbsync.set("S", of: letter)
                case 2: try mbsync.set("FS", of: letter)
                case 3: try mbsync.set("T", of: letter)
                default: break
                }
            }
            for number in 1...20 {
                try mbsync.add(Letters.plain("near \(number)", number: 100_000 + number), number: number)
            }
            // There: the same with others.
            try await direct.ok("SELECT INBOX")
            for number in stride(from: 10, through: Self.messages, by: 50) {
                try await direct.ok("UID STORE \(number) +FLAGS.SILENT (\\Answered)")
                try await direct.ok("UID STORE \(number + 1) +FLAGS.SILENT (\\Deleted)")
            }
            try await direct.ok("EXPUNGE")
            let late = (1...20).map { Letters.plain("far \($0)", number: 200_000 + $0) }
            #expect(try await direct.append(several: late, to: "INBOX").isOK)
            let second = ContinuousClock.now
            // The provider's changes are told to Posthouse a moment later; the second run has then nothing left to do.
            try await mbsync.run(within: Self.patience)
            try await eventually("both ends are the same", within: .seconds(60)) { () async throws -> Bool? in
                try await mbsync.run(within: Self.patience)
                let near = try mbsync.letters().map { "\($0.subject) \($0.flags)" }.sorted()
                return try await Self.state(of: direct) == near ? true : nil
            }
            let third = ContinuousClock.now
            #expect(try mbsync.letters().count == Self.messages - 2 * (Self.messages / 50) + 40)
            if Effort.isFull { print("mbsync: \(first - started) for all, \(third - second) for the changes") }
        }
    }

    /// Subjects and flags as the provider has them, written as a Maildir would.
    private static func state(of direct: IMAPClient) async throws -> [String] {
        try await direct.ok("EXAMINE INBOX")
        let letters = ["\\Draft": "D", "\\Flagged": "F", "\\Answered": "R", "\\Seen": "S", "\\Deleted": "T"]
        return try await direct.ok("FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])").fetched.map { line in
            let flags = (line.flags ?? []).compactMap { letters[$0] }.sorted().joined()
            let subject = line.literal?.split(separator: "\r\n").first?.dropFirst(9) ?? ""
            return "\(subject) \(flags)"
        }.sorted()
    }
}
