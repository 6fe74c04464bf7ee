internal import MailTypes

/// Brings one client's view up to the mirror.
package enum ViewSync {
    /// What may be told now.
    package enum Policy: Hashable, Sendable {
        /// During FETCH, STORE and SEARCH by sequence number the numbers must stand (RFC 9051 §7.5.1).
        case withoutExpunges
        case all
    }

    /// How the view differs from the mirror; all arrays ascending.
    private struct Difference {
        /// UIDs the client knows of that are gone.
        var gone: [UInt32] = []
        /// UIDs that are there and that the client does not know of.
        var new: [UInt32] = []
        /// UIDs on both sides whose flags the client is to be told.
        var flagged: [UInt32] = []
    }

    /// The view brought up as far as the policy allows, and what the client is to be told, in order.
    ///
    /// Costs a binary search for each change in the log after the view's cursors; one pass over both arrays when the
    /// log no longer reaches back that far, or when messages come or go.
    package static func step(
        _ view: SequenceView, mirror: MailboxMirror, policy: Policy
    ) -> (SequenceView, [ViewUpdate]) {
        guard view.epoch == mirror.epoch else {
            return (SequenceView(mirror), [.newEpoch(mirror.uidValidity)])
        }
        guard view.isBehind(mirror) else { return (view, []) }
        let difference = logged(view, mirror) ?? compared(view, mirror)
        var view = view
        var updates: [ViewUpdate] = []
        switch policy {
        case .all: bringUp(&view, mirror, difference, &updates)
        case .withoutExpunges: bringUpHoldingExpunges(&view, mirror, difference, &updates)
        }
        view.seen = mirror.highestModSeq
        view.silenced = []
        for uid in difference.flagged {
            guard let uid = UID(rawValue: uid), let number = view.sequenceNumber(of: uid),
                let row = mirror.row(of: uid)
            else { continue }
            updates.append(.flags(sequenceNumber: number, uid: uid, flags: row.flags, modSeq: row.modSeq))
        }
        return (view, updates)
    }

    private static func bringUp(
        _ view: inout SequenceView, _ mirror: MailboxMirror, _ difference: Difference, _ updates: inout [ViewUpdate]
    ) {
        // A message that came late, below one the client knows of, can't get a number in the middle: the client is
        // told that those after it are gone, and all of them come anew at the end.
        let firstNew = difference.new.first ?? UInt32.max
        var gone = difference.gone
        if let last = view.uids.last, firstNew < last {
            gone = gone.filter { $0 < firstNew } + view.uids[view.uids.firstIndex(notBelow: firstNew)...]
        }
        for uid in gone.reversed() {
            updates.append(.expunge(sequenceNumber: view.uids.firstIndex(notBelow: uid) + 1, uid: UID(uid)))
        }
        if !difference.new.isEmpty { updates.append(.exists(mirror.exists)) }
        view.uids = mirror.uids
        view.expungesSeen = mirror.highestModSeq
    }

    private static func bringUpHoldingExpunges(
        _ view: inout SequenceView, _ mirror: MailboxMirror, _ difference: Difference, _ updates: inout [ViewUpdate]
    ) {
        let last = view.uids.last ?? 0
        let tail = difference.new[difference.new.firstIndex(notBelow: last)...]
        if difference.gone.isEmpty, tail.count == difference.new.count {
            view.uids = mirror.uids
            view.expungesSeen = mirror.highestModSeq
        } else if !tail.isEmpty {
            view.uids.append(contentsOf: tail)
        }
        if !tail.isEmpty { updates.append(.exists(view.exists)) }
    }

    /// The difference as the log tells it; nil when the log no longer reaches back to the view.
    private static func logged(_ view: SequenceView, _ mirror: MailboxMirror) -> Difference? {
        guard let changes = mirror.log.changes(after: view.expungesSeen) else { return nil }
        var touched: Set<UInt32> = []
        var flagged: Set<UInt32> = []
        for change in changes {
            let uid = change.uid.rawValue
            if change.kind != .flags { touched.insert(uid) }
            if change.kind != .expunged, change.modSeq > view.seen, !view.silenced.contains(change.modSeq) {
                flagged.insert(uid)
            }
        }
        var difference = Difference()
        for uid in touched.sorted() {
            let place = view.uids.firstIndex(notBelow: uid)
            let known = place < view.uids.count && view.uids[place] == uid
            switch (known, mirror.place(of: uid) != nil) {
            case (true, false): difference.gone.append(uid)
            case (false, true): difference.new.append(uid)
            default: break
            }
        }
        let new = Set(difference.new)
        difference.flagged = flagged.filter { !new.contains($0) && mirror.place(of: $0) != nil }.sorted()
        return difference
    }

    /// The difference found by walking both arrays. What the client silenced is reported too: without the log its own
    /// change can't be told from another's.
    private static func compared(_ view: SequenceView, _ mirror: MailboxMirror) -> Difference {
        var difference = Difference()
        var here = 0
        var there = 0
        while here < view.uids.count || there < mirror.uids.count {
            let known = here < view.uids.count ? view.uids[here] : UInt32.max
            let present = there < mirror.uids.count ? mirror.uids[there] : UInt32.max
            if here < view.uids.count, there >= mirror.uids.count || known < present {
                difference.gone.append(known)
                here += 1
            } else if here >= view.uids.count || present < known {
                difference.new.append(present)
                there += 1
            } else {
                if mirror.modSeq(at: there) > view.seen { difference.flagged.append(known) }
                here += 1
                there += 1
            }
        }
        return difference
    }
}
