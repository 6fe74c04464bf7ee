internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import Mirror
internal import TLS

/// STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3).
extension IMAPSession {
    /// Messages whose new flags are written together.
    private static let batch = 500

    func store(_ command: StoreCommand, _ selection: Selection) async throws(Fault) -> Reply {
        guard !command.flags.contains(.recent) else { return .bad("\\Recent can't be set") }
        let uids = try selection.uids(command.messages, isUID: command.isUID)
        if command.unchangedSince != nil { enableCondStore() }
        guard !uids.isEmpty else { return .ok("No messages") }
        let change: FlagChange =
            switch command.change {
            case .add: .add
            case .remove: .remove
            case .replace: .replace
            }
        let outcome = try await ask { () async throws(EngineError) in
            try await selection.mailbox.store(
                NumberSet(uids), change, command.flags, unchangedSince: command.unchangedSince)
        }
        // The client is told here, also of messages that had these flags before, or does not want to know.
        for modSeq in outcome.changes { selection.view.silence(modSeq) }
        if !command.isSilent {
            try await write(outcome.uids, selection, withFlags: true)
        } else if usesCondStore {
            // RFC 7162 §3.1.3: the new mod-sequence is told all the same.
            try await write(outcome.uids, selection, withFlags: false)
        }
        let isComplete = outcome.uids.count + outcome.modified.count == uids.count
        guard outcome.modified.isEmpty else {
            // What stood in the way, so that the client need not ask.
            try await write(outcome.modified, selection, withFlags: true)
            let modified = NumberSet(outcome.modified)
            let named = command.isUID ? modified : selection.view.sequenceNumbers(of: modified)
            return isComplete || command.isUID
                ? .ok("Some messages had changed", .modified(named.ranges))
                : .no("Some messages had changed, and some are gone", .modified(named.ranges))
        }
        return isComplete ? .ok("Stored") : .ok("Stored, but some messages are gone", .expungeIssued)
    }

    private func write(_ uids: [UID], _ selection: Selection, withFlags: Bool) async throws(Fault) {
        var start = 0
        while start < uids.count {
            let batch = Array(uids[start..<min(start + Self.batch, uids.count)])
            start += batch.count
            let fetched = try await ask { () async throws(EngineError) in
                try await selection.mailbox.messages(batch, needs: [])
            }
            for message in fetched.messages {
                guard let number = selection.view.sequenceNumber(of: message.uid) else { continue }
                if withFlags { announce(message.flags, selection) }
                connection.output.append { (output) in
                    appendFetchStart(number, message.uid, to: &output)
                    if withFlags { output.appendFetchFlags(message.flags) }
                    if usesCondStore { output.appendFetchModSeq(message.modSeq) }
                    output.appendFetchEnd()
                }
            }
            try await drain()
        }
    }
}
