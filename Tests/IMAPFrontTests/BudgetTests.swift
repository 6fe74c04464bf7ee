import Engine
import Loop
import MailTypes
import SMTPRig
import Store
import TestKit
import Testing

/// Daily byte budgets as clients meet them, in front of a real Dovecot, by a clock that is put forward.
@Suite(.timeLimit(.minutes(20))) struct BudgetTests {
    private static let budget = 100_000

    private func with(
        _ budget: WritableKeyPath<Server, Int?>, _ body: (FrontHouse, MovableClock, LogLines) async throws -> Void
    ) async throws {
        let time = MovableClock()
        let lines = LogLines()
        let change: (inout Server) -> Void = { $0[keyPath: budget] = Self.budget }
        try await FrontHouse.with(clock: time.clock, log: lines.log, server: change) { try await body($0, time, lines) }
    }

    /// A message of about so many thousand octets.
    private func message(_ subject: String, thousands: Int) -> String {
        letter(subject, String(repeating: String(repeating: "x", count: 48) + "\r\n", count: thousands * 20))
    }

    private func messages(in mailbox: String, thousands: [Int], _ house: FrontHouse) async throws {
        let upstream = try await house.upstream()
        for (number, size) in thousands.enumerated() {
            #expect(try await upstream.append(message("number-\(number + 1)", thousands: size), to: mailbox).isOK)
        }
        try await upstream.logout()
    }

    @Test func readingStopsAtTheBudgetAndGoesOnTheNextDay() async throws {
        try await with(\.dailyDownload) { house, time, lines in
            try await messages(in: "INBOX", thousands: [30, 55, 30, 30], house)
            let client = try await house.client("support*alice")
            try await client.open("INBOX", messages: 4)
            try await client.ok("FETCH 1 BODY.PEEK[]")
            #expect(lines.containing("byte budget").isEmpty)
            try await client.ok("FETCH 2 BODY.PEEK[]")
            #expect(lines.containing("a daily byte budget is nearly used up").count == 1)
            // From now on one by one: the third is given, the fourth is too much.
            let third = try await client.command("FETCH 3:4 BODY.PEEK[TEXT]")
            #expect(third.status.hasPrefix("NO [LIMIT] ") && third.status.contains("00:00 UTC"))
            #expect(third.lines(containing: "3 FETCH (").count == 1)
            #expect(third.lines(containing: "4 FETCH (").isEmpty)

            // What was read is there for everybody; small things go on.
            let carol = try await house.client("support*carol")
            try await carol.ok("EXAMINE INBOX")
            #expect(try await carol.ok("FETCH 1:3 BODY.PEEK[TEXT]").lines(containing: "FETCH (").count == 3)
            #expect(try await carol.command("FETCH 4 BODY.PEEK[TEXT]").status.hasPrefix("NO [LIMIT] "))
            #expect(try await client.command("FETCH 4 (PREVIEW)").status.hasPrefix("NO [LIMIT] "))
            for command in [
                "FETCH 4 (FLAGS ENVELOPE BODYSTRUCTURE RFC822.SIZE)", "STORE 4 +FLAGS (\\Flagged)", "NOOP",
                "STATUS INBOX (MESSAGES)", "SEARCH FLAGGED", "COPY 4 INBOX",
            ] { try await client.ok(command) }
            #expect(try await client.append(letter("small"), to: "INBOX").isOK)
            try await client.idle()
            try await client.done()
            // Nothing is removed that could not be copied.
            let alice = try await house.client("alice")
            try await alice.ok("SELECT Shared/support/INBOX")
            for command in ["COPY 4 INBOX", "MOVE 4 INBOX"] {
                #expect(try await alice.command(command).status.hasPrefix("NO [LIMIT] "), "\(command)")
            }
            #expect(try await alice.ok("SEARCH SUBJECT number-4").lines(containing: "SEARCH 4 5").count == 1)
            #expect(try await alice.ok("STATUS INBOX (MESSAGES)").lines(containing: "MESSAGES 0").count == 1)
            let whole = "APPEND INBOX CATENATE (URL \"/Shared/support/INBOX/;UID=4\")"
            #expect(try await alice.command(whole).status.hasPrefix("NO [LIMIT] "))
            try await alice.logout()
            // Another account has a budget of its own.
            let sales = try await house.client("sales*alice")
            #expect(try await sales.append(letter("other"), to: "INBOX").isOK)
            try await sales.ok("SELECT INBOX")
            try await sales.ok("FETCH 1 BODY.PEEK[]")

            #expect(lines.containing("is open again").isEmpty)
            time.nextDay()
            try await client.ok("FETCH 4 BODY.PEEK[TEXT]")
            try await eventually("the log tells", holds: { lines.containing("is open again").count == 1 })
            #expect(lines.containing("nearly used up").count == 1)
            let spent = lines.containing("a daily byte budget is used up")
            #expect(spent.count == 1)
            #expect(spent.first?.contains("account=support direction=download octets=") == true)
            #expect(spent.first?.contains(" budget=\(Self.budget) day=") == true)
            for client in [client, carol, sales] { try await client.logout() }

            let support = try #require(house.store.directory.account(named: "support")).id
            try await eventually(
                "both days are in the store",
                holds: {
                    let days = try await house.store.read { r throws(StoreError) in try r.traffic(of: support) }
                    return days.count == 2 && days[0].day == days[1].day.advanced(by: 1)
                        && days[0].traffic.received > 30_000 && days[1].traffic.received > Self.budget
                        && days[1].traffic.sent > 0
                })
        }
    }

    @Test func savingStopsAtTheBudgetAndGoesOnTheNextDay() async throws {
        try await with(\.dailyUpload) { house, time, lines in
            let client = try await house.client("support*alice")
            try await client.ok("SELECT INBOX")
            #expect(try await client.append(message("large", thousands: 110), to: "INBOX").isOK)
            let refused = try await client.append(letter("small"), to: "INBOX")
            #expect(refused.status.hasPrefix("NO [LIMIT] ") && refused.status.contains("00:00 UTC"))
            #expect(
                try await client.append(several: [letter("one"), letter("two")], to: "INBOX").status.hasPrefix(
                    "NO [LIMIT] "))
            // What the upstream does by itself, and reading, go on; from another account nothing comes in.
            for command in ["FETCH 1 BODY.PEEK[]", "COPY 1 INBOX", "STORE 1 +FLAGS (\\Seen)"] {
                try await client.ok(command)
            }
            let alice = try await house.client("alice")
            #expect(try await alice.append(letter("far"), to: "INBOX").isOK)
            try await alice.ok("SELECT INBOX")
            #expect(try await alice.command("COPY 1 Shared/support/INBOX").status.hasPrefix("NO [LIMIT] "))
            #expect(lines.containing("a daily byte budget is used up").count == 1)
            #expect(lines.containing("direction=upload").count == 1)
            time.nextDay()
            #expect(try await client.append(letter("small"), to: "INBOX").isOK)
            for client in [client, alice] { try await client.logout() }
        }
    }

    /// Headers of what arrives in an open mailbox are fetched before somebody asks, but not from what is left at the end.
    @Test func nothingIsFetchedAheadOfWhatIsLeft() async throws {
        try await with(\.dailyDownload) { house, time, _ in
            let support = try #require(house.store.directory.account(named: "support")).id
            func isAhead(_ uid: UInt32) async throws -> Bool {
                let inbox = try await house.cache.mailboxes(of: support).first { $0.listing.name == .inbox }
                let id = try #require(inbox).id
                return try await house.cache.metadata(of: [UID(uid)], in: id, needs: [.header]).first?.header != nil
            }
            func arrive(_ number: Int, _ client: IMAPClient) async throws {
                try await messages(in: "INBOX", thousands: [1], house)
                try await client.dialogue.expect("* \(number) EXISTS")
            }
            try await messages(in: "INBOX", thousands: [90], house)
            let client = try await house.client("support*alice")
            try await client.open("INBOX", messages: 1)
            try await client.idle()
            try await arrive(2, client)
            try await eventually("its header is there", holds: { try await isAhead(2) })
            try await client.done()
            try await client.ok("FETCH 1 BODY.PEEK[]")
            try await client.idle()
            try await arrive(3, client)
            try await client.done()
            time.nextDay()
            try await client.idle()
            try await arrive(4, client)
            try await eventually("the next one's header is there", holds: { try await isAhead(4) })
            #expect(try await !isAhead(3))
            try await client.done()
            try await client.ok("FETCH 3 (ENVELOPE)")
            try await client.logout()
        }
    }
}
