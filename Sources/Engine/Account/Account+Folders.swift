internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// The account's mailboxes: listing them, making, renaming and removing them.
extension Account {
    /// A listing younger than this answers the next LIST without asking the upstream again.
    static let listingAge = Duration.seconds(2)

    /// Every mailbox, as the upstream lists it now, else as it was last seen.
    /// - Throws: `.unavailable` when there is neither.
    func folders() async throws(EngineError) -> [CachedMailbox] {
        await listing.enter()
        defer { listing.leave() }
        try await loadFolders()
        if let listedAt, loop.now < listedAt + Self.listingAge { return Array(known.values) }
        do {
            try await relist()
        } catch {
            guard case .unavailable = error, !known.isEmpty else { throw error }
        }
        return Array(known.values)
    }

    /// Reads the mailboxes from the cache, once.
    func loadFolders() async throws(EngineError) {
        guard !hasLoadedFolders else { return }
        let cached: [CachedMailbox]
        do { cached = try await services.cache.mailboxes(of: id) } catch { throw EngineError(error) }
        guard !hasLoadedFolders else { return }
        for mailbox in cached { known[mailbox.listing.name] = mailbox }
        hasLoadedFolders = true
    }

    /// The mailboxes are not as they were listed: the next one who asks has the upstream asked again.
    func distrustListing() {
        listedAt = nil
        treeChangeCount += 1
    }

    /// Asks the upstream and remembers the answer.
    func relist() async throws(EngineError) {
        let count = treeChangeCount
        var listings = try await onLine { (client) async throws(UpstreamError) in try await client.list() }
            .map(\.listing)
        await addUses(to: &listings)
        let cached: [CachedMailbox]
        let all = listings
        do { cached = try await services.cache.setMailboxes(all, of: id) } catch { throw EngineError(error) }
        let before = known
        known = Dictionary(cached.map { ($0.listing.name, $0) }, uniquingKeysWith: { first, _ in first })
        if !before.isEmpty { noteNews(from: before, to: known) }
        // What changed while the upstream answered may not be in the answer.
        listedAt = count == treeChangeCount ? loop.now : nil
        faithful.formIntersection(cached.map(\.id))
        for (mailbox, open) in live where !cached.contains(where: { $0.id == mailbox }) { retire(open) }
    }

    /// The mailbox of this name, looked up upstream when it is not known yet.
    func folder(_ name: MailboxName) async throws(EngineError) -> CachedMailbox {
        try await loadFolders()
        if let folder = known[name] { return folder }
        await listing.enter()
        defer { listing.leave() }
        if let folder = known[name] { return folder }
        try await relist()
        guard let folder = known[name] else { throw .noSuchMailbox }
        return folder
    }

    /// A mailbox that can be selected.
    func selectable(_ name: MailboxName) async throws(EngineError) -> CachedMailbox {
        let folder = try await folder(name)
        guard folder.listing.isSelectable else { throw .noSuchMailbox }
        return folder
    }

    func checkExists(_ name: MailboxName) async throws(EngineError) { _ = try await selectable(name) }

    func create(_ name: MailboxName, use: SpecialUse?) async throws(EngineError) {
        try await loadFolders()
        if let folder = known[name], folder.listing.isSelectable { throw .alreadyExists }
        if let use {
            try await create(name, for: use)
        } else {
            try await onLine(isRepeatable: false) { (client) async throws(UpstreamError) in
                try await client.create(name, use: nil)
            }
            await forgetUse(of: name)
        }
        await forgetMetadata(of: name)
        try await changed()
    }

    func delete(_ name: MailboxName) async throws(EngineError) {
        let folder = try await folder(name)
        if let open = live[folder.id] { await release(open) }
        try await onLine(isRepeatable: false) { (client) async throws(UpstreamError) in try await client.delete(name) }
        if let open = live[folder.id] { retire(open) }
        await forgetUse(of: name)
        await forgetMetadata(of: name)
        try await changed()
    }

    /// Keeps what is cached of the mailbox and of those below it; UIDs and UIDVALIDITY go with a mailbox
    /// (RFC 9051 §6.3.6), but for INBOX, whose messages move.
    func rename(_ name: MailboxName, to newName: MailboxName) async throws(EngineError) {
        let folder = try await folder(name)
        if known[newName] != nil { throw .alreadyExists }
        let moved = known.values.filter { $0.listing.name == name || $0.listing.name.isBelow(name) }
        for mailbox in moved { if let open = live[mailbox.id] { await release(open) } }
        try await onLine(isRepeatable: false) { (client) async throws(UpstreamError) in
            try await client.rename(name, to: newName)
        }
        if !name.isInbox {
            var changes: [MailboxChange] = []
            for mailbox in moved.sorted(by: { $0.listing.name < $1.listing.name }) {
                var listing = mailbox.listing
                listing.name = MailboxName(newName.text + listing.name.text.dropFirst(name.text.count))
                do { try await services.cache.rename(mailbox.id, to: listing) } catch {
                    log.warning("renamed mailbox must be read anew", ["mailbox": listing.name, "reason": "\(error)"])
                }
                live[mailbox.id]?.name = listing.name
                known[mailbox.listing.name] = nil
                var renamed = mailbox
                renamed.listing = listing
                known[listing.name] = renamed
                changes.append(.renamed(listing.name, from: mailbox.listing.name))
            }
            await renameUses(of: name, to: newName)
            await renameMetadata(of: name, to: newName)
            // Who hears of one finds all of them renamed.
            note(changes)
        } else {
            live[folder.id]?.wasSynchronised = false
            await forgetMetadata(of: newName)
        }
        try await changed()
    }

    func setSubscribed(_ isSubscribed: Bool, _ name: MailboxName) async throws(EngineError) {
        if isSubscribed { _ = try await folder(name) }
        try await onLine { (client) async throws(UpstreamError) in
            if isSubscribed { try await client.subscribe(name) } else { try await client.unsubscribe(name) }
        }
        try await changed()
    }

    /// Lists anew after a change of ours. When that fails the change stands all the same.
    private func changed() async throws(EngineError) {
        distrustListing()
        await listing.enter()
        defer { listing.leave() }
        do { try await relist() } catch { log.warning("mailboxes could not be listed", ["reason": "\(error)"]) }
    }
}

extension ListedMailbox {
    fileprivate var listing: MailboxListing {
        MailboxListing(
            name: name, upstreamName: upstreamName, delimiter: delimiter, isSubscribed: isSubscribed,
            specialUse: specialUse, isSelectable: isSelectable, hasChildren: hasChildren)
    }
}
