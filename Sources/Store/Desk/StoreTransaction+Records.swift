internal import MailTypes
internal import SQLite

extension StoreTransaction {
    @discardableResult
    package func add(_ record: Record, origin: Origin = .command) throws(StoreError) -> RecordID {
        let record = record.normalized
        guard !record.kind.isEmpty, !record.name.isEmpty else {
            throw .invalid(.record, record.name, reason: "a record needs a kind and a name")
        }
        if try connection.integer(
            "SELECT id FROM records WHERE kind = ? AND name_key = ?", record.kind, record.name.nameKey) != nil
        {
            throw .alreadyExists(.record, record.name)
        }
        try connection.run(
            "INSERT INTO records (kind, name, name_key, number, origin) VALUES (?, ?, ?, ?, ?)", record.kind,
            record.name, record.name.nameKey, record.number, origin.rawValue)
        let id = connection.lastInsertedRow
        try writeLists(of: record, id)
        return RecordID(rawValue: id)
    }

    /// Replaces the record of this kind and name.
    package func update(_ record: Record) throws(StoreError) { try update(record, by: .command) }

    func update(_ record: Record, by origin: Origin) throws(StoreError) {
        let record = record.normalized
        let found = try connection.first(
            "SELECT id, origin FROM records WHERE kind = ? AND name_key = ?", record.kind, record.name.nameKey
        ) { row throws(StoreError) in (row.integer(0), try row.word(Origin.self, 1)) }
        guard let (id, current) = found else { throw .noSuch(.record, record.name) }
        guard origin == .site || current == .command else { throw .managedBySite(.record, record.name) }
        try connection.run(
            "UPDATE records SET name = ?, number = ?, origin = ? WHERE id = ?", record.name, record.number,
            origin.rawValue, id)
        try connection.run("DELETE FROM record_addresses WHERE record = ?", id)
        try connection.run("DELETE FROM record_domains WHERE record = ?", id)
        try writeLists(of: record, id)
    }

    /// Removes a record with its relations; tickets lose it as their organization.
    package func removeRecord(_ id: RecordID) throws(StoreError) { try removeRecord(id, by: .command) }

    func removeRecord(_ id: RecordID, by origin: Origin) throws(StoreError) {
        let current = try connection.first("SELECT origin FROM records WHERE id = ?", id) { row throws(StoreError) in
            try row.word(Origin.self, 0)
        }
        guard let current else { throw .noSuch(.record, id.description) }
        guard origin == .site || current == .command else { throw .managedBySite(.record, id.description) }
        try connection.run("DELETE FROM records WHERE id = ?", id)
    }

    /// Binds an e-mail to a record. True when the relation is new.
    @discardableResult
    package func relate(_ relation: Relation) throws(StoreError) -> Bool {
        try connection.run(
            "INSERT OR IGNORE INTO relations (email, record, reason) VALUES (?, ?, ?)", relation.email,
            relation.record, relation.reason.rawValue) > 0
    }

    package func unrelate(email: EmailID, record: RecordID) throws(StoreError) {
        try connection.run("DELETE FROM relations WHERE email = ? AND record = ?", email, record)
    }

    private func writeLists(of record: Record, _ id: Int64) throws(StoreError) {
        for (place, address) in record.addresses.enumerated() {
            try connection.run(
                "INSERT INTO record_addresses (record, place, address, address_key) VALUES (?, ?, ?, ?)", id, place,
                address.description, address.key)
        }
        for (place, domain) in record.domains.enumerated() {
            try connection.run(
                "INSERT INTO record_domains (record, place, domain) VALUES (?, ?, ?)", id, place, domain)
        }
    }
}

extension Record {
    /// As it is stored: every address and domain once, domains in lower case.
    var normalized: Record {
        var record = self
        var addresses: Set<EmailAddress> = []
        record.addresses = record.addresses.filter { addresses.insert($0).inserted }
        var domains: Set<String> = []
        record.domains = record.domains.map { $0.lowercased() }.filter { domains.insert($0).inserted }
        return record
    }
}
