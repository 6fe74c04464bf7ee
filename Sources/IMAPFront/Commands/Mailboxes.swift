internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import TLS

/// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, STATUS and NAMESPACE (RFC 9051 §6.3.4 to §6.3.8, §6.3.10, §6.3.11;
/// RFC 6154 §3).
extension IMAPSession {
    /// A delimiter at the end says that levels will come below; the mailbox is made without it (RFC 9051 §6.3.4).
    /// A mailbox has at most one use (RFC 6154 §3 lets a server say so).
    func create(_ name: MailboxName, _ uses: [SpecialUse], _ principal: Principal) async throws(Fault) -> Reply {
        guard Set(uses).count <= 1 else { return .no("A mailbox has one use", .useAttr) }
        let bare = name.text.last == MailboxName.delimiter ? MailboxName(String(name.text.dropLast())) : name
        try await ask { () async throws(EngineError) in
            try await self.engine.create(bare, use: uses.first, for: principal)
        }
        await passOver(principal) { change in
            if case .made(let made) = change { made == bare || bare.isBelow(made) } else { false }
        }
        return .ok("Made", await objectID(of: bare, principal))
    }

    /// MAILBOXID for the tagged line (RFC 8474 §4.1). The mailbox is there also when it can't be told.
    func objectID(of name: MailboxName, _ principal: Principal) async -> ResponseCode? {
        do throws(EngineError) { return .mailboxID(try await engine.objectID(of: name, for: principal)) } catch {
            log.warning("no identifier for a mailbox", ["mailbox": name.text, "reason": "\(error)"])
            return nil
        }
    }

    func delete(_ name: MailboxName, _ principal: Principal) async throws(Fault) -> Reply {
        if selection?.mailbox.name == name { await closeMailbox() }
        try await ask { () async throws(EngineError) in try await self.engine.delete(name, for: principal) }
        await passOver(principal) { change in
            if case .removed(let removed) = change { removed == name || name.isBelow(removed) } else { false }
        }
        return .ok("Deleted")
    }

    func rename(_ name: MailboxName, _ target: MailboxName, _ principal: Principal) async throws(Fault) -> Reply {
        try await ask { () async throws(EngineError) in
            try await self.engine.rename(name, to: target, for: principal)
        }
        await passOver(principal) { change in
            switch change {
            case .renamed(let new, let old):
                new == target && old == name || new.isBelow(target) && old.isBelow(name)
            case .made(let made): made == target || target.isBelow(made)
            default: false
            }
        }
        return .ok("Renamed")
    }

    func setSubscribed(_ isSubscribed: Bool, _ name: MailboxName, _ principal: Principal) async throws(Fault) -> Reply {
        try await ask { () async throws(EngineError) in
            try await self.engine.setSubscribed(isSubscribed, name, for: principal)
        }
        await passOver(principal) { $0 == .subscription(name) }
        return .ok(isSubscribed ? "Subscribed" : "Unsubscribed")
    }

    func namespace(_ principal: Principal) -> Reply {
        let visible = engine.namespaces(of: principal)
        func spaces(_ prefixes: [String]) -> [Namespaces.Namespace] {
            prefixes.map { .init(prefix: $0, delimiter: MailboxName.delimiter) }
        }
        let namespaces = Namespaces(personal: spaces(visible.personal), shared: spaces(visible.shared))
        connection.output.append { (output) in output.appendNamespaces(namespaces, utf8: speaksUTF8) }
        return .ok("Namespaces listed")
    }

    func status(_ name: MailboxName, _ items: [StatusItem], _ principal: Principal) async throws(Fault) -> Reply {
        if items.contains(.highestModSeq) { enableCondStore() }
        let status = try await ask { () async throws(EngineError) in
            try await self.engine.status(of: name, for: principal, needs: StatusNeeds(items))
        }
        writeStatus(name, status, items)
        return .ok("Status told")
    }

    func writeStatus(_ name: MailboxName, _ status: MailboxStatus, _ items: [StatusItem]) {
        let values = statusValues(status, items)
        connection.output.append { (output) in output.appendStatus(name, values, utf8: speaksUTF8) }
    }

    /// The items of a status, as STATUS tells them.
    func statusValues(_ status: MailboxStatus, _ items: [StatusItem]) -> [StatusValue] {
        let limit = UInt64(engine.configuration.messageLimit)
        return items.map { item in
            let value: UInt64? =
                switch item {
                case .messages: UInt64(status.messages)
                // Nothing is recent to a client of a shared view (RFC 3501 §2.3.2 leaves that to the server).
                case .recent: 0
                case .uidNext: UInt64(status.uidNext)
                case .uidValidity: UInt64(status.uidValidity.rawValue)
                case .unseen: UInt64(status.unseen)
                case .deleted: UInt64(status.deleted)
                case .size: status.size ?? 0
                case .highestModSeq: status.highestModSeq.rawValue
                case .appendLimit: limit
                // An identifier, below.
                case .mailboxID: nil
                case .deletedStorage: status.deletedSize ?? 0
                }
            if item == .mailboxID, let id = status.objectID { return StatusValue(mailboxID: id) }
            return StatusValue(item, value)
        }
    }
}

extension StatusNeeds {
    init(_ items: [StatusItem]) {
        self = []
        if items.contains(.size) { insert(.size) }
        if items.contains(.deleted) { insert(.deleted) }
        if items.contains(.highestModSeq) { insert(.modSeq) }
        if items.contains(.mailboxID) { insert(.objectID) }
        if items.contains(.deletedStorage) { insert(.deletedStorage) }
    }
}
