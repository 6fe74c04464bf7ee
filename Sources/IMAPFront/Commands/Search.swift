internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import Mirror
internal import TLS

/// SEARCH (RFC 9051 §6.4.4, RFC 4731, RFC 5182).
extension IMAPSession {
    func search(_ command: SearchCommand, _ tag: [UInt8], _ selection: Selection) async throws(Fault) -> Reply {
        let key = try resolve(command.key, selection)
        let found = try await ask { () async throws(EngineError) in
            try await selection.mailbox.search(key, in: selection.view)
        }
        let uids = NumberSet(found)
        let numbers = command.isUID ? uids : selection.view.sequenceNumbers(of: uids)
        if let returns = command.returns { save(uids, returns, selection) }
        if usesRev2 || command.returns != nil {
            writeExtended(numbers, command, tag)
        } else {
            connection.output.append { (output) in output.appendSearch(numbers) }
        }
        try await drain()
        return .ok("Searched")
    }

    /// Turns the client's sets of messages into UIDs.
    private func resolve(_ key: SearchKey, _ selection: Selection) throws(Fault) -> SearchKey {
        guard !key.contains(where: { if case .modSeq = $0 { true } else { false } }) else {
            throw .reply(.bad("CONDSTORE is not offered"))
        }
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

    /// With SAVE the result is kept as `$`; with MIN or MAX but not ALL or COUNT only those (RFC 5182 §2.4).
    private func save(_ uids: NumberSet, _ returns: SearchCommand.Returns, _ selection: Selection) {
        guard returns.contains(.save) else { return }
        guard returns.isDisjoint(with: [.all, .count]), !returns.isDisjoint(with: [.min, .max]) else {
            selection.saved = uids
            return
        }
        var saved: [UInt32] = []
        if returns.contains(.min), let min = uids.min { saved.append(min) }
        if returns.contains(.max), let max = uids.max { saved.append(max) }
        selection.saved = NumberSet(saved)
    }

    private func writeExtended(_ numbers: NumberSet, _ command: SearchCommand, _ tag: [UInt8]) {
        let returns = command.returns ?? .all
        // SAVE alone: the answer is in `$`, and nothing is said (RFC 5182 §2.1).
        guard returns != .save else { return }
        let response = ESearchResponse(
            tag: tag, isUID: command.isUID, min: returns.contains(.min) ? numbers.min : nil,
            max: returns.contains(.max) ? numbers.max : nil,
            count: returns.contains(.count) ? UInt32(numbers.count) : nil,
            all: returns.contains(.all) ? numbers.ranges : nil)
        connection.output.append { (output) in output.appendESearch(response) }
    }
}
