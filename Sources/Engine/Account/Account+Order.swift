internal import IMAPSyntax
internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Store

/// Sorting and threading: from what the cache remembers of each message, whatever the upstream can do.
extension Account {
    /// Messages whose place is looked up together.
    static let orderBatch = 500

    /// The messages of `view` that match, in the order of the criteria.
    func sort(
        _ id: CachedMailbox.ID, _ key: SearchKey, by criteria: [SortCriterion], in view: SequenceView
    ) async throws(EngineError) -> [UID] {
        let found = try await search(id, key, in: view)
        let keys = Set(criteria.map(\.key))
        let rows = try await rows(id, of: found, needs: criteria.needs) { SortRow($0, for: keys) }
        return MessageSort.numbers(of: rows, by: criteria).compactMap(UID.init(rawValue:))
    }

    /// The messages of `view` that match, in threads.
    func threads(
        _ id: CachedMailbox.ID, _ key: SearchKey, by algorithm: ThreadAlgorithm, in view: SequenceView
    ) async throws(EngineError) -> MessageThreads {
        let found = try await search(id, key, in: view)
        let rows = try await rows(id, of: found, needs: .order) { ThreadRow($0, for: algorithm) }
        return MessageThreading.threads(of: rows, by: algorithm)
    }

    /// One row for each message that is there. One that the upstream will not give stands without values rather than
    /// nowhere; while the upstream is away nothing is sorted wrongly.
    private func rows<Row>(
        _ id: CachedMailbox.ID, of uids: [UID], needs: MessageNeeds, _ row: (MessageData) -> Row
    ) async throws(EngineError) -> [Row] {
        var rows: [Row] = []
        rows.reserveCapacity(uids.count)
        for batch in uids.batches(of: Self.orderBatch) {
            let fetched = try await messages(id, Array(batch), needs: needs)
            rows += fetched.messages.map(row)
            guard let failure = fetched.failure else { continue }
            if case .refused = failure {} else { throw failure }
            let given = Set(fetched.messages.map(\.uid))
            rows += try await messages(id, batch.filter { !given.contains($0) }, needs: []).messages.map(row)
        }
        return rows
    }
}
