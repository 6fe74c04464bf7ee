internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror
internal import TLS

/// Searches that are kept up to date: RETURN (UPDATE) and CANCELUPDATE (RFC 5267 §4.3).
extension IMAPSession {
    /// Keeps the search up to date when that is asked for, or says that it is not (RFC 5267 §4.3.1).
    func watch(
        _ results: SearchResults, _ key: SearchKey, by criteria: [SortCriterion] = [], _ command: SearchCommand,
        _ tag: [UInt8], _ seen: ModSeq, _ selection: Selection
    ) {
        guard command.returns?.contains(.update) == true else { return }
        let context = SearchContexts.Context(
            tag: tag, isUID: command.isUID, key: key, criteria: criteria, attributes: command.updateAttributes,
            uids: results.uids, seen: seen, newest: selection.view.lastUID)
        guard !selection.contexts.add(context, limit: configuration.limits.searchContexts) else { return }
        refuseUpdates(tag)
    }

    func refuseUpdates(_ tag: [UInt8]) {
        connection.output.append { (output) in
            output.appendUntagged(.no, .noUpdate(tag), "This search is not kept up to date")
        }
    }

    func cancelUpdate(_ tags: [[UInt8]], _ selection: Selection) -> Reply {
        guard tags.allSatisfy(selection.contexts.isKnown) else {
            return .bad("No search of that tag is kept up to date")
        }
        for tag in tags { _ = selection.contexts.remove(tag) }
        return .ok("Not kept up to date any more")
    }

    /// Before expunges are told: which results go with them, in the numbers that hold until then (RFC 5267 §4.3.4).
    func tellRemoved(_ updates: [ViewUpdate], _ before: SequenceView, _ selection: Selection) {
        guard !selection.contexts.isEmpty else { return }
        var gone: [UID] = []
        for case .expunge(_, let uid) in updates { gone.append(uid) }
        guard !gone.isEmpty else { return }
        for (context, changes) in selection.contexts.remove(expunged: NumberSet(gone)) {
            write(changes, of: context, before)
        }
    }

    /// What has become of one search: as it was before, and its changes in the numbers of a view.
    struct ChangedResults {
        let context: SearchContexts.Context
        let changes: [SearchContexts.Change]
        let view: SequenceView

        /// Messages that have come since and match.
        var arrived: [UInt32] {
            changes.filter { $0.kind == .add }.flatMap(\.uids).filter { $0 > context.newest }
        }
    }

    /// Which messages match now, and which do no longer (RFC 5267 §4.3.3, §4.3.4).
    func changedResults(_ selection: Selection) async -> [ChangedResults] {
        var all: [ChangedResults] = []
        for place in selection.contexts.all.indices {
            let context = selection.contexts.all[place]
            let view = selection.view
            guard context.seen != view.seen else { continue }
            do throws(EngineError) {
                // Those that were never seen have changed too. One that is gone before it was told of matches no longer.
                let known = view.uids(in: view.uidSet)
                let changed = NumberSet(try await selection.mailbox.changed(known, since: context.seen))
                guard !changed.isEmpty else { continue }
                let found = try await selection.mailbox.search(.and([.among(changed), context.key]), in: view)
                let matching = NumberSet(found)
                let results = try await ordered(
                    context.uids.filter { !changed.contains($0) || matching.contains($0) },
                    with: matching.subtracting(NumberSet(context.uids)), context, selection)
                let changes = selection.contexts.update(
                    place, to: results, seen: view.seen, newest: view.lastUID)
                all.append(ChangedResults(context: context, changes: changes, view: view))
            } catch {
                // The next change is another occasion: what is not noted is looked at again.
                log.debug("search not kept up to date", ["reason": "\(error)"])
            }
        }
        return all
    }

    func write(_ results: [ChangedResults]) {
        for result in results { write(result.changes, of: result.context, result.view) }
    }

    /// The results that stay and those that are new, in the order of the search. What a message is sorted by never
    /// changes; one that is gone before it was told of is left out.
    private func ordered(
        _ staying: [UInt32], with added: NumberSet, _ context: SearchContexts.Context, _ selection: Selection
    ) async throws(EngineError) -> [UInt32] {
        guard !added.isEmpty else { return staying }
        let all = NumberSet(ranges: NumberSet(staying).ranges + added.ranges)
        guard !context.criteria.isEmpty else { return Array(all.numbers) }
        return try await selection.mailbox.sort(.among(all), by: context.criteria, in: selection.view).map(\.rawValue)
    }

    private func write(
        _ changes: [SearchContexts.Change], of context: SearchContexts.Context, _ view: SequenceView
    ) {
        guard !changes.isEmpty else { return }
        let numbered = numbering(isUID: context.isUID, view)
        let updates = changes.map { change in
            ESearchResponse.Update(
                change.kind, at: change.position, SearchResults.ranges(of: change.uids.lazy.map(numbered)))
        }
        let response = ESearchResponse(tag: context.tag, isUID: context.isUID, updates: updates)
        connection.output.append { (output) in output.appendESearch(response) }
    }
}
