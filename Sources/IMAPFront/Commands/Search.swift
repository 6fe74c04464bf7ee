internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import Mirror
internal import TLS

/// SEARCH (RFC 9051 §6.4.4, RFC 4731, RFC 5182, RFC 7162 §3.1.5, §3.1.6).
extension IMAPSession {
    func search(_ command: SearchCommand, _ tag: [UInt8], _ selection: Selection) async throws(Fault) -> Reply {
        let key = try resolve(command.key, selection)
        let found = try await ask { () async throws(EngineError) in
            try await selection.mailbox.search(key, in: selection.view)
        }
        let uids = NumberSet(found)
        let modSeq = try await modSeq(of: uids, command, selection)
        let numbers = command.isUID ? uids : selection.view.sequenceNumbers(of: uids)
        if let returns = command.returns { save(uids, returns, selection) }
        if usesRev2 || command.returns != nil {
            writeExtended(numbers, modSeq, command, tag)
        } else {
            connection.output.append { (output) in output.appendSearch(numbers, modSeq: modSeq) }
        }
        try await drain()
        return .ok("Searched")
    }

    /// Turns the client's sets of messages into UIDs.
    private func resolve(_ key: SearchKey, _ selection: Selection) throws(Fault) -> SearchKey {
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

    /// The greatest mod-sequence of the messages that are named in the answer, when the client has searched by it: with
    /// MIN or MAX but not ALL or COUNT only of those (RFC 4731 §3.2).
    private func modSeq(
        of uids: NumberSet, _ command: SearchCommand, _ selection: Selection
    ) async throws(Fault) -> ModSeq? {
        guard command.key.contains(where: { if case .modSeq = $0 { true } else { false } }) else { return nil }
        enableCondStore()
        let named = command.returns.map { Self.extremes(of: uids, $0) ?? uids } ?? uids
        return try await ask { () async throws(EngineError) in try await selection.mailbox.modSeq(of: named) }
    }

    /// The least and the greatest, as far as they are asked for; nil when all are.
    private static func extremes(of uids: NumberSet, _ returns: SearchCommand.Returns) -> NumberSet? {
        guard returns.isDisjoint(with: [.all, .count]), !returns.isDisjoint(with: [.min, .max]) else { return nil }
        var extremes: [UInt32] = []
        if returns.contains(.min), let min = uids.min { extremes.append(min) }
        if returns.contains(.max), let max = uids.max { extremes.append(max) }
        return NumberSet(extremes)
    }

    /// With SAVE the result is kept as `$`; with MIN or MAX but not ALL or COUNT only those (RFC 5182 §2.4).
    private func save(_ uids: NumberSet, _ returns: SearchCommand.Returns, _ selection: Selection) {
        guard returns.contains(.save) else { return }
        selection.saved = Self.extremes(of: uids, returns) ?? uids
    }

    private func writeExtended(
        _ numbers: NumberSet, _ modSeq: ModSeq?, _ command: SearchCommand, _ tag: [UInt8]
    ) {
        let returns = command.returns ?? .all
        // SAVE alone: the answer is in `$`, and nothing is said (RFC 5182 §2.1).
        guard returns != .save else { return }
        let response = ESearchResponse(
            tag: tag, isUID: command.isUID, min: returns.contains(.min) ? numbers.min : nil,
            max: returns.contains(.max) ? numbers.max : nil,
            count: returns.contains(.count) ? UInt32(numbers.count) : nil,
            all: returns.contains(.all) ? numbers.ranges : nil, modSeq: modSeq)
        connection.output.append { (output) in output.appendESearch(response) }
    }
}
