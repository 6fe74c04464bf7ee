internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror

/// What a client has asked to be told of each message that comes: by NOTIFY of all (RFC 5465 §5.2), by a search with UPDATE
/// of those that match (§7).
extension IMAPSession {
    /// Tells it of messages that have just come, each once. A message that this client has itself put there is none.
    func tellNew(
        since before: SequenceView, _ results: [ChangedResults], _ selection: Selection
    ) async throws(Fault) {
        let wanted = wanted(since: before, results, selection)
        selection.ownUIDs = NumberSet(selection.ownUIDs.numbers.filter { $0 > selection.view.lastUID })
        for (attributes, uids) in wanted {
            let elements = NumberSet(uids).ranges.map { range in
                SequenceSet.Element(.number(range.lowerBound), .number(range.upperBound))
            }
            let command = FetchCommand(
                isUID: true, messages: .numbers(SequenceSet(elements)),
                attributes: attributes.contains(.uid) ? attributes : [.uid] + attributes)
            let reply = try await fetch(command, selection)
            if reply.condition != .ok { log.debug("new messages are not told in full", ["reason": reply.text]) }
        }
    }

    /// The new messages of which the same is to be told, in their order.
    private func wanted(
        since before: SequenceView, _ results: [ChangedResults], _ selection: Selection
    ) -> [(attributes: [FetchAttribute], uids: [UInt32])] {
        var wanted: [UInt32: [FetchAttribute]] = [:]
        func want(_ attributes: [FetchAttribute], of uids: some Sequence<UInt32>) {
            guard !attributes.isEmpty else { return }
            for uid in uids where !selection.ownUIDs.contains(uid) {
                let known = wanted[uid] ?? []
                wanted[uid] = known + attributes.filter { !known.contains($0) }
            }
        }
        let view = selection.view
        if view.lastUID > before.lastUID {
            let new = SequenceSet([.init(.number(before.lastUID + 1), .number(view.lastUID))])
            want(
                notifications?.selected?.attributes ?? [],
                of: view.uids(in: new.resolved(largest: view.lastUID)).map(\.rawValue))
        }
        for result in results { want(result.context.attributes, of: result.arrived) }
        return Dictionary(grouping: wanted.keys) { wanted[$0] ?? [] }
            .map { (attributes: $0.key, uids: $0.value.sorted()) }.sorted { $0.uids[0] < $1.uids[0] }
    }

    /// Notes that this client has itself put messages into the mailbox that it has selected.
    func noteOwn(_ uids: [UID], in name: MailboxName) {
        guard let selection, selection.mailbox.name == name else { return }
        for uid in uids { selection.ownUIDs.insert(uid) }
    }
}
