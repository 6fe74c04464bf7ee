internal import Engine
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror
internal import TLS

/// What a client does itself it is not told of (RFC 5465 §5). Where it can't be told from what others have done meanwhile,
/// the client hears of both.
extension IMAPSession {
    // MARK: Names and metadata

    /// Takes what a command of the client's own has just done out of what is to be told; what others did is told next.
    func passOver(_ principal: Principal, _ isOwn: (MailboxChange) -> Bool) async {
        guard let notifications, let watch = notifications.watch else { return }
        guard let notices = await watch.notices() else {
            notifications.hasMissed = true
            return connection.signal.raise(.mailbox)
        }
        // Each is one's own once: what others did to the same name after that is theirs.
        var passed: Set<MailboxChange> = []
        var others: Set<MailboxName> = []
        for notice in notices {
            let change = notice.change
            if isOwn(change), !others.contains(change.mailbox), passed.insert(change).inserted { continue }
            others.insert(change.mailbox)
            notifications.hold(notice)
        }
        if notifications.hasHeld { connection.signal.raise(.mailbox) }
        guard passed.contains(where: \.isOfTree) else { return }
        do throws(Fault) { try await follow(notifications, principal) } catch {
            // The command was done all the same.
            log.debug("not every mailbox is followed", ["reason": error.reply.text])
        }
    }

    // MARK: Messages

    /// What COPY and MOVE are about to put elsewhere; nil when nobody asks.
    func unseenBefore(_ uids: [UID], to name: MailboxName, _ selection: Selection) async -> NumberSet? {
        guard notifications?.known[name] != nil else { return nil }
        let key = SearchKey.and([.among(NumberSet(uids)), .notFlag(.seen)])
        return try? await NumberSet(selection.mailbox.search(key, in: selection.view))
    }

    /// Notes what COPY and MOVE have put elsewhere.
    func noteOwn(_ outcome: CopyOutcome, in name: MailboxName, unseenBefore: NumberSet?) {
        noteOwn(outcome.copies, in: name)
        guard let unseenBefore else { return }
        let unseen = outcome.source.count { unseenBefore.contains($0) }
        notifications?.known[name]?.add(outcome.copies.count, unseen: unseen)
    }

    /// Notes what APPEND and REPLACE have saved.
    func noteOwn(_ outcome: AppendOutcome, of messages: [AppendMessage], in name: MailboxName) {
        noteOwn(outcome.uids, in: name)
        let unseen = messages.count { !$0.flags.contains(.seen) }
        notifications?.known[name]?.add(messages.count, unseen: unseen)
    }

    /// The counts of the selected mailbox, if the client knows them: nothing is left to be told.
    func countsAtLeave(of selection: Selection) async -> KnownCounts? {
        guard let watch = notifications?.watch else { return nil }
        let name = selection.mailbox.name
        let counts = await watch.counts(of: [name])
        guard let counts = counts[name], let step = try? await selection.mailbox.step(selection.view, .all),
            step.1.isEmpty
        else { return nil }
        return KnownCounts(counts)
    }

    /// What CLOSE is about to expunge.
    func markedAtClose(_ selection: Selection) async -> (count: Int, unseen: Int)? {
        guard notifications?.watch != nil else { return nil }
        do {
            let marked = try await selection.mailbox.search(.flag(.deleted), in: selection.view)
            let unseen = try await selection.mailbox.search(
                .and([.flag(.deleted), .notFlag(.seen)]), in: selection.view)
            return (marked.count, unseen.count)
        } catch { return nil }
    }
}
