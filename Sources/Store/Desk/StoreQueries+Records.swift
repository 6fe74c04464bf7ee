package import MailTypes
internal import SQLite

extension StoreQueries {
    /// By kind and name.
    package func records(_ filter: RecordFilter = RecordFilter()) throws(StoreError) -> [Stored<Record>] {
        let found = try connection.list(
            """
            SELECT id FROM records WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR instr(name_key, ?2) > 0)
            ORDER BY kind, name_key LIMIT ?3
            """, filter.kind, filter.text?.nameKey, filter.limit
        ) { row throws(StoreError) in RecordID(rawValue: row.integer(0)) }
        return try records(found)
    }

    package func record(_ id: RecordID) throws(StoreError) -> Stored<Record>? {
        let found = try connection.first("SELECT kind, name, number, origin FROM records WHERE id = ?", id) {
            row throws(StoreError) in
            (row.text(0), row.text(1), row.textOrNil(2), try row.word(Origin.self, 3))
        }
        guard let (kind, name, number, origin) = found else { return nil }
        let addresses = try connection.list(
            "SELECT address FROM record_addresses WHERE record = ? ORDER BY place", id
        ) { row throws(StoreError) in EmailAddress(row.text(0)) }
        let domains = try connection.list("SELECT domain FROM record_domains WHERE record = ? ORDER BY place", id) {
            row throws(StoreError) in row.text(0)
        }
        return Stored(
            id: id, origin: origin,
            value: Record(
                kind: kind, name: name, addresses: addresses.compactMap(\.self), domains: domains, number: number))
    }

    package func record(kind: String, named name: String) throws(StoreError) -> Stored<Record>? {
        let id = try connection.integer(
            "SELECT id FROM records WHERE kind = ? AND name_key = ?", kind, name.nameKey)
        guard let id else { return nil }
        return try record(RecordID(rawValue: id))
    }

    /// Records that have one of the addresses, one of the domains, or one of the numbers of its kind; each once, with
    /// the first reason of these three.
    package func records(
        addresses: Set<EmailAddress>, domains: Set<String>, numbers: [(kind: String, number: String)]
    ) throws(StoreError) -> [(record: Stored<Record>, reason: RelationReason)] {
        var reasons: [RecordID: RelationReason] = [:]
        func note(_ reason: RelationReason, _ sql: String, _ values: [any Bindable]) throws(StoreError) {
            let found = try connection.list(sql, all: values) { row throws(StoreError) in
                RecordID(rawValue: row.integer(0))
            }
            for id in found where reasons[id] == nil { reasons[id] = reason }
        }
        for address in addresses {
            try note(.address, "SELECT record FROM record_addresses WHERE address_key = ?", [address.key])
        }
        for domain in domains {
            try note(.domain, "SELECT record FROM record_domains WHERE domain = ?", [domain.lowercased()])
        }
        for (kind, number) in numbers {
            try note(.number, "SELECT id FROM records WHERE number = ? AND kind = ?", [number, kind])
        }
        return try records(reasons.keys.sorted()).map { ($0, reasons[$0.id] ?? .manual) }
    }

    /// Records that e-mails with these Message-IDs are bound to.
    package func records(boundTo messageIDs: [String]) throws(StoreError) -> [Stored<Record>] {
        var ids: Set<RecordID> = []
        for messageID in messageIDs {
            let found = try connection.list(
                """
                SELECT DISTINCT record FROM relations JOIN emails ON emails.id = email WHERE message_id = ?
                """, messageID
            ) { row throws(StoreError) in RecordID(rawValue: row.integer(0)) }
            ids.formUnion(found)
        }
        return try records(ids.sorted())
    }

    package func relations(of email: EmailID) throws(StoreError) -> [Relation] {
        try connection.list("SELECT record, reason FROM relations WHERE email = ? ORDER BY record", email) {
            row throws(StoreError) in
            Relation(email: email, record: row.identifier(0), reason: try row.word(RelationReason.self, 1))
        }
    }

    /// Newest first.
    package func emails(boundTo record: RecordID, limit: Int = 1000) throws(StoreError) -> [EmailID] {
        try connection.list("SELECT email FROM relations WHERE record = ? ORDER BY email DESC LIMIT ?", record, limit) {
            row throws(StoreError) in row.identifier(0)
        }
    }

    private func records(_ ids: [RecordID]) throws(StoreError) -> [Stored<Record>] {
        var records: [Stored<Record>] = []
        for id in ids { if let record = try record(id) { records.append(record) } }
        return records
    }
}
