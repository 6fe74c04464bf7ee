import Foundation
import TestKit
import Testing

/// Posthouse in front of servers that misbehave, each in one named way: a client gets a clear NO or the right data,
/// never wrong data and never a dead session; when the server has come to its senses everything is as it should be, and
/// each message has passed the scanner once.
@Suite("Behind wayward upstreams")
struct WaywardUpstreamTests {
    /// Conversations that wait each hold a thread, so not all manners are tried at once.
    private static let atATime = 6

    @Test(.timeLimit(.minutes(20)))
    func `A server may misbehave in any manner`() async throws {
        try await WaywardHouse.with(Manner.allCases) { house in
            let slots = Slots(Self.atATime)
            let faults = await withTaskGroup(of: String?.self, returning: [String].self) { group in
                for upstream in house.upstreams {
                    group.addTask {
                        await slots.enter()
                        var fault: String?
                        do { try await Ordeal(house, upstream).run() } catch { fault = "\(upstream.manner): \(error)" }
                        await slots.leave()
                        return fault
                    }
                }
                var faults: [String] = []
                for await fault in group { if let fault { faults.append(fault) } }
                return faults
            }
            for fault in faults { Issue.record("\(fault)") }

            // None is lost, and none is doubled by having been fetched several times.
            let expected = house.upstreams.flatMap { Ordeal.letters(of: $0.manner) }
            var counts: [String: Int] = [:]
            _ = try? await eventually("every letter has passed", within: .seconds(60)) { () async throws -> Bool? in
                let text = try await house.posthouse.succeed(["journal", "list", "--json", "--limit", "1000"])
                let passages = try JSONDecoder().decode([Passage].self, from: Data(text.utf8))
                counts = Dictionary(grouping: passages, by: \.messageID).mapValues(\.count)
                return expected.allSatisfy { counts["letter-\($0)@customer.test"] != nil } ? true : nil
            }
            let wrong = expected.filter { counts["letter-\($0)@customer.test"] != 1 }
            #expect(wrong.isEmpty, "\(wrong.map { "\($0): \(counts["letter-\($0)@customer.test"] ?? 0)" })")
        }
    }
}

/// What one manner is put to.
private struct Ordeal {
    private let house: WaywardHouse
    private let upstream: WaywardUpstream
    private let base: Int
    /// How long a client waits for any one answer: a few times as long as Posthouse waits for the server.
    private static let patience = Duration.seconds(WaywardHouse.patience * 15)

    init(_ house: WaywardHouse, _ upstream: WaywardUpstream) {
        self.house = house
        self.upstream = upstream
        base = Self.base(of: upstream.manner)
    }

    private static func base(of manner: Manner) -> Int { (Manner.allCases.firstIndex(of: manner) ?? 0) * 100 }

    /// The numbers of the letters that arrive in the monitored mailbox.
    static func letters(of manner: Manner) -> [Int] { (1...3).map { base(of: manner) + $0 } }

    func run() async throws {
        upstream.arrive("before", number: base + 1, in: "INBOX")
        // Small ones come inline, large ones stream.
        for number in 1...3 {
            let body = String(repeating: "Line after line of letter \(number).\n", count: number == 2 ? 2000 : 5)
            upstream.arrive("Work \(number)", number: base + 10 + number, in: "Work", body: body)
        }
        // The one that is there all the time.
        var veteran = try await Watcher(try await house.imap(upstream), "Work")
        try await eventually("the mailbox is read") {
            try await veteran.look()
            return veteran.seen.uids == [1, 2, 3] ? true : nil
        }

        upstream.start()
        upstream.cut()
        upstream.arrive("meanwhile", number: base + 2, in: "INBOX")
        for _ in 1...(upstream.manner == .newValidity ? 3 : 1) {
            do {
                let client = try await house.imap(upstream)
                try await commands(client)
                try await client.logout()
            } catch  where upstream.manner == .newValidity {
                // Its mailbox may become another one between any two commands.
            }
            veteran = try await veteranLooks(veteran)
        }

        upstream.mend()
        upstream.arrive("after", number: base + 3, in: "INBOX")
        upstream.arrive("Work 4", number: base + 14, in: "Work")
        let last = upstream.mailbox("Work").messages[0].uid
        upstream.set(["\\Answered"], of: last, in: "Work")
        try await eventually("everything is told", within: .seconds(60)) { () async throws -> Bool? in
            veteran = try await veteranLooks(veteran)
            return veteran.isEqual(to: upstream.mailbox("Work")) ? true : nil
        }
        let client = try await house.imap(upstream)
        let selected = try await client.ok("SELECT Work")
        let work = upstream.mailbox("Work")
        guard selected.untagged.contains("\(work.messages.count) EXISTS") else {
            throw RigFailure("after all: \(selected.untagged)")
        }
        for items in Self.items {
            try check(try await client.ok("UID FETCH 1:* (UID \(items))"), items, [work], all: true)
        }
    }

