internal import Loop
package import MailTypes
internal import SQLite

extension Cache {
    /// Forgets every message of the mailbox: its UIDs belong to another epoch from now on. Mod-sequences go on.
    package func reset(
        _ id: CachedMailbox.ID, uidValidity: UIDValidity, uidNext: UInt32, highestModSeq: ModSeq
    ) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.removeMessages(of: id)
            let count = try connection.run(
                """
                UPDATE mailboxes SET uid_validity = ?1, uid_next = ?2, modseq = max(modseq, ?3), upstream_modseq = 0,
                    expunge_floor = max(modseq, ?3), expunge_count = 0 WHERE id = ?4
                """, uidValidity.rawValue, uidNext, Int64(bitPattern: highestModSeq.rawValue), id)
            guard count == 1 else { throw .noSuch(.mailbox, id.description) }
        }
    }

    /// All that is needed to go on with the mailbox: its row as it is now, its messages and its last expunges.
    package func state(of id: CachedMailbox.ID) async throws(StoreError) -> MailboxState {
        try await read { connection throws(StoreError) in
            guard let mailbox = try connection.mailbox(id) else { throw .noSuch(.mailbox, id.description) }
            let floor = try connection.integer("SELECT expunge_floor FROM mailboxes WHERE id = ?", id) ?? 0
            let expunged = try connection.list(
                "SELECT modseq, uid FROM expunged WHERE mailbox = ? ORDER BY modseq, uid", id
            ) { row throws(StoreError) in
                UID(rawValue: UInt32(truncatingIfNeeded: row.integer(1))).map {
                    MailboxChanges.Expunged(uid: $0, modSeq: ModSeq(rawValue: UInt64(bitPattern: row.integer(0))))
                }
            }
            let lost = try connection.list("SELECT low, high FROM lost_modseqs WHERE mailbox = ? ORDER BY low", id) {
                row throws(StoreError) in
                MailboxChanges.Lost(
                    after: ModSeq(rawValue: UInt64(bitPattern: row.integer(0))),
                    through: ModSeq(rawValue: UInt64(bitPattern: row.integer(1))))
            }
            return MailboxState(
                mailbox: mailbox, index: try connection.index(of: id), expunged: expunged.compactMap { $0 },
                expungesKnownAfter: ModSeq(rawValue: UInt64(bitPattern: floor)), lost: lost)
        }
    }

    /// Remembers what happened, in one commit.
    package func apply(_ changes: MailboxChanges, to id: CachedMailbox.ID) async throws(StoreError) {
        let limit = expungeLogLimit
        let now = clock.now.seconds
        try await write { connection throws(StoreError) in
            let count = try connection.run(
                """
                UPDATE mailboxes SET modseq = max(modseq, ?1), uid_next = max(uid_next, coalesce(?2, 1)),
                    upstream_modseq = coalesce(?3, upstream_modseq), expunge_count = expunge_count + ?4 WHERE id = ?5
                """, Int64(bitPattern: changes.highestModSeq.rawValue), changes.uidNext,
                changes.upstreamModSeq.map { Int64(bitPattern: $0.rawValue) }, changes.expunged.count, id)
            guard count == 1 else { throw .noSuch(.mailbox, id.description) }
            var sets: [String: Int64] = [:]
            try connection.write(
                changes.added, of: id, &sets,
                """
                INSERT INTO messages (flags, modseq, id, first_seen) VALUES (?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET flags = excluded.flags, modseq = excluded.modseq
                """, firstSeen: now)
            try connection.write(changes.flags, of: id, &sets, "UPDATE messages SET flags = ?, modseq = ? WHERE id = ?")
            for expunged in changes.expunged {
                let message = id.message(expunged.uid.rawValue)
                try connection.run("DELETE FROM messages WHERE id = ?", message)
                try connection.run("DELETE FROM metadata WHERE id = ?", message)
                try connection.run("DELETE FROM particulars WHERE id = ?", message)
                try connection.run(
                    "INSERT OR IGNORE INTO expunged (mailbox, modseq, uid) VALUES (?, ?, ?)", id,
                    Int64(bitPattern: expunged.modSeq.rawValue), expunged.uid.rawValue)
            }
            if let lost = changes.lost { try connection.replaceLost(lost, of: id) }
            if !changes.expunged.isEmpty { try connection.trimExpunged(of: id, to: limit) }
        }
    }
}

