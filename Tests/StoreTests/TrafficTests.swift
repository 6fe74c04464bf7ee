import MailTypes
import Store
import Testing

/// What accounts have exchanged with their servers, by the day.
@Suite struct TrafficTests {
    private static let day = UTCDay(number: 20_000)

    private func entry(_ account: AccountID, _ day: Int64, _ received: Int, _ sent: Int) -> DayTraffic {
        DayTraffic(account: account, day: UTCDay(number: day), traffic: Traffic(received: received, sent: sent))
    }

    @Test(
        arguments: [
            (0, 0, "1970-01-01"), (86_399, 0, "1970-01-01"), (86_400, 1, "1970-01-02"), (-1, -1, "1969-12-31"),
            (-86_400, -1, "1969-12-31"), (1_795_867_200, 20_785, "2026-11-28"), (1_709_164_800, 19_782, "2024-02-29"),
        ] as [(Int64, Int64, String)])
    func aDayBeginsAtMidnight(seconds: Int64, number: Int64, text: String) {
        #expect(UTCDay(of: seconds).number == number)
        #expect(UTCDay(of: seconds).description == text)
        #expect(UTCDay(of: UTCDay(of: seconds).begin.seconds) == UTCDay(of: seconds))
    }

    @Test func countsAddUpAndOutliveTheProgram() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        let account = try await store.buildHouse()
        let entries = [entry(account, 20_000, 5, 7), entry(account, 19_999, 1, 2)]
        for _ in 0..<2 {
            try await store.transaction { t throws(StoreError) in try t.add(entries, today: Self.day) }
        }
        store.close()
        let again = try scratch.store()
        defer { again.close() }
        let found = try await again.read { r throws(StoreError) in
            (try r.traffic(on: Self.day), try r.traffic(on: Self.day.advanced(by: 1)), try r.traffic(of: account))
        }
        #expect(found.0 == [account: Traffic(received: 10, sent: 14)])
        #expect(found.1.isEmpty)
        #expect(found.2 == [entry(account, 20_000, 10, 14), entry(account, 19_999, 2, 4)])
    }

    @Test func whatUsersSendAddsUpForAnHour() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        _ = try await store.buildHouse()
        let user = try #require(store.directory.users.first).id
        let gone = UserID(rawValue: 999)
        func entry(_ user: UserID, _ minute: Int64, _ messages: Int) -> MinuteSendings {
            MinuteSendings(
                user: user, minute: minute, sendings: Sendings(messages: messages, recipients: 10 * messages))
        }
        let entries = [entry(user, 1000, 1), entry(user, 941, 2), entry(user, 940, 3), entry(gone, 1000, 4)]
        for _ in 0..<2 {
            try await store.transaction { t throws(StoreError) in try t.add(entries, at: 1000) }
        }
        store.close()
        let again = try scratch.store()
        defer { again.close() }
        let found = try await again.read { r throws(StoreError) in
            (try r.sendings(at: 1000), try r.sendings(at: 1001), try r.sendings(at: 999))
        }
        #expect(Set(found.0) == [entry(user, 1000, 2), entry(user, 941, 4)])
        #expect(found.1 == [entry(user, 1000, 2)])
        #expect(found.2 == [entry(user, 941, 4)])
    }

    @Test func aMonthIsKept() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let account = try await store.buildHouse()
        let entries = (19_960...20_000).map { entry(account, $0, 1, 1) }
        try await store.transaction { t throws(StoreError) in try t.add(entries, today: Self.day) }
        let kept = try await store.read { r throws(StoreError) in try r.traffic(of: account) }
        #expect(kept.map(\.day.number) == Array((19_970...20_000).reversed()))
    }

    /// An account that is removed and comes back is the same to its provider.
    @Test func anAccountThatComesBackHasItsCounts() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        let account = try await store.buildHouse()
        let entries = [entry(account, 20_000, 5, 7)]
        try await store.transaction { t throws(StoreError) in
            try t.add(entries, today: Self.day)
            _ = try t.apply(SiteDescription())
        }
        try await store.transaction { t throws(StoreError) in _ = try t.apply(House.site) }
        let back = try #require(store.directory.account(named: "support")).id
        let found = try await store.read { r throws(StoreError) in try r.traffic(on: Self.day) }
        #expect(found == [back: Traffic(received: 5, sent: 7)])
    }

    @Test func budgetsOfAServerAreKept() async throws {
        let scratch = Scratch()
        let store = try scratch.store()
        defer { store.close() }
        var server = House.server
        server.dailyDownload = 2_500_000_000
        let added = server
        try await store.transaction { t throws(StoreError) in try t.add(added) }
        #expect(store.directory.server(named: "example")?.value == server)
        server.dailyDownload = nil
        server.dailyUpload = 1
        let changed = server
        try await store.transaction { t throws(StoreError) in try t.update(changed) }
        #expect(store.directory.server(named: "example")?.value == server)
        server.dailyUpload = 0
        let refused = server
        await #expect(throws: StoreError.self) {
            try await store.transaction { t throws(StoreError) in try t.update(refused) }
        }
    }
}
