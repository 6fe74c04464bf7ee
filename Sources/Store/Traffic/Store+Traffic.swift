internal import SQLite

/// Octets that IMAP connections have received and sent.
package struct Traffic: Hashable, AdditiveArithmetic, Sendable {
    package static let zero = Traffic()

    package var received: Int
    package var sent: Int

    package init(received: Int = 0, sent: Int = 0) {
        self.received = received
        self.sent = sent
    }

    package static func + (left: Traffic, right: Traffic) -> Traffic {
        Traffic(received: left.received + right.received, sent: left.sent + right.sent)
    }

    package static func - (left: Traffic, right: Traffic) -> Traffic {
        Traffic(received: left.received - right.received, sent: left.sent - right.sent)
    }
}

/// What one account has exchanged with its server on one day.
package struct DayTraffic: Hashable, Sendable {
    package var account: AccountID
    package var day: UTCDay
    package var traffic: Traffic

    package init(account: AccountID, day: UTCDay, traffic: Traffic) {
        self.account = account
        self.day = day
        self.traffic = traffic
    }
}

/// The traffic of accounts by the day, kept so that a restart does not forget what providers remember.
extension StoreQueries {
    /// The accounts that had any on this day.
    package func traffic(on day: UTCDay) throws(StoreError) -> [AccountID: Traffic] {
        let rows = try connection.list("SELECT account, received, sent FROM traffic WHERE day = ?", day.number) {
            row throws(StoreError) in
            (row.identifier(0) as AccountID, Traffic(received: row.int(1), sent: row.int(2)))
        }
        return Dictionary(rows) { $1 }
    }

    /// What is kept of one account, the latest day first.
    package func traffic(of account: AccountID) throws(StoreError) -> [DayTraffic] {
        try connection.list(
            "SELECT day, received, sent FROM traffic WHERE account = ? ORDER BY day DESC", account
        ) { row throws(StoreError) in
            DayTraffic(
                account: account, day: UTCDay(number: row.integer(0)),
                traffic: Traffic(received: row.int(1), sent: row.int(2)))
        }
    }
}

extension StoreTransaction {
    /// Days of which the traffic is kept, the present one among them.
    package static let trafficDays: Int64 = 31

    /// Adds to the counts, and drops days that are `trafficDays` or more before `today`.
    package func add(_ counted: [DayTraffic], today: UTCDay) throws(StoreError) {
        for entry in counted {
            try connection.run(
                """
                INSERT INTO traffic (account, day, received, sent) VALUES (?, ?, ?, ?) ON CONFLICT (account, day)
                DO UPDATE SET received = received + excluded.received, sent = sent + excluded.sent
                """, entry.account, entry.day.number, entry.traffic.received, entry.traffic.sent)
        }
        try connection.run("DELETE FROM traffic WHERE day <= ?", today.advanced(by: -Self.trafficDays).number)
    }
}
