internal import IMAPSyntax
package import MailTypes

/// Commands that change messages of the selected mailbox.
extension IMAPClient {
    /// UID STORE; the new flags come as events.
    /// - Parameter modSeq: messages that the server has changed since are left alone (RFC 7162 §3.1.3); only for a
    ///   mailbox that has mod-sequences.
    /// - Returns: the UIDs that were left alone.
    @discardableResult
    package func store(
        _ uids: NumberSet, _ change: StoreChange, _ flags: [Flag], unchangedSince modSeq: ModSeq? = nil
    ) async throws(UpstreamError) -> NumberSet {
        let wanted: StoreCommand.Change =
            switch change {
            case .add: .add
            case .remove: .remove
            case .replace: .replace
            }
        var refused = NumberSet()
        for set in uids.sequenceSets {
            let text = try await run(
                .store(
                    StoreCommand(
                        isUID: true, messages: .numbers(set), change: wanted, flags: flags, unchangedSince: modSeq)))
            if case .modified(let ranges) = text.code { for range in ranges { refused.insert(range) } }
        }
        return refused
    }

    /// UID COPY. When it takes several commands and one is refused, what those before it have copied stands.
    /// - Parameter made: hears of the copies of each command, when the server tells (RFC 4315 §3).
    /// - Returns: where the copies are, when the server tells.
    package func copy(
        _ uids: NumberSet, to name: MailboxName, made: (CopiedUIDs?) -> Void = { _ in }
    ) async throws(UpstreamError) -> CopiedUIDs? {
        var copied = Copying()
        for set in uids.sequenceSets {
            let copies = CopiedUIDs(try await run(.copy(transfer(set, name))).code)
            made(copies)
            copied.add(copies)
        }
        return copied.result
    }

    /// UID MOVE (RFC 6851), or copy, mark and expunge. The expunges come as events. When it takes several commands and one
    /// is refused, what those before it have moved stays moved.
    package func move(_ uids: NumberSet, to name: MailboxName) async throws(UpstreamError) -> CopiedUIDs? {
        guard capabilities.contains("MOVE") || capabilities.contains("IMAP4REV2") else {
            return try await moveByCopy(uids, to: name)
        }
        var copied = Copying()
        for set in uids.sequenceSets {
            var answer: CopiedUIDs?
            let text = try await run(.move(transfer(set, name))) { (response) in
                // RFC 6851 §4.3: COPYUID comes in an untagged OK, before the expunges.
                if case .condition(.ok, let text) = response, let found = CopiedUIDs(text.code) { answer = found }
                return false
            }
            copied.add(answer ?? CopiedUIDs(text.code))
        }
        return copied.result
    }

    /// One set after the other, so that no message is left in both mailboxes when the next is refused (RFC 6851 §3.3).
    private func moveByCopy(_ uids: NumberSet, to name: MailboxName) async throws(UpstreamError) -> CopiedUIDs? {
        var copied = Copying()
        for set in uids.sequenceSets {
            let copies = CopiedUIDs(try await run(.copy(transfer(set, name))).code)
            copied.add(copies)
            // What the server does not say it has copied stays where it is.
            let moved = copies.map { NumberSet($0.source) } ?? set.resolved(largest: .max)
            guard !moved.isEmpty else { continue }
            try await store(moved, .add, [.deleted])
            try await expunge(moved)
        }
        return copied.result
    }

    /// Removes these messages, which are marked `\Deleted`, and no others. The expunges come as events.
    ///
    /// A server without UIDPLUS can only remove all that are marked. There the others' marks are taken away for the
    /// moment, and given back.
    package func expunge(_ uids: NumberSet) async throws(UpstreamError) {
        if capabilities.contains("UIDPLUS") || capabilities.contains("IMAP4REV2") {
            for set in uids.sequenceSets { try await run(.expunge(uids: .numbers(set))) }
            return
        }
        let marked = try await search(.flag(.deleted))
        let others = NumberSet(marked.numbers.filter { !uids.contains($0) })
        guard others.count < marked.count else { return }
        if !others.isEmpty { try await store(others, .remove, [.deleted]) }
        do {
            try await run(.expunge(uids: nil))
        } catch {
            if !others.isEmpty, isUsable { try await store(others, .add, [.deleted]) }
            throw error
        }
        if !others.isEmpty { try await store(others, .add, [.deleted]) }
    }

    private func transfer(_ uids: SequenceSet, _ name: MailboxName) -> CopyCommand {
        CopyCommand(isUID: true, messages: .numbers(uids), mailbox: names.upstream(name))
    }
}

/// Puts together what several commands have copied: unknown as a whole when one of them did not say.
private struct Copying {
    private var all: CopiedUIDs?
    private var isUnknown = false

    var result: CopiedUIDs? { isUnknown ? nil : all }

    mutating func add(_ copied: CopiedUIDs?) {
        guard let copied, all == nil || all?.uidValidity == copied.uidValidity else {
            isUnknown = true
            return
        }
        all = all ?? CopiedUIDs(uidValidity: copied.uidValidity, source: [], copies: [])
        all?.source += copied.source
        all?.copies += copied.copies
    }
}

extension CopiedUIDs {
    /// How many UIDs one COPYUID may name.
    private static let limit = 1 << 20

    init?(_ code: ResponseCode?) {
        guard case .copyUID(let validity, let source, let copies) = code else { return nil }
        let counts = [source, copies].map { $0.reduce(0) { $0 + $1.count } }
        guard counts[0] == counts[1], counts[0] <= Self.limit else { return nil }
        let from = source.flatMap { $0.compactMap(UID.init(rawValue:)) }
        let to = copies.flatMap { $0.compactMap(UID.init(rawValue:)) }
        guard from.count == to.count else { return nil }
        self.init(uidValidity: validity, source: from, copies: to)
    }
}
