internal import Loop
internal import MailTypes
internal import Store
internal import Upstream

/// What mailboxes are for (RFC 6154), where the upstream doesn't say.
extension Account {
    /// Uses that a mailbox can have because somebody says so; the others are views of messages that lie elsewhere.
    private static let assignable: Set<SpecialUse> = [.archive, .drafts, .junk, .sent, .trash]

    /// Makes a mailbox for this use (RFC 6154 §3); what the upstream can't keep is kept here.
    /// - Throws: `.refused` with USEATTR when another mailbox has the use, or none can be given it. Nothing is made then.
    func create(_ name: MailboxName, for use: SpecialUse) async throws(EngineError) {
        await assigning.enter()
        defer { assigning.leave() }
        try await loadUses()
        if let other = known.values.first(where: { $0.listing.specialUse == use }) {
            throw .refused(code: "USEATTR", text: "\(other.listing.name) is used for that")
        }
        let isKept = try await onLine(isRepeatable: false) { (client) async throws(UpstreamError) in
            if client.keepsSpecialUses {
                do throws(UpstreamError) {
                    try await client.create(name, use: use)
                    return true
                } catch {
                    guard case .refused("USEATTR", _) = error, Self.assignable.contains(use) else { throw error }
                }
            }
            guard Self.assignable.contains(use) else {
                throw UpstreamError.refused(code: "USEATTR", text: "no mailbox can be made to show that")
            }
            try await client.create(name, use: nil)
            return false
        }
        guard !isKept else { return }
        do throws(EngineError) {
            var uses = localUses
            uses[name] = use
            try await save(uses)
        } catch {
            _ = try? await onLine(isRepeatable: false) { (client) async throws(UpstreamError) in
                try await client.delete(name)
            }
            throw error
        }
    }

    /// A mailbox has another name, and those below it have too.
    func renameUses(of name: MailboxName, to newName: MailboxName) async {
        await changeUses { uses in
            for (old, use) in uses where old == name || old.isBelow(name) {
                uses[old] = nil
                uses[MailboxName(newName.text + old.text.dropFirst(name.text.count))] = use
            }
        }
    }

    /// A mailbox is gone, or one of its name was made anew without a use.
    func forgetUse(of name: MailboxName) async { await changeUses { $0[name] = nil } }

    /// Adds what is kept here to what the upstream lists; its own word comes first.
    func addUses(to listings: inout [MailboxListing]) async {
        do { try await loadUses() } catch {
            log.error("what mailboxes are for can't be read", ["reason": "\(error)"])
        }
        guard !localUses.isEmpty else { return }
        let taken = Set(listings.compactMap(\.specialUse))
        for place in listings.indices where listings[place].specialUse == nil && listings[place].isSelectable {
            guard let use = localUses[listings[place].name], !taken.contains(use) else { continue }
            listings[place].specialUse = use
        }
    }

    private func loadUses() async throws(EngineError) {
        guard !hasLoadedUses else { return }
        let account = id
        let uses: [MailboxName: SpecialUse]
        do {
            uses = try await services.store.read { (store) throws(StoreError) in try store.specialUses(of: account) }
        } catch { throw EngineError(error) }
        guard !hasLoadedUses else { return }
        localUses = uses
        hasLoadedUses = true
    }

    private func changeUses(_ change: (inout [MailboxName: SpecialUse]) -> Void) async {
        await assigning.enter()
        defer { assigning.leave() }
        do {
            try await loadUses()
            var uses = localUses
            change(&uses)
            if uses != localUses { try await save(uses) }
        } catch {
            log.error("what a mailbox is for can't be kept", ["reason": "\(error)"])
        }
    }

    private func save(_ uses: [MailboxName: SpecialUse]) async throws(EngineError) {
        let account = id
        do {
            try await services.store.transaction { (transaction) throws(StoreError) in
                try transaction.set(specialUses: uses, of: account)
            }
        } catch { throw EngineError(error) }
        localUses = uses
    }
}
