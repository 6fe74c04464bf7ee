package import Loop
package import MailTypes
internal import Store

/// One session's ear on all the mailboxes that its principal may read (RFC 5465): of every account, what happens to
/// them, from the moment it began.
///
/// Grants are asked anew each time: what she may no longer read is told as removed and then silent, and an account that
/// she got meanwhile is listened to from then on.
package final class MailboxWatch: Sendable {
    private let engine: Engine
    private let principal: Principal
    private let signal: Signal

    private struct Ear {
        let account: Account
        let follower: Account.FollowerID
        var place: MailboxNews.Place
    }
    private let ears = Locked<[AccountID: Ear]>([:])
    private let serverFollower: UInt64
    private let serverPlace: Locked<MailboxNews.Place>
    /// The grants by which her tree was last told.
    private let grants: Locked<Directory>

    fileprivate init(_ engine: Engine, _ principal: Principal, _ signal: Signal) {
        self.engine = engine
        self.principal = principal
        self.signal = signal
        let (follower, place) = engine.serverNews.follow(principal.userID, signal)
        serverFollower = follower
        serverPlace = Locked(place)
        grants = Locked(engine.directory)
        engine.watchers.withLock { $0[ObjectIdentifier(self)] = signal }
    }

    /// Of whose messages it is to be told, by the principal's names: their upstreams are asked now and then.
    package func want(_ mailboxes: some Sequence<MailboxName>) async {
        var wanted: [AccountID: Set<MailboxName>] = [:]
        for name in mailboxes {
            guard let place = try? engine.resolve(name, for: principal) else { continue }
            wanted[place.account.id, default: []].insert(place.mailbox)
        }
        for (id, ear) in ears.withLock({ $0 }) {
            await ear.account.follow(ear.follower, messagesOf: wanted[id] ?? [])
        }
    }

    /// What has happened since the last call, as far as the principal may know.
    /// - Returns: nil when so much has happened that some of it is forgotten.
    package func notices() async -> [MailboxNotice]? {
        let ofServer = serverChanges()
        var notices = (ofServer ?? []).map {
            MailboxNotice(change: $0, mailbox: VisibleMailbox(name: $0.mailbox, attributes: .noSelect))
        }
        var isComplete = ofServer != nil
        let branches = await listen()
        notices += await changedGrants()
        for branch in branches {
            guard let ear = ears.withLock({ $0[branch.account.id] }) else { continue }
            let (changes, end) = await ear.account.news(since: ear.place)
            ears.withLock { $0[branch.account.id]?.place = end }
            guard let changes else {
                isComplete = false
                continue
            }
            notices += changes.compactMap { notice($0, on: branch) }
        }
        return isComplete ? notices : nil
    }

    /// The counts of these mailboxes, as far as they are known without asking.
    package func counts(of mailboxes: some Sequence<MailboxName>) async -> [MailboxName: MailboxStatus] {
        var counts: [MailboxName: MailboxStatus] = [:]
        for name in mailboxes {
            guard let place = try? engine.resolve(name, for: principal) else { continue }
            counts[name] = await place.account.knownCounts(of: place.mailbox)
        }
        return counts
    }

    private func serverChanges() -> [MailboxChange]? {
        serverPlace.withLock { place in
            let (changes, end) = engine.serverNews.changes(of: principal.userID, since: place)
            place = end
            return changes
        }
    }

    package func stop() async {
        engine.watchers.withLock { $0[ObjectIdentifier(self)] = nil }
        engine.serverNews.unfollow(principal.userID, serverFollower)
        let ears = self.ears.withLock { ears in
            defer { ears = [:] }
            return ears
        }
        for ear in ears.values { await ear.account.unfollow(ear.follower) }
    }

    /// Listens to every account of the principal's tree.
    @discardableResult
    fileprivate func listen() async -> [Engine.Branch] {
        let branches = engine.branches(of: principal)
        for branch in branches {
            guard let account = engine.account(branch.account.id) else { continue }
            let known = ears.withLock { $0[account.id] }
            if known?.account === account { continue }
            let (follower, place) = await account.follow(signal)
            ears.withLock { $0[account.id] = Ear(account: account, follower: follower, place: place) }
        }
        return branches
    }

    /// What other grants have made of her tree: a mailbox that she may read now was made, one that she no longer may was
    /// removed (RFC 5465 §5.4).
    private func changedGrants() async -> [MailboxNotice] {
        let now = engine.directory
        let before = grants.withLock { grants in
            defer { grants = now }
            return grants
        }
        guard before.version != now.version else { return [] }
        let (old, new) = (await tree(before), await tree(now))
        let gone = old.keys.filter { new[$0] == nil }.sorted().map { name in
            MailboxNotice(change: .removed(name), mailbox: VisibleMailbox(name: name, attributes: .nonExistent))
        }
        let made = new.filter { old[$0.key] == nil }.sorted { $0.key < $1.key }
        return gone + made.map { MailboxNotice(change: .made($0.key), mailbox: $0.value) }
    }

    /// Her mailboxes, as they are now, by these grants.
    private func tree(_ directory: Directory) async -> [MailboxName: VisibleMailbox] {
        var tree: [MailboxName: VisibleMailbox] = [:]
        for branch in engine.branches(of: principal, directory) {
            let known = ears.withLock { $0[branch.account.id]?.account }
            guard let account = known ?? engine.account(branch.account.id) else { continue }
            for (name, mailbox) in await account.knownMailboxes() where mayRead(name, on: branch, directory) {
                let visible = visible(name, mailbox, on: branch)
                tree[visible.name] = visible
            }
        }
        return tree
    }

    private func notice(_ item: Account.NewsItem, on branch: Engine.Branch) -> MailboxNotice? {
        func full(_ name: MailboxName) -> MailboxName { MailboxName(levels: branch.prefix + name.levels) }
        var change = item.change
        // A name that she may not read is one that is not there.
        if case .renamed(let name, let old) = change {
            switch (mayRead(name, on: branch), mayRead(old, on: branch)) {
            case (true, true): break
            case (true, false): change = .made(name)
            case (false, true): change = .removed(old)
            case (false, false): return nil
            }
        }
        guard mayRead(change.mailbox, on: branch) else { return nil }
        if case .metadata(_, _, let user?) = change, user != principal.userID { return nil }
        let isThere: Bool
        if case .removed = change { isThere = false } else { isThere = item.mailbox != nil }
        guard isThere || change == .removed(change.mailbox) else { return nil }
        return MailboxNotice(
            change: change.named(full),
            mailbox: visible(change.mailbox, isThere ? item.mailbox : nil, on: branch),
            parent: parent(of: change, item.parent, on: branch))
    }

    private func mayRead(_ name: MailboxName, on branch: Engine.Branch, _ directory: Directory? = nil) -> Bool {
        (directory ?? engine.directory).rights(
            of: principal.userID, in: branch.account.id, mailbox: name, from: principal.address, at: engine.moment
        ).contains(.read)
    }

    /// A mailbox as she sees it; one that is not known is not there.
    private func visible(
        _ name: MailboxName, _ known: Account.KnownMailbox?, on branch: Engine.Branch
    ) -> VisibleMailbox {
        let full = MailboxName(levels: branch.prefix + name.levels)
        guard let known else { return VisibleMailbox(name: full, attributes: .nonExistent) }
        var attributes: VisibleMailbox.Attributes = known.listing.isSelectable ? [] : .noSelect
        if known.hasChildren { attributes.insert(.hasChildren) }
        return VisibleMailbox(
            name: full, attributes: attributes,
            uses: branch.prefix.isEmpty ? known.listing.specialUse.map { [$0] } ?? [] : [],
            isSubscribed: known.listing.isSubscribed)
    }

    /// The level above a mailbox that was made or removed. One that she may not read she knows of by what she sees below it.
    private func parent(
        of change: MailboxChange, _ known: Account.KnownMailbox?, on branch: Engine.Branch
    ) -> VisibleMailbox? {
        guard let name = change.mailbox.parent else { return nil }
        switch change {
        case .made:
            var parent = visible(name, mayRead(name, on: branch) ? known : nil, on: branch)
            parent.attributes.insert(.hasChildren)
            return parent
        case .removed: return mayRead(name, on: branch) ? visible(name, known, on: branch) : nil
        default: return nil
        }
    }
}

extension Engine {
    /// Raises `.mailbox` on the signal whenever something happens to a mailbox that the principal may read, from now on.
    package func watchMailboxes(for principal: Principal, _ signal: Signal) async -> MailboxWatch {
        let watch = MailboxWatch(self, principal, signal)
        await watch.listen()
        return watch
    }
}