    private static let items = [
        "FLAGS", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE", "BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[1]",
        "RFC822.SIZE ENVELOPE",
    ]

    /// What a new client asks for while the server misbehaves.
    private func commands(_ client: IMAPClient) async throws {
        let selected = try await ask(client, "SELECT Work")
        guard selected.isOK else { return }
        for items in Self.items {
            let before = upstream.mailbox("Work")
            let answer = try await ask(client, "UID FETCH 1:* (UID \(items))")
            guard answer.isOK else { continue }
            let isSettled = ![.newValidity, .expungeInFetch].contains(upstream.manner)
            try check(answer, items, [before, upstream.mailbox("Work")], all: isSettled)
        }
        let stored = try await ask(client, "UID STORE 1 +FLAGS (\\Flagged)")
        if stored.isOK, upstream.manner != .newValidity {
            let flags = upstream.mailbox("Work").messages.first?.flags ?? []
            guard flags.contains("\\Flagged") else { throw RigFailure("STORE is OK, but the flags are \(flags)") }
        }
        _ = try await ask(client, "NOOP")
    }

    /// A command is answered in time, and it is never the client's fault.
    private func ask(_ client: IMAPClient, _ command: String) async throws -> IMAPClient.Answer {
        let answer = try await client.command(command, within: Self.patience)
        guard !answer.status.hasPrefix("BAD") else { throw RigFailure("\(command): \(answer.status)") }
        return answer
    }

    /// The veteran hears nothing that is not so. A session may end only when its mailbox has become another one.
    private func veteranLooks(_ veteran: Watcher) async throws -> Watcher {
        var veteran = veteran
        do {
            try await veteran.look()
        } catch {
            guard upstream.manner == .newValidity else { throw error }
            return try await Watcher(try await house.imap(upstream), "Work")
        }
        let present = upstream.mailbox("Work").messages.map(\.uid)
        let wrong = veteran.seen.gone.filter { present.contains($0) }
        guard wrong.isEmpty || upstream.manner == .newValidity else {
            throw RigFailure("told to be gone, and are not: \(wrong)")
        }
        return veteran
    }

    private func check(
        _ answer: IMAPClient.Answer, _ items: String, _ truths: [WaywardMailbox], all: Bool
    ) throws {
        for line in answer.fetched where line.text.contains(items.split(separator: " ")[0].replacing(".PEEK", with: ""))
        {
            let messages = truths.flatMap(\.messages).filter { $0.uid == line.uid }
            guard messages.contains(where: { says(line, items, $0) }) else {
                throw RigFailure("\(items): \(line.text.prefix(600)) for \(messages.map(\.subject))")
            }
        }
        guard all, let last = truths.last else { return }
        let uids = answer.fetched.compactMap(\.uid)
        guard uids == last.messages.map(\.uid) else { throw RigFailure("\(items): \(uids) of \(last.messages.count)") }
    }

    /// Whether the line is true of the message.
    private func says(_ line: FetchedLine, _ items: String, _ message: WaywardMailbox.Message) -> Bool {
        switch items {
        case "FLAGS": line.flags == message.flags
        case "RFC822.SIZE":
            // The size is the server's word until the message itself has been here.
            [.sizeTooHigh, .sizeTooLow].contains(upstream.manner) || line.text.contains("RFC822.SIZE \(message.size))")
        case "ENVELOPE", "RFC822.SIZE ENVELOPE":
            line.text.contains(message.subject) && line.text.contains("<letter-")
        case "BODYSTRUCTURE": line.text.lowercased().contains(#"("text" "plain" ("charset" "utf-8")"#)
        case "BODY.PEEK[]": line.literal == message.text
        case "BODY.PEEK[HEADER]": line.literal.map { message.text.hasPrefix($0) && $0.count > 100 } == true
        default: line.literal.map { message.text.hasSuffix($0) && !$0.isEmpty } == true
        }
    }
}

/// A client that stays in a mailbox and keeps what it was told.
private struct Watcher {
    let client: IMAPClient
    var seen = SeenMailbox()

    init(_ client: IMAPClient, _ mailbox: String) async throws {
        self.client = client
        try seen.take(try await client.ok("SELECT \(mailbox)"))
    }

    /// Asks for news, and for the flags of everything.
    mutating func look() async throws {
        try seen.take(try await client.command("NOOP"))
        try seen.take(try await client.command("UID FETCH 1:* (UID FLAGS)"))
    }

    func isEqual(to mailbox: WaywardMailbox) -> Bool {
        seen.messages == mailbox.messages.map { SeenMailbox.Message(uid: $0.uid, flags: $0.flags) }
    }
}
