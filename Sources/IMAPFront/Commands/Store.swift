internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import Mirror
internal import TLS

/// STORE (RFC 9051 §6.4.6).
extension IMAPSession {
    /// Messages whose new flags are written together.
    private static let batch = 500

    func store(_ command: StoreCommand, _ selection: Selection) async throws(Fault) -> Reply {
        guard command.unchangedSince == nil else { return .bad("CONDSTORE is not offered") }
        guard !command.flags.contains(.recent) else { return .bad("\\Recent can't be set") }
        let uids = try selection.uids(command.messages, isUID: command.isUID)
        guard !uids.isEmpty else { return .ok("No messages") }
        let change: FlagChange =
            switch command.change {
            case .add: .add
            case .remove: .remove
            case .replace: .replace
            }
        let outcome = try await ask { () async throws(EngineError) in
            try await selection.mailbox.store(NumberSet(uids), change, command.flags)
        }
        // The client is told here, also of messages that had these flags before, or does not want to know.
        for modSeq in outcome.changes { selection.view.silence(modSeq) }
        if !command.isSilent { try await writeFlags(outcome.uids, selection) }
        return outcome.uids.count < uids.count
            ? .ok("Stored, but some messages are gone", .expungeIssued) : .ok("Stored")
    }

    private func writeFlags(_ uids: [UID], _ selection: Selection) async throws(Fault) {
        var start = 0
        while start < uids.count {
            let batch = Array(uids[start..<min(start + Self.batch, uids.count)])
            start += batch.count
            let fetched = try await ask { () async throws(EngineError) in
                try await selection.mailbox.messages(batch, needs: [])
            }
            for message in fetched.messages {
                guard let number = selection.view.sequenceNumber(of: message.uid) else { continue }
                announce(message.flags, selection)
                connection.output.append { (output) in
                    output.appendFetchStart(UInt32(number), uid: message.uid)
                    output.appendFetchFlags(message.flags)
                    output.appendFetchEnd()
                }
            }
            try await drain()
        }
    }
}
