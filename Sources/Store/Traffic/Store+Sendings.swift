internal import SQLite

/// What somebody has sent.
package struct Sendings: Hashable, AdditiveArithmetic, Sendable {
    package static let zero = Sendings()

    package var messages: Int
    /// Of all messages together.
    package var recipients: Int

    package init(messages: Int = 0, recipients: Int = 0) {
        self.messages = messages
        self.recipients = recipients
    }

    package static func + (left: Sendings, right: Sendings) -> Sendings {
        Sendings(messages: left.messages + right.messages, recipients: left.recipients + right.recipients)
    }

    package static func - (left: Sendings, right: Sendings) -> Sendings {
        Sendings(messages: left.messages - right.messages, recipients: left.recipients - right.recipients)
    }
}

/// What a user has sent in one minute.
package struct MinuteSendings: Hashable, Sendable {
    /// The minutes that make an hour: the present one, and so many before it.
    package static let window: Int64 = 60

    package var user: UserID
    /// Minutes since 1970-01-01T00:00:00Z.
    package var minute: Int64
    package var sendings: Sendings

    package init(user: UserID, minute: Int64, sendings: Sendings) {
        self.user = user
        self.minute = minute
        self.sendings = sendings
    }
}

/// What users have sent in the last hour, kept so that a restart gives nobody another hour's worth.
extension StoreQueries {
    /// What counts in this minute.
    package func sendings(at minute: Int64) throws(StoreError) -> [MinuteSendings] {
        try connection.list(
            "SELECT user, minute, messages, recipients FROM sendings WHERE minute > ? AND minute <= ?",
            minute - MinuteSendings.window, minute
        ) { row throws(StoreError) in
            MinuteSendings(
                user: row.identifier(0), minute: row.integer(1),
                sendings: Sendings(messages: row.int(2), recipients: row.int(3)))
        }
    }
}

extension StoreTransaction {
    /// Adds to the counts, and drops those that count no more.
    package func add(_ counted: [MinuteSendings], at minute: Int64) throws(StoreError) {
        for entry in counted {
            // A user who was removed meanwhile has none.
            try connection.run(
                """
                INSERT INTO sendings (user, minute, messages, recipients)
                SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM users WHERE id = ?1)
                ON CONFLICT (user, minute) DO UPDATE SET messages = messages + excluded.messages,
                    recipients = recipients + excluded.recipients
                """, entry.user, entry.minute, entry.sendings.messages, entry.sendings.recipients)
        }
        try connection.run("DELETE FROM sendings WHERE minute <= ?", minute - MinuteSendings.window)
    }
}
