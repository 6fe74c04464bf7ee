internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror
internal import TLS

/// NOTIFY (RFC 5465): what happens is told when it happens, in the selected mailbox and in others.
extension IMAPSession {
    func notify(_ command: NotifyCommand?, _ principal: Principal) async throws(Fault) -> Reply {
        guard let command else {
            await setNotifications(Notifications())
            return .ok("Nothing is told unasked")
        }
        guard !command.hasUnknownEvent else {
            return .no("Not all of these events are known", .badEvent(NotifyEvent.known.map(\.name)))
        }
        var watch: MailboxWatch?
        if !command.othersThanSelected.isEmpty {
            watch = await engine.watchMailboxes(for: principal, connection.signal)
        }
        let notifications = Notifications(command, watch: watch)
        do throws(Fault) {
            if watch != nil, let refusal = try await begin(notifications, command.tellsStatus, principal) {
                await watch?.stop()
                return refusal
            }
        } catch {
            await watch?.stop()
            throw error
        }
        await setNotifications(notifications)
        // It implies a NOOP (RFC 5465 §3.1).
        if let selection { await selection.mailbox.refresh() }
        return .ok("Told from now on")
    }

    /// Finds the mailboxes that are meant, and tells their counts when that is wanted.
    /// - Returns: why it can't be done.
    private func begin(
        _ notifications: Notifications, _ tellsStatus: Bool, _ principal: Principal
    ) async throws(Fault) -> Reply? {
        let watched = try await watchedMailboxes(notifications, principal)
        guard watched.count <= configuration.limits.watchedMailboxes else {
            return .no(
                "These are more than \(configuration.limits.watchedMailboxes) mailboxes", .notificationOverflow)
        }
        await follow(notifications, watched.map(\.name))
        guard tellsStatus else { return nil }
        for (name, events) in watched where name != selection?.mailbox.name {
            await tellStatus(of: name, events, notifications, principal)
            try await drain()
        }
        return nil
    }

    /// Hears of the messages of these mailboxes, and knows their counts from then on.
    private func follow(_ notifications: Notifications, _ names: [MailboxName]) async {
        guard let watch = notifications.watch else { return }
        await watch.want(names)
        let unknown = names.filter { notifications.known[$0] == nil && $0 != selection?.mailbox.name }
        for (name, counts) in await watch.counts(of: unknown) { notifications.known[name] = KnownCounts(counts) }
    }

    /// The same of those that are meant now, when the mailboxes are others than before.
    func follow(_ notifications: Notifications, _ principal: Principal) async throws(Fault) {
        await follow(notifications, try await watchedMailboxes(notifications, principal).map(\.name))
    }

    /// The mailboxes of whose messages or flags she is to be told, and the events.
    private func watchedMailboxes(
        _ notifications: Notifications, _ principal: Principal
    ) async throws(Fault) -> [(name: MailboxName, events: [NotifyEvent])] {
        let all = try await ask { () async throws(EngineError) in try await self.engine.list(for: principal) }
        let scope = scope(principal)
        return all.filter { $0.attributes.isDisjoint(with: [.noSelect, .nonExistent]) }.compactMap { mailbox in
            let events = notifications.events(of: mailbox, scope)
            return events.contains(where: \.isMessageNew) ? (mailbox.name, events) : nil
        }
    }

    private func scope(_ principal: Principal) -> MailboxScope {
        MailboxScope([], selected: nil, hasShared: !engine.namespaces(of: principal).shared.isEmpty)
    }

    private func setNotifications(_ new: Notifications) async {
        await forgetNotifications()
        notifications = new
        guard let selection else { return }
        if new.selected != nil {
            await selection.mailbox.watch(connection.signal)
        } else {
            await selection.mailbox.unwatch()
        }
    }

    /// Ends all listening.
    func forgetNotifications() async {
        let watch = notifications?.watch
        notifications = nil
        await watch?.stop()
    }

    // MARK: Telling

    /// Whether something may be told now, with no command to answer.
    var isListening: Bool {
        switch activity {
        case .idling: true
        case .commands: notifications != nil
        case .authenticating, .appending: false
        }
    }

    /// What may be told of the selected mailbox without being asked; nil for nothing.
    var unaskedPolicy: ViewSync.Policy? {
        guard let notifications else { return .all }
        guard let selected = notifications.selected else { return nil }
        if selected.isDelayed, case .commands = activity { return .withoutExpunges }
        return .all
    }

    /// Whether a change of the selected mailbox is told to a client that did not ask.
    func wantsToHear(of update: ViewUpdate) -> Bool {
        guard case .flags = update, let selected = notifications?.selected else { return true }
        return selected.tellsFlags
    }

