internal import MailTypes
internal import SQLite

/// Users and groups. Names are found without case; a changed spelling of the same name is an ordinary update.
extension StoreTransaction {
    @discardableResult
    package func add(_ user: User, origin: Origin = .command) throws(StoreError) -> UserID {
        try NameRules.check(user.name, .user)
        try demandFree(.user, user.name, in: "users")
        try connection.run(
            """
            INSERT INTO users (name, name_key, display_name, verifier, addresses, administrator, active,
                messages_per_hour, recipients_per_hour, origin)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, user.name, user.name.nameKey, user.displayName, user.verifier,
            try JSONText.encode(user.addresses.map(\.description)), user.isAdministrator, user.isActive,
            user.messagesPerHour?.stored, user.recipientsPerHour?.stored, origin.rawValue)
        try touchDirectory()
        return UserID(rawValue: connection.lastInsertedRow)
    }

    @discardableResult
    package func add(_ group: Group, origin: Origin = .command) throws(StoreError) -> GroupID {
        try NameRules.check(group.name, .group)
        try demandFree(.group, group.name, in: "groups")
        try connection.run(
            "INSERT INTO groups (name, name_key, display_name, origin) VALUES (?, ?, ?, ?)", group.name,
            group.name.nameKey, group.displayName, origin.rawValue)
        let id = connection.lastInsertedRow
        try setMembers(group.members, of: id)
        try touchDirectory()
        return GroupID(rawValue: id)
    }

    /// Replaces the user of this name; a nil verifier leaves the stored one.
    package func update(_ user: User) throws(StoreError) { try update(user, by: .command) }

    /// Replaces the group of this name.
    package func update(_ group: Group) throws(StoreError) { try update(group, by: .command) }

    func update(_ user: User, by origin: Origin) throws(StoreError) {
        let id = try demand(.user, user.name, in: "users", by: origin)
        try connection.run(
            """
            UPDATE users SET name = ?, display_name = ?, verifier = coalesce(?, verifier), addresses = ?,
                administrator = ?, active = ?, messages_per_hour = ?, recipients_per_hour = ?, origin = ? WHERE id = ?
            """, user.name, user.displayName, user.verifier, try JSONText.encode(user.addresses.map(\.description)),
            user.isAdministrator, user.isActive, user.messagesPerHour?.stored, user.recipientsPerHour?.stored,
            origin.rawValue, id)
        try touchDirectory()
    }

    func update(_ group: Group, by origin: Origin) throws(StoreError) {
        let id = try demand(.group, group.name, in: "groups", by: origin)
        try connection.run(
            "UPDATE groups SET name = ?, display_name = ?, origin = ? WHERE id = ?", group.name, group.displayName,
            origin.rawValue, id)
        try setMembers(group.members, of: id)
        try touchDirectory()
    }

    /// Removes a user with her grants and memberships. Refused while a private account is hers.
    package func removeUser(named name: String) throws(StoreError) { try removeUser(named: name, by: .command) }

    /// Removes a group with its grants.
    package func removeGroup(named name: String) throws(StoreError) { try removeGroup(named: name, by: .command) }

    func removeUser(named name: String, by origin: Origin) throws(StoreError) {
        let id = try demand(.user, name, in: "users", by: origin)
        let account = try connection.first("SELECT name FROM accounts WHERE owner = ? AND removed IS NULL", id) {
            row throws(StoreError) in row.text(0)
        }
        if let account { throw .inUse(.user, name, by: "account \(account)") }
        try connection.run("UPDATE accounts SET owner = NULL WHERE owner = ?", id)
        try connection.run("DELETE FROM users WHERE id = ?", id)
        try touchDirectory()
    }

    func removeGroup(named name: String, by origin: Origin) throws(StoreError) {
        let id = try demand(.group, name, in: "groups", by: origin)
        try connection.run("DELETE FROM groups WHERE id = ?", id)
        try touchDirectory()
    }

    /// Sets or takes away a user's password. Allowed for users of the site file too, which may leave passwords out.
    package func setVerifier(_ verifier: String?, ofUser name: String) throws(StoreError) {
        let id = try demand(.user, name, in: "users")
        try connection.run("UPDATE users SET verifier = ? WHERE id = ?", verifier, id)
        try touchDirectory()
    }

    private func setMembers(_ members: [String], of group: Int64) throws(StoreError) {
        try connection.run("DELETE FROM group_members WHERE group_id = ?", group)
        for (place, name) in members.enumerated() {
            let user = try demand(.user, name, in: "users")
            try connection.run(
                "INSERT OR IGNORE INTO group_members (group_id, place, user) VALUES (?, ?, ?)", group, place, user)
        }
    }

    // MARK: Finding by name

    /// The number of the object of this name. `table` is a literal of this target, never input.
    func demand(_ kind: StoreError.Kind, _ name: String, in table: String) throws(StoreError) -> Int64 {
        guard let id = try connection.integer("SELECT id FROM \(table) WHERE name_key = ?", name.nameKey) else {
            throw .noSuch(kind, name)
        }
        return id
    }

    /// The same for changing it: only the site file changes what is the site file's.
    func demand(
        _ kind: StoreError.Kind, _ name: String, in table: String, by origin: Origin
    ) throws(StoreError) -> Int64 {
        let found = try connection.first("SELECT id, origin FROM \(table) WHERE name_key = ?", name.nameKey) {
            row throws(StoreError) in (row.integer(0), try row.word(Origin.self, 1))
        }
        guard let (id, current) = found else { throw .noSuch(kind, name) }
        guard origin == .site || current == .command else { throw .managedBySite(kind, name) }
        return id
    }

    func demandFree(_ kind: StoreError.Kind, _ name: String, in table: String) throws(StoreError) {
        if try connection.integer("SELECT id FROM \(table) WHERE name_key = ?", name.nameKey) != nil {
            throw .alreadyExists(kind, name)
        }
    }
}
