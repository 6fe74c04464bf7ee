internal import MailTypes

extension StoreTransaction {
    /// Makes the objects of origin `site` exactly those described: adds, changes, removes what is no longer named, and
    /// adopts objects of these names that were made by command. Verifiers and secrets that the description leaves nil
    /// stay as they are. Fails as a whole, with the first object that can't be.
    package func apply(_ site: SiteDescription) throws(StoreError) -> SiteChanges {
        var changes = SiteChanges()
        // What refers to others comes last when adding and first when removing.
        let users = try plan(try users(), site.users, .user, \.name) { described, current in
            if described.verifier == nil { described.verifier = current.verifier }
        }
        // The stored spelling of another object's name stands for the described one: names compare without case.
        let groups = try plan(try groups(), site.groups, .group, \.name) { described, current in
            var seen: Set<String> = []
            described.members = described.members.filter { seen.insert($0.nameKey).inserted }
            if described.members.map(\.nameKey) == current.members.map(\.nameKey) {
                described.members = current.members
            }
        }
        let servers = try plan(try servers(), site.servers, .server, \.name)
        let accounts = try plan(try accounts(), site.accounts, .account, \.name) { described, current in
            if described.secret == nil { described.secret = current.secret }
            if described.server.nameKey == current.server.nameKey { described.server = current.server }
            if case .private(let owner) = current.kind, described.isOwned(by: owner) { described.kind = current.kind }
        }
        let scanners = try plan(try scanners(), site.scanners, .scanner, \.account) { described, current in
            described.account = current.account
        }
        let records = try plan(try records(RecordFilter(limit: .max)), site.records.map(\.normalized), .record) {
            "\($0.kind) \($0.name)"
        }
        try removeGrants(site.grants, &changes)
        for name in scanners.removed {
            try removeScanner(of: name, by: .site)
            changes.note(.removed, .scanner, name)
        }
        for user in users.added { try add(user, origin: .site) }
        for user in users.changed { try update(user, by: .site) }
        users.report(in: &changes)
        for group in groups.added { try add(group, origin: .site) }
        for group in groups.changed { try update(group, by: .site) }
        groups.report(in: &changes)
        for server in servers.added { try add(server, origin: .site) }
        for server in servers.changed { try update(server, by: .site) }
        servers.report(in: &changes)
        for account in accounts.added { try add(account, origin: .site) }
        for account in accounts.changed { try update(account, by: .site) }
        accounts.report(in: &changes)
        try addGrants(site.grants, &changes)
        for scanner in scanners.added { try add(scanner, origin: .site) }
        for scanner in scanners.changed { try update(scanner, by: .site) }
        scanners.report(in: &changes)
        for record in records.added { try add(record, origin: .site) }
        for record in records.changed { try update(record, by: .site) }
        records.report(in: &changes)

        for name in accounts.removed {
            try removeAccount(named: name, by: .site)
            changes.note(.removed, .account, name)
        }
        for name in servers.removed {
            try removeServer(named: name, by: .site)
            changes.note(.removed, .server, name)
        }
        for name in groups.removed {
            try removeGroup(named: name, by: .site)
            changes.note(.removed, .group, name)
        }
        for name in users.removed {
            try removeUser(named: name, by: .site)
            changes.note(.removed, .user, name)
        }
        for record in records.removedObjects {
            try removeRecord(record.id, by: .site)
            changes.note(.removed, .record, record.name)
        }
        if try exceptions() != site.exceptions {
            try set(Self.exceptionsKey, to: try JSONText.encode(site.exceptions))
            try touchDirectory()
            changes.note(.changed, .exceptions, "all accounts")
        }
        return changes
    }

    private func removeGrants(_ described: [Grant], _ changes: inout SiteChanges) throws(StoreError) {
        for grant in try grants() where grant.origin == .site && !described.contains(where: { $0.says(grant.value) }) {
            try removeGrant(grant.id, by: .site)
            changes.note(.removed, .grant, grant.value.title)
        }
    }

    private func addGrants(_ described: [Grant], _ changes: inout SiteChanges) throws(StoreError) {
        for grant in described {
            if let current = try grants().first(where: { $0.value.says(grant) }) {
                guard current.origin == .command else { continue }
                try adoptGrant(current.id)
                changes.note(.adopted, .grant, grant.title)
            } else {
                try add(grant, origin: .site)
                changes.note(.added, .grant, grant.title)
            }
        }
    }

    private func plan<Value: Equatable & Sendable>(
        _ current: [Stored<Value>], _ described: [Value], _ kind: SiteChanges.Kind, _ name: (Value) -> String,
        keeping keep: (inout Value, Value) -> Void = { _, _ in }
    ) throws(StoreError) -> SitePlan<Value> {
        var plan = SitePlan<Value>(kind: kind)
        var known: [String: Stored<Value>] = [:]
        for object in current { known[name(object.value).nameKey] = object }
        var seen: Set<String> = []
        for value in described {
            let key = name(value).nameKey
            guard seen.insert(key).inserted else {
                throw .alreadyExists(StoreError.Kind(rawValue: kind.rawValue) ?? .record, name(value))
            }
            guard let object = known[key] else {
                plan.added.append(value)
                plan.notes.append((.added, name(value)))
                continue
            }
            var value = value
            keep(&value, object.value)
            if object.origin == .command || value != object.value {
                plan.changed.append(value)
                plan.notes.append((object.origin == .command ? .adopted : .changed, name(value)))
            }
        }
        for object in current where object.origin == .site && !seen.contains(name(object.value).nameKey) {
            plan.removed.append(name(object.value))
            plan.removedObjects.append(object)
        }
        return plan
    }
}

/// What is to be done to the objects of one kind.
private struct SitePlan<Value: Sendable> {
    let kind: SiteChanges.Kind
    var added: [Value] = []
    var changed: [Value] = []
    var removed: [String] = []
    var removedObjects: [Stored<Value>] = []
    var notes: [(SiteChanges.Action, String)] = []

    func report(in changes: inout SiteChanges) {
        for (action, name) in notes { changes.note(action, kind, name) }
    }
}

extension SiteChanges {
    fileprivate mutating func note(_ action: Action, _ kind: Kind, _ name: String) {
        changes.append(Change(action, kind, name))
    }
}
