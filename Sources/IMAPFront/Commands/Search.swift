internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import Mirror
internal import TLS

/// SEARCH (RFC 9051 §6.4.4, RFC 4731, RFC 5182, RFC 5267 §4, RFC 7162 §3.1.5, §3.1.6, RFC 9394 §3.1), and what SORT and
/// THREAD share with it.
extension IMAPSession {
    func search(_ command: SearchCommand, _ tag: [UInt8], _ selection: Selection) async throws(Fault) -> Reply {
        // RFC 6855 §3: strings are in UTF-8 already.
        guard !usesUTF8 || command.charset == nil else { return .bad("UTF8=ACCEPT is enabled: no CHARSET") }
        if let refusal = refusal(of: command, tag, selection) { return refusal }
        let key = try resolve(command.key, selection)
        // What changes from here on is looked at again.
        let known = selection.view.seen
        let found = try await askPatiently { () async throws(EngineError) in
            try await selection.mailbox.search(key, in: selection.view)
        }
        let results = SearchResults(found.map(\.rawValue), command)
        let modSeq = try await modSeq(of: results.named, command, selection)
        save(results, command, selection)
        if usesRev2 || command.returns != nil || command.partial != nil {
            watch(results, key, command, tag, known, selection)
            write(results, modSeq, command, tag, selection)
        } else {
            let numbered = numbering(command, selection)
            let numbers = NumberSet(results.uids.lazy.map(numbered))
            connection.output.append { (output) in output.appendSearch(numbers, modSeq: modSeq) }
        }
        try await drain()
        return .ok("Searched")
    }

    /// What may not be asked for together (RFC 9394 §3.1), and a tag that means another search already (RFC 5267 §4.3).
    func refusal(of command: SearchCommand, _ tag: [UInt8], _ selection: Selection?) -> Reply? {
        let returns = command.returns ?? []
        if command.partial != nil, returns.contains(.all) { return .bad("PARTIAL and ALL can't be asked for together") }
        if returns.contains(.update), let selection, selection.contexts.isKnown(tag) {
            return .bad("The tag is that of a search that is kept up to date")
        }
        return nil
    }

    /// Turns the client's sets of messages into UIDs.
    func resolve(_ key: SearchKey, _ selection: Selection) throws(Fault) -> SearchKey {
        let view = selection.view
        var isBeyond = false
        let resolved = key.resolved(
            numbers: { set in
                guard let uids = view.uids(atSequenceNumbers: set.resolved(largest: UInt32(view.exists))) else {
                    isBeyond = true
                    return NumberSet()
                }
                return NumberSet(uids)
            },
            uids: { $0.resolved(largest: view.lastUID) }, saved: selection.saved)
        guard !isBeyond else { throw .reply(.bad("There is no message of that number")) }
        return resolved
    }

    /// The number that a message has in the answer: its UID, or its sequence number.
    func numbering(_ command: SearchCommand, _ selection: Selection) -> (UInt32) -> UInt32 {
        numbering(isUID: command.isUID, selection.view)
    }

    /// The same of a view.
    func numbering(isUID: Bool, _ view: SequenceView) -> (UInt32) -> UInt32 {
        if isUID { return { $0 } }
        return { uid in UID(rawValue: uid).flatMap(view.sequenceNumber(of:)).map { UInt32($0) } ?? 0 }
    }

    /// The greatest mod-sequence of the messages that are named in the answer, when the client has searched by it.
    func modSeq(
        of named: NumberSet, _ command: SearchCommand, _ selection: Selection
    ) async throws(Fault) -> ModSeq? {
        guard command.key.namesModSeq else { return nil }
        enableCondStore()
        return try await ask { () async throws(EngineError) in try await selection.mailbox.modSeq(of: named) }
    }

    /// With SAVE the result is kept as `$`.
    func save(_ results: SearchResults, _ command: SearchCommand, _ selection: Selection) {
        guard command.returns?.contains(.save) == true else { return }
        selection.saved = results.named
    }

    func write(
        _ results: SearchResults, _ modSeq: ModSeq?, _ command: SearchCommand, _ tag: [UInt8], _ selection: Selection
    ) {
        let response = results.response(
            tag: tag, isUID: command.isUID, modSeq: modSeq, numbered: numbering(command, selection))
        guard let response else { return }
        connection.output.append { (output) in output.appendESearch(response) }
    }
}

extension SearchKey {
    /// Whether a mod-sequence is asked for, by which a client shows that it knows them (RFC 7162 §3.1).
    var namesModSeq: Bool { contains { if case .modSeq = $0 { true } else { false } } }
}