extension Connection {
    /// All messages of the mailbox.
    fileprivate func index(of id: CachedMailbox.ID) throws(StoreError) -> MessageIndex {
        var index = MessageIndex()
        var places: [Int64: Int32] = [:]
        var sets: [Int64] = []
        let ids = id.messages
        do throws(SQLiteError) {
            let statement = try prepare(
                "SELECT id, flags, modseq FROM messages WHERE id BETWEEN ? AND ? ORDER BY id")
            try statement.bind(ids.lowerBound, at: 1)
            try statement.bind(ids.upperBound, at: 2)
            while try statement.step() {
                let row = statement.row
                let set = row.integer(1)
                if places[set] == nil {
                    places[set] = Int32(sets.count)
                    sets.append(set)
                }
                index.uids.append(UInt32(truncatingIfNeeded: row.integer(0)))
                index.flags.append(places[set] ?? 0)
                index.modSeqs.append(UInt64(bitPattern: row.integer(2)))
            }
        } catch { throw .database(error) }
        for set in sets {
            let text = try first("SELECT flags FROM flag_sets WHERE id = ?", set) {
                row throws(StoreError) in row.text(0)
            }
            index.flagSets.append((text ?? "").split(separator: " ").map { Flag(String($0)) })
        }
        return index
    }

    fileprivate func write(
        _ messages: [MailboxChanges.Flags], of id: CachedMailbox.ID, _ sets: inout [String: Int64], _ sql: String,
        firstSeen: Int64? = nil
    ) throws(StoreError) {
        guard !messages.isEmpty else { return }
        for message in messages {
            let text = message.flags.map(\.name).joined(separator: " ")
            let set: Int64
            if let known = sets[text] {
                set = known
            } else {
                set = try flagSet(text)
                sets[text] = set
            }
            do throws(SQLiteError) {
                let statement = try prepare(sql)
                try statement.bind(set, at: 1)
                try statement.bind(Int64(bitPattern: message.modSeq.rawValue), at: 2)
                try statement.bind(id.message(message.uid.rawValue), at: 3)
                if let firstSeen { try statement.bind(firstSeen, at: 4) }
                try statement.run()
            } catch { throw .database(error) }
        }
    }

    /// The number of this set of flags.
    private func flagSet(_ text: String) throws(StoreError) -> Int64 {
        if let id = try integer("SELECT id FROM flag_sets WHERE flags = ?", text) { return id }
        try run("INSERT INTO flag_sets (flags) VALUES (?)", text)
        return lastInsertedRow
    }

    fileprivate func replaceLost(_ lost: [MailboxChanges.Lost], of id: CachedMailbox.ID) throws(StoreError) {
        try run("DELETE FROM lost_modseqs WHERE mailbox = ?", id)
        for stretch in lost {
            try run(
                "INSERT INTO lost_modseqs (mailbox, low, high) VALUES (?, ?, ?)", id,
                Int64(bitPattern: stretch.after.rawValue), Int64(bitPattern: stretch.through.rawValue))
        }
    }

    /// Forgets the oldest of the log once it is a tenth too long.
    fileprivate func trimExpunged(of id: CachedMailbox.ID, to limit: Int) throws(StoreError) {
        let count = try integer("SELECT expunge_count FROM mailboxes WHERE id = ?", id) ?? 0
        guard count > Int64(limit + limit / 10) else { return }
        let floor = try integer(
            "SELECT modseq FROM expunged WHERE mailbox = ? ORDER BY modseq DESC LIMIT 1 OFFSET ?", id, limit)
        guard let floor else { return }
        try run("DELETE FROM expunged WHERE mailbox = ? AND modseq <= ?", id, floor)
        try run(
            """
            UPDATE mailboxes SET expunge_floor = ?1,
                expunge_count = (SELECT count(*) FROM expunged WHERE mailbox = ?2) WHERE id = ?2
            """, floor, id)
    }
}
