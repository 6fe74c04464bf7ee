import Loop
import MailTypes
import SMTPRig
import Store
import TestKit
import Testing
import Vault

@testable import Engine

/// When a daily byte budget is used up, what is told of it, and how octets are counted.
@Suite struct TrafficBudgetTests {
    private static let day = UTCDay(number: 20_000)

    @Test(
        arguments: [
            (0, 1000, .ample), (799, 1000, .ample), (800, 1000, .scarce), (999, 1000, .scarce), (1000, 1000, .spent),
            (5000, 1000, .spent), (Int.max, nil, .ample), (0, 1, .scarce), (1, 1, .spent), (79, 99, .scarce),
            (78, 99, .ample), (Int.max, Int.max, .spent), (Int.max / 2, Int.max, .ample),
            (2_000_000_000, 2_500_000_000, .scarce),
        ] as [(Int, Int?, BudgetStanding)])
    func standing(used: Int, budget: Int?, standing: BudgetStanding) {
        #expect(BudgetStanding(used: used, of: budget) == standing)
    }

    @Test func everyDirectionHasItsOwnBudget() {
        let server = Server(name: "one", dailyDownload: 5, dailyUpload: 7)
        let traffic = Traffic(received: 3, sent: 4)
        #expect(TrafficDirection.allCases.map { server.dailyBudget($0) } == [5, 7])
        #expect(TrafficDirection.allCases.map { traffic[$0] } == [3, 4])
        #expect(server.hasDailyBudget)
        #expect(!Server(name: "two").hasDailyBudget)
    }

    @Test func eachStandingIsToldOnceADay() {
        var notices = BudgetNotices()
        let steps: [(Int64, BudgetStanding, [BudgetNotices.Notice])] = [
            (0, .ample, []), (0, .scarce, [.reached(.scarce)]), (0, .scarce, []), (0, .spent, [.reached(.spent)]),
            (0, .spent, []), (1, .ample, [.reopened]), (1, .ample, []), (1, .spent, [.reached(.spent)]),
            // A new day that was not looked at before much had passed.
            (2, .scarce, [.reopened, .reached(.scarce)]), (3, .scarce, [.reopened, .reached(.scarce)]),
            // A larger budget.
            (3, .spent, [.reached(.spent)]), (3, .scarce, [.reopened]), (3, .ample, [.reopened]), (3, .ample, []),
            // A clock that goes back.
            (2, .ample, []),
        ]
        for (number, (days, standing, told)) in steps.enumerated() {
            #expect(
                notices.note(standing, .download, on: Self.day.advanced(by: days)) == told, "step \(number)")
            #expect(notices.note(.ample, .upload, on: Self.day.advanced(by: days)).isEmpty)
        }
    }

    @Test func whatWasToldBeforeARestartIsNotToldAgain() {
        var notices = BudgetNotices()
        notices.adopt(.spent, .download, on: Self.day)
        #expect(notices.note(.spent, .download, on: Self.day).isEmpty)
        #expect(notices.note(.ample, .download, on: Self.day.advanced(by: 1)) == [.reopened])
    }

    private func with(_ body: (Store, AccountID, AccountID, MovableClock) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let time = MovableClock()
        let vault = try Vault(masterKey: Secret([UInt8](repeating: 7, count: 32)))
        let store = try Store(path: directory(Store.fileName), sealing: VaultSealing(vault), clock: time.clock)
        defer { store.close() }
        var site = SiteDescription()
        site.servers = [Server(name: "mail")]
        site.accounts = try ["support", "sales"].map {
            AccountRecord(
                name: $0, server: "mail", login: $0, address: try #require(EmailAddress("\($0)@ours.example")))
        }
        let described = site
        _ = try await store.transaction { t throws(StoreError) in try t.apply(described) }
        try await body(
            store, try #require(store.directory.account(named: "support")).id,
            try #require(store.directory.account(named: "sales")).id, time)
    }

    private func stored(_ day: UTCDay, _ store: Store) async throws -> [AccountID: Traffic] {
        try await store.read { r throws(StoreError) in try r.traffic(on: day) }
    }

    @Test func theLedgerOutlivesTheProgramAndKnowsDays() async throws {
        try await with { store, support, sales, time in
            let first = TrafficLedger(clock: time.clock)
            let today = first.today
            try await first.load(from: store)
            first.count(Traffic(received: 10, sent: 1), of: support)
            first.count(Traffic(received: 20, sent: 2), of: sales)
            try await first.save(to: store)
            try await first.save(to: store)
            first.count(Traffic(received: 5, sent: 0), of: support)
            try await first.save(to: store)
            #expect(
                try await stored(today, store) == [
                    support: Traffic(received: 15, sent: 1), sales: Traffic(received: 20, sent: 2),
                ])

            let second = TrafficLedger(clock: time.clock)
            try await second.load(from: store)
            #expect(second.traffic(of: support, on: today) == Traffic(received: 15, sent: 1))
            second.count(Traffic(received: 1, sent: 1), of: support)
            time.nextDay()
            #expect(second.traffic(of: support, on: second.today) == .zero)
            second.count(Traffic(received: 3, sent: 3), of: support)
            try await second.save(to: store)
            #expect(try await stored(today, store)[support] == Traffic(received: 16, sent: 2))
            #expect(try await stored(today.advanced(by: 1), store) == [support: Traffic(received: 3, sent: 3)])
        }
    }

    @Test func whatCanNotBeWrittenIsWrittenLater() async throws {
        try await with { store, support, _, time in
            let ledger = TrafficLedger(clock: time.clock)
            let today = ledger.today
            let stranger = AccountID(rawValue: 999)
            ledger.count(Traffic(received: 10, sent: 1), of: support)
            // There is no such account, so the whole of it fails.
            ledger.count(Traffic(received: 10, sent: 1), of: stranger)
            await #expect(throws: StoreError.self) { try await ledger.save(to: store) }
            #expect(try await stored(today, store).isEmpty)
            #expect(ledger.traffic(of: support, on: today) == Traffic(received: 10, sent: 1))
            ledger.count(Traffic(received: -10, sent: -1), of: stranger)
            ledger.count(Traffic(received: 1, sent: 0), of: support)
            try await ledger.save(to: store)
            #expect(try await stored(today, store) == [support: Traffic(received: 11, sent: 1)])
        }
    }

    @Test func twoWhoSaveAtATimeWriteNothingTwice() async throws {
        try await with { store, support, _, time in
            let ledger = TrafficLedger(clock: time.clock)
            for _ in 0..<20 {
                ledger.count(Traffic(received: 1, sent: 1), of: support)
                async let one: Void = ledger.save(to: store)
                async let other: Void = ledger.save(to: store)
                _ = try await (one, other)
            }
            #expect(try await stored(ledger.today, store) == [support: Traffic(received: 20, sent: 20)])
        }
    }
}
