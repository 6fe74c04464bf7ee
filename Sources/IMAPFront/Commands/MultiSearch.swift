internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import Mirror
internal import TLS

/// ESEARCH: a search of several mailboxes (RFC 7377).
extension IMAPSession {
    func multiSearch(
        _ command: MultiSearchCommand, _ tag: [UInt8], _ principal: Principal
    ) async throws(Fault) -> Reply {
        let search = command.search
        if let refusal = refusal(of: search, tag, selection) { return refusal }
        let isOfSelected = command.sources.allSatisfy { $0 == .selected }
        if isOfSelected, selection == nil { return .bad("Select a mailbox first") }
        // What has a meaning in the selected mailbox alone (RFC 7377 §2.2).
        guard isOfSelected || search.returns?.contains(.save) != true else {
            return .bad("SAVE takes the selected mailbox alone")
        }
        guard isOfSelected || !search.key.contains(where: \.isOfSelected) else {
            return .bad("Sequence numbers and $ take the selected mailbox alone")
        }
        var names: [MailboxName] = []
        if isOfSelected {
            names = selection.map { [$0.mailbox.name] } ?? []
        } else {
            let all = try await ask { () async throws(EngineError) in try await self.engine.list(for: principal) }
            names = MailboxScope(
                command.sources, selected: selection?.mailbox.name,
                hasShared: !engine.namespaces(of: principal).shared.isEmpty
            ).names(among: all)
        }
        guard names.count <= configuration.limits.searchedMailboxes else {
            return .no("These are more than \(configuration.limits.searchedMailboxes) mailboxes", .limit)
        }
        // Only the selected mailbox's results are kept up to date.
        if search.returns?.contains(.update) == true, !names.contains(where: { $0 == selection?.mailbox.name }) {
            refuseUpdates(tag)
        }
        var failure: Reply?
        for name in names {
            if let reason = try await self.search(name, search, tag, principal) { failure = failure ?? reason }
            try await drain()
        }
        return failure ?? .ok("Searched")
    }

    /// Looks into one mailbox. One that is gone, or that she may not read, is passed over (RFC 7377 §2.1). Returns why
    /// another could not be searched.
    private func search(
        _ name: MailboxName, _ command: SearchCommand, _ tag: [UInt8], _ principal: Principal
    ) async throws(Fault) -> Reply? {
        if let selection, selection.mailbox.name == name {
            let key = try resolve(command.key, selection)
            let known = selection.view.seen
            let uids = try await askPatiently { () async throws(EngineError) in
                try await selection.mailbox.search(key, in: selection.view)
            }
            let results = SearchResults(uids.map(\.rawValue), command)
            save(results, command, selection)
            watch(results, key, command, tag, known, selection)
            try await write(results, command, tag, selection.mailbox, selection.view)
            return nil
        }
        let mailbox: OpenMailbox
        do throws(EngineError) { mailbox = try await engine.open(name, for: principal, readOnly: true) } catch {
            return error == .noSuchMailbox ? nil : Reply(error)
        }
        do throws(Fault) {
            let refusal = try await look(into: mailbox, command, tag)
            await mailbox.close()
            return refusal
        } catch {
            await mailbox.close()
            throw error
        }
    }

    private func look(
        into mailbox: OpenMailbox, _ command: SearchCommand, _ tag: [UInt8]
    ) async throws(Fault) -> Reply? {
        let view: SequenceView
        let uids: [UID]
        do throws(EngineError) {
            (view, _) = try await mailbox.begin()
            let last = view.lastUID
            let key = command.key.resolved(
                numbers: { _ in NumberSet() }, uids: { $0.resolved(largest: last) }, saved: NumberSet())
            let searched = view
            uids = try await patiently { () async throws(EngineError) in
                try await mailbox.search(key, in: searched)
            }
        } catch {
            return error == .noSuchMailbox ? nil : Reply(error)
        }
        try await write(SearchResults(uids.map(\.rawValue), command), command, tag, mailbox, view)
        return nil
    }

    /// Answers where something was found (RFC 7377 §2.1).
    private func write(
        _ results: SearchResults, _ command: SearchCommand, _ tag: [UInt8], _ mailbox: OpenMailbox,
        _ view: SequenceView
    ) async throws(Fault) {
        guard !results.uids.isEmpty else { return }
        var modSeq: ModSeq?
        if command.key.namesModSeq {
            enableCondStore()
            modSeq = try await ask { () async throws(EngineError) in try await mailbox.modSeq(of: results.named) }
        }
        guard var response = results.response(tag: tag, isUID: true, modSeq: modSeq, numbered: { $0 }) else { return }
        response.mailbox = mailbox.name.text
        response.uidValidity = view.epoch.uidValidity
        connection.output.append { (output) in output.appendESearch(response, utf8: usesRev2) }
    }
}

extension SearchKey {
    /// Of a single criterion: whether only the selected mailbox gives it a meaning.
    fileprivate var isOfSelected: Bool {
        switch self {
        case .numbers, .saved: true
        default: false
        }
    }
}
