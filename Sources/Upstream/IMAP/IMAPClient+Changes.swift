internal import IMAPSyntax
package import MailTypes

/// Commands that change messages of the selected mailbox.
extension IMAPClient {
    /// UID STORE; the new flags come as events.
    package func store(_ uids: NumberSet, _ change: StoreChange, _ flags: [Flag]) async throws(UpstreamError) {
        let wanted: StoreCommand.Change =
            switch change {
            case .add: .add
            case .remove: .remove
            case .replace: .replace
            }
        try await run(
            .store(StoreCommand(isUID: true, messages: .numbers(uids.sequenceSet), change: wanted, flags: flags)))
    }

    /// UID COPY.
    /// - Returns: where the copies are, when the server tells (RFC 4315 §3).
    package func copy(_ uids: NumberSet, to name: MailboxName) async throws(UpstreamError) -> CopiedUIDs? {
        let text = try await run(.copy(transfer(uids, name)))
        return CopiedUIDs(text.code)
    }

    /// UID MOVE (RFC 6851), or copy, mark and expunge. The expunges come as events.
    package func move(_ uids: NumberSet, to name: MailboxName) async throws(UpstreamError) -> CopiedUIDs? {
        guard capabilities.contains("MOVE") || capabilities.contains("IMAP4REV2") else {
            let copied = try await copy(uids, to: name)
            try await store(uids, .add, [.deleted])
            try await expunge(uids)
            return copied
        }
        var copied: CopiedUIDs?
        let text = try await run(.move(transfer(uids, name))) { (response) throws(UpstreamError) in
            // RFC 6851 §4.3: COPYUID comes in an untagged OK, before the expunges.
            if case .condition(.ok, let text) = response, let found = CopiedUIDs(text.code) { copied = found }
            return false
        }
        return copied ?? CopiedUIDs(text.code)
    }

    /// Removes these messages, which are marked `\Deleted`, and no others. The expunges come as events.
    ///
    /// A server without UIDPLUS can only remove all that are marked. There the others' marks are taken away for the
    /// moment, and given back.
    package func expunge(_ uids: NumberSet) async throws(UpstreamError) {
        if capabilities.contains("UIDPLUS") || capabilities.contains("IMAP4REV2") {
            try await run(.expunge(uids: .numbers(uids.sequenceSet)))
            return
        }
        let marked = try await search(.flag(.deleted))
        let others = NumberSet(marked.numbers.filter { !uids.contains($0) })
        if !others.isEmpty { try await store(others, .remove, [.deleted]) }
        do {
            try await run(.expunge(uids: nil))
        } catch {
            if !others.isEmpty, isUsable { try await store(others, .add, [.deleted]) }
            throw error
        }
        if !others.isEmpty { try await store(others, .add, [.deleted]) }
    }

    private func transfer(_ uids: NumberSet, _ name: MailboxName) -> CopyCommand {
        CopyCommand(isUID: true, messages: .numbers(uids.sequenceSet), mailbox: names.upstream(name))
    }
}

extension CopiedUIDs {
    fileprivate init?(_ code: ResponseCode?) {
        guard case .copyUID(let validity, let source, let copies) = code else { return nil }
        let from = source.flatMap { $0.compactMap(UID.init(rawValue:)) }
        let to = copies.flatMap { $0.compactMap(UID.init(rawValue:)) }
        guard from.count == to.count else { return nil }
        self.init(uidValidity: validity, source: from, copies: to)
    }
}
