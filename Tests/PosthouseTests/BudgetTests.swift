import Foundation
import SQLite
import TestKit
import Testing

/// Daily byte budgets on the command line.
@Suite("Daily byte budgets") struct BudgetTests {
    @Test func `A server's budgets are set, shown and taken away`() async throws {
        try await Desk.with { desk in
            let added = try await desk.json(
                ["server", "add", "one", "--imap", "imap.example.com", "--download-per-day", "2500MB"])
            #expect((added as? [String: Any])?["downloadPerDay"] as? Int == 2_500_000_000)
            #expect((added as? [String: Any])?["uploadPerDay"] == nil)
            try await desk.succeed(["server", "set", "one", "--upload-per-day", "512MiB", "--saves-sent", "yes"])
            let server = (try await desk.json(["server", "list"]) as? [[String: Any]])?.first
            #expect(server?["downloadPerDay"] as? Int == 2_500_000_000)
            #expect(server?["uploadPerDay"] as? Int == 512 << 20)
            #expect(server?["savesSent"] as? Bool == true)
            let table = try await desk.succeed(["server", "list"])
            #expect(table.contains("2.5 GB    536.8 MB"), "\(table)")
            try await desk.succeed(["server", "set", "one", "--download-per-day", "none"])
            let rest = (try await desk.json(["server", "list"]) as? [[String: Any]])?.first
            #expect(rest?["downloadPerDay"] == nil)
            #expect(rest?["uploadPerDay"] as? Int == 512 << 20)
            for text in ["0", "1KB", "2TiB", "lots"] {
                try await desk.refused(
                    64, ["server", "set", "one", "--upload-per-day", text], "such as 2500MB, or none")
            }
        }
    }

    @Test func `An account's traffic of today is shown beside what it may`() async throws {
        try await Desk.with { desk in
            try await desk.succeed([
                "server", "add", "one", "--imap", "imap.example.com", "--download-per-day", "10MB",
                "--upload-per-day", "2MB",
            ])
            for name in ["a", "b"] {
                try await desk.succeed([
                    "account", "add", name, "--server", "one", "--address", "\(name)@b.example", "--no-password",
                ])
            }
            let none = try await desk.json(["account", "show", "a"]) as? [String: Any]
            let unused = none?["today"] as? [String: Any]
            #expect(unused?["download"] as? [String: Int] == ["octets": 0, "budget": 10_000_000])
            #expect(unused?["upload"] as? [String: Int] == ["octets": 0, "budget": 2_000_000])

            func count(_ received: Int, _ sent: Int) async throws {
                // Tomorrow as well, for the test may run at midnight.
                let connection = try Connection(path: desk.directory("data/store.db"), access: .readWrite)
                try connection.execute(
                    """
                    INSERT OR REPLACE INTO traffic SELECT accounts.id, unixepoch() / 86400 + day.value, ?, ?
                    FROM accounts, json_each('[0, 1]') AS day WHERE name = 'a'
                    """, [received, sent])
            }
            try await count(1_250_000, 999)
            let today = ((try await desk.json(["account", "list"]) as? [[String: Any]]) ?? []).map { $0["today"] }
            let used = today.first as? [String: Any]
            #expect((used?["day"] as? String)?.count == 10)
            #expect(used?["download"] as? [String: Int] == ["octets": 1_250_000, "budget": 10_000_000])
            #expect(
                (today.last as? [String: Any])?["download"] as? [String: Int] == ["octets": 0, "budget": 10_000_000])
            let table = try await desk.succeed(["account", "list"])
            #expect(table.contains("1.2 MB of 10 MB  999 B of 2 MB"), "\(table)")
            #expect(table.contains("0 B of 10 MB     0 B of 2 MB"), "\(table)")

            try await count(8_000_000, 2_000_000)
            let sheet = try await desk.succeed(["account", "show", "a"])
            #expect(sheet.contains("8 MB of 10 MB; nothing is fetched ahead until 00:00 UTC\n"), "\(sheet)")
            #expect(sheet.contains("2 MB of 2 MB; no more mail is saved until 00:00 UTC\n"), "\(sheet)")
            try await count(10_000_000, 1_999_999)
            let spent = try await desk.succeed(["account", "show", "a"])
            #expect(spent.contains("10 MB of 10 MB; no more mail is fetched until 00:00 UTC\n"), "\(spent)")
            #expect(spent.contains("1.9 MB of 2 MB\n"), "\(spent)")
        }
    }
}

/// Hourly limits of sending on the command line.
@Suite("Hourly limits") struct HourlyLimitTests {
    @Test func `A user's limits are set, shown and taken away, with what she has sent`() async throws {
        try await Desk.with { desk in
            try await desk.succeed(["user", "add", "alice", "--no-password", "--messages-per-hour", "20"])
            func sent() async throws -> [String: Any] {
                let user = (try await desk.json(["user", "list"]) as? [[String: Any]])?.first
                return user?["sentInAnHour"] as? [String: Any] ?? [:]
            }
            #expect(try await sent()["messages"] as? Int == 0)
            #expect(try await sent()["messageLimit"] as? String == "20")
            #expect(try await sent()["recipientLimit"] == nil)
            let connection = try Connection(path: desk.directory("data/store.db"), access: .readWrite)
            try connection.execute("INSERT INTO sendings SELECT id, unixepoch() / 60, ?, ? FROM users", [3, 7])
            #expect(try await sent()["messages"] as? Int == 3)
            #expect(try await sent()["recipients"] as? Int == 7)
            try await desk.succeed([
                "user", "set", "alice", "--messages-per-hour", "default", "--recipients-per-hour", "none",
            ])
            let sheet = try await desk.succeed(["user", "show", "alice"])
            #expect(sheet.contains("3 messages to 7 recipients (her limits: recipients: none)"), "\(sheet)")
            for text in ["0", "-1", "many", "1000001"] {
                try await desk.refused(64, ["user", "set", "alice", "--messages-per-hour", text], "or none")
            }
        }
    }
}
