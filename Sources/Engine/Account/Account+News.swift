internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Sessions that follow what happens in mailboxes they have not open (RFC 5465).
///
/// What passes through Posthouse, and what happens in mailboxes whose mirrors are watched, is known at once. For the
/// rest the upstream is asked now and then, as long as somebody wants to hear of it.
extension Account {
    var surveyInterval: Duration { services.configuration.surveyInterval }

    /// What one session wants to hear of.
    struct Follower {
        let signal: Signal
        /// Mailboxes of whose messages it wants to hear.
        var mailboxes: Set<MailboxName> = []
    }

    /// What tells one session's interest from another's.
    struct FollowerID: Hashable, Sendable {
        let number: UInt64
    }

    /// Raises `.mailbox` on the signal whenever there is news, from now on.
    /// - Returns: where the news are at this moment.
    func follow(_ signal: Signal) -> (FollowerID, MailboxNews.Place) {
        lastHold += 1
        let id = FollowerID(number: lastHold)
        followers[id] = Follower(signal: signal)
        return (id, news.end)
    }

    /// Of which mailboxes' messages a session wants to hear, also when nobody has them open. What changes once this has
    /// returned is noticed.
    func follow(_ id: FollowerID, messagesOf mailboxes: Set<MailboxName>) async {
        guard followers[id] != nil else { return }
        followers[id]?.mailboxes = mailboxes
        await count(mailboxes.filter { counts[$0] == nil })
        upkeepSignal.raise(.work)
        for line in lines { line.wake.raise(.work) }
    }

    func unfollow(_ id: FollowerID) {
        followers[id] = nil
        guard followers.isEmpty else { return }
        counts = [:]
        surveyedAt = nil
    }

    /// A change with what it is about, as that is now.
    struct NewsItem: Sendable {
        let change: MailboxChange
        let mailbox: KnownMailbox?
        /// The mailbox one level above.
        let parent: KnownMailbox?
    }

    /// What happened since; and where the news end.
    /// - Returns: no changes, nil, when too many were missed.
    func news(since place: MailboxNews.Place) -> (changes: [NewsItem]?, end: MailboxNews.Place) {
        let items = news.changes(since: place)?.map { change in
            NewsItem(
                change: change, mailbox: knownMailbox(change.mailbox),
                parent: change.mailbox.parent.flatMap(knownMailbox))
        }
        return (items, news.end)
    }

    /// The counts of a mailbox that somebody follows, as far as they are known without asking.
    func knownCounts(of name: MailboxName) -> MailboxStatus? {
        guard let folder = known[name] else { return nil }
        if let mailbox = live[folder.id], mailbox.isWanted, mailbox.wasSynchronised {
            return counts(of: mailbox)
        }
        return counts[name].map { MailboxStatus($0, .zero) }
    }

    /// What is known of a mailbox without asking.
    struct KnownMailbox: Sendable {
        var listing: MailboxListing
        var hasChildren: Bool
    }

    /// All mailboxes, listed anew when that is due and can be done.
    func knownMailboxes() async -> [(MailboxName, KnownMailbox)] {
        if isOnline { _ = try? await folders() } else { try? await loadFolders() }
        return known.keys.compactMap { name in knownMailbox(name).map { (name, $0) } }
    }

    private func knownMailbox(_ name: MailboxName) -> KnownMailbox? {
        known[name].map { folder in
            KnownMailbox(listing: folder.listing, hasChildren: known.keys.contains { $0.isBelow(name) })
        }
    }

    /// Notes what has happened, and tells those who follow.
    func note(_ change: MailboxChange) { note([change]) }

    func note(_ changes: [MailboxChange]) {
        // Who begins to follow begins at the end.
        guard !followers.isEmpty else { return }
        for change in changes { news.note(change) }
        for follower in followers.values { follower.signal.raise(.mailbox) }
    }

    /// Notes what a change of a mirror means to those who do not have the mailbox open.
    func noteNews(of mailbox: LiveMailbox, _ plan: MailboxMirror.Plan) {
        var (hasMessages, hasFlags) = (false, false)
        for step in plan.steps {
            switch step.update {
            case .added, .expunged: hasMessages = true
            case .flags: hasFlags = true
            }
        }
        if hasMessages { note(.messages(mailbox.name)) }
        if hasFlags { note(.flags(mailbox.name)) }
    }

    /// Notes how one listing differs from the one before.
    func noteNews(from old: [MailboxName: CachedMailbox], to new: [MailboxName: CachedMailbox]) {
        for name in old.keys.sorted() where new[name] == nil { note(.removed(name)) }
        for name in new.keys.sorted() {
            guard let before = old[name] else {
                note(.made(name))
                continue
            }
            if before.listing.isSubscribed != new[name]?.listing.isSubscribed { note(.subscription(name)) }
        }
    }

    /// What the upstream has told of mailboxes that its connection has not selected (RFC 5465).
    func applyNews(of line: UpstreamLine) {
        guard let client = line.client else { return }
        let told = client.takeNews()
        guard !told.isEmpty else { return }
        var isToLook = told.isTreeNew
        for name in told.counted.sorted() {
            if let mailbox = known[name].flatMap({ live[$0.id] }), mailbox.isWanted {
                // Its own connection tells of it, or else it is looked at next.
                guard mailbox.line?.watched !== mailbox else { continue }
                mailbox.checkedAt = nil
                isToLook = true
            } else {
                distrust(name)
                counts[name] = nil
                note([.messages(name), .flags(name)])
            }
        }
        if told.isTreeNew {
            distrustListing()
            surveyedAt = nil
        }
        if isToLook { upkeepSignal.raise(.work) }
    }

    /// A mirror that is in memory still, and that nobody watches, is not as the mailbox is: who asks is told after a look.
    private func distrust(_ name: MailboxName) { known[name].flatMap { live[$0.id] }?.checkedAt = nil }

    /// Asks for the counts of mailboxes that somebody follows and no mirror tells of, unless that was done lately.
    func survey() async {
        guard !followers.isEmpty, isOnline else { return }
        if let surveyedAt, loop.now < surveyedAt + surveyInterval { return }
        surveyedAt = loop.now
        // Names that came or went are noted on the way.
        _ = try? await folders()
        await count(followers.values.reduce(into: []) { $0.formUnion($1.mailboxes) })
    }

    /// Asks for the counts of those of these mailboxes that no mirror tells of, and notes what is not as it was.
    private func count(_ mailboxes: Set<MailboxName>) async {
        let names = mailboxes.sorted().filter { name in
            guard let folder = known[name], folder.listing.isSelectable else { return false }
            return live[folder.id]?.isWanted != true
        }
        guard !names.isEmpty, isOnline else { return }
        do {
            let found = try await onLine { (client) async throws(UpstreamError) in try await client.counts(of: names) }
            for (name, now) in found.sorted(by: { $0.key < $1.key }) {
                guard let before = counts.updateValue(now, forKey: name), before != now else { continue }
                distrust(name)
                note(now.differsInMessages(from: before) ? .messages(name) : .flags(name))
            }
        } catch {
            log.debug("no counts of followed mailboxes", ["reason": "\(error)"])
        }
    }
}

extension MailboxCounts {
    fileprivate func differsInMessages(from other: MailboxCounts) -> Bool {
        messages != other.messages || uidNext != other.uidNext || uidValidity != other.uidValidity
    }
}