    /// Tells what has happened in other mailboxes.
    func tellNotices() async throws(Fault) {
        guard let notifications, let watch = notifications.watch, let principal else { return }
        guard let notices = notifications.taken(await watch.notices()) else {
            // RFC 5465 §5.8.
            connection.output.append { (output) in
                output.appendUntagged(.ok, .notificationOverflow, "Too much has happened, nothing more is told")
            }
            return await setNotifications(Notifications())
        }
        let scope = scope(principal)
        tellNames(notices, notifications, scope)
        var counted: Set<MailboxName> = []
        for notice in notices {
            let events = notifications.events(of: notice.mailbox, scope)
            let name = notice.mailbox.name
            switch notice.change {
            case .messages where events.contains(where: \.isMessageNew), .flags where events.contains(.flagChange):
                guard name != selection?.mailbox.name, counted.insert(name).inserted else { continue }
                await tellStatus(of: name, events, notifications, principal)
            case .metadata(let name, let entry, _) where notifications.tellsMetadata(of: name, events):
                connection.output.append { (output) in
                    output.appendMetadataChanged([entry.text], of: name.text, utf8: speaksUTF8)
                }
            default: break
            }
            try await drain()
        }
        if notices.contains(where: \.change.isOfTree) { try await follow(notifications, principal) }
    }

    /// Tells of names (RFC 5465 §5.4, §5.5): what was made or removed and the levels above that, each of those once; what
    /// was renamed, without what has moved along with it.
    private func tellNames(_ notices: [MailboxNotice], _ notifications: Notifications, _ scope: MailboxScope) {
        func wants(_ event: NotifyEvent, _ mailbox: VisibleMailbox) -> Bool {
            notifications.events(of: mailbox, scope).contains(event)
        }
        var told: Set<MailboxName> = []
        var parents: [VisibleMailbox] = []
        var moved: [(new: MailboxName, old: MailboxName)] = []
        for notice in notices {
            switch notice.change {
            case .made, .removed:
                if wants(.mailboxName, notice.mailbox) {
                    tellName(of: notice.mailbox, oldName: nil)
                    told.insert(notice.mailbox.name)
                }
                if let parent = notice.parent, wants(.mailboxName, parent) { parents.append(parent) }
            case .subscription where wants(.subscriptionChange, notice.mailbox):
                tellName(of: notice.mailbox, oldName: nil)
            case .renamed(let new, let old):
                var before = notice.mailbox
                before.name = old
                guard wants(.mailboxName, notice.mailbox) || wants(.mailboxName, before),
                    !moved.contains(where: { new.isBelow($0.new) && old.isBelow($0.old) })
                else { continue }
                moved.append((new, old))
                tellName(of: notice.mailbox, oldName: old)
            default: break
            }
        }
        for parent in parents where told.insert(parent.name).inserted { tellName(of: parent, oldName: nil) }
    }

    /// Tells the counts of a mailbox that is not selected, if they are others than those told before, and others than the
    /// client has itself made them. A mailbox whose counts can't be had now is told of when it changes again.
    private func tellStatus(
        of name: MailboxName, _ events: [NotifyEvent], _ notifications: Notifications, _ principal: Principal
    ) async {
        let items = Notifications.items(for: events, usesCondStore: usesCondStore)
        do throws(EngineError) {
            let status = try await engine.status(of: name, for: principal, needs: StatusNeeds(items))
            let values = statusValues(status, items)
            // From who goes by mod-sequences the flags of others could hide behind her own messages.
            let tellsFlags = events.contains(.flagChange)
            let isOwn =
                notifications.known[name]?.explain(status, unseenToo: tellsFlags) ?? false
                && !(tellsFlags && usesCondStore)
            notifications.known[name] = KnownCounts(status, isOwn: isOwn)
            guard notifications.told.updateValue(values, forKey: name) != values, !isOwn else { return }
            connection.output.append { (output) in output.appendStatus(name, values, utf8: speaksUTF8) }
        } catch {
            log.debug("no counts for a notification", ["mailbox": name.text, "reason": "\(error)"])
        }
    }

    /// LIST with what is true now (RFC 5465 §5.4, §5.5).
    private func tellName(of mailbox: VisibleMailbox, oldName: MailboxName?) {
        var attributes = ListPlan.attributes(of: mailbox)
        if mailbox.isSubscribed { attributes.append("\\Subscribed") }
        let response = ListResponse(
            attributes: attributes + mailbox.uses.map(\.rawValue), delimiter: MailboxName.delimiter,
            name: mailbox.name.text, encodedName: [], oldName: oldName?.text)
        connection.output.append { (output) in output.appendList(response, utf8: speaksUTF8) }
    }
}

extension Command {
    /// Whether the client has to hear what became of the selected mailbox's messages, though it wants to hear nothing
    /// unasked: a command that acts on them, and the one that says so (RFC 5465 §3.1).
    var asksForUpdates: Bool {
        switch self {
        case .fetch, .store, .expunge, .move, .replace, .notify: true
        default: false
        }
    }
}
