internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import TLS

/// COPY, MOVE and EXPUNGE (RFC 9051 §6.4.3, §6.4.7 to §6.4.9; RFC 4315).
extension IMAPSession {
    func copy(_ command: CopyCommand, _ selection: Selection) async throws(Fault) -> Reply {
        let uids = try selection.uids(command.messages, isUID: command.isUID)
        guard !uids.isEmpty else { return .ok("No messages") }
        let unseen = await unseenBefore(uids, to: command.mailbox, selection)
        do throws(EngineError) {
            let outcome = try await patiently { () async throws(EngineError) in
                try await selection.mailbox.copy(NumberSet(uids), to: command.mailbox)
            }
            noteOwn(outcome, in: command.mailbox, unseenBefore: unseen)
            return .ok("Copied", Self.code(outcome))
        } catch { throw Self.fault(toTarget: error) }
    }

    /// COPYUID comes before the EXPUNGEs (RFC 6851 §4.3), which the session reports.
    func move(_ command: CopyCommand, _ selection: Selection) async throws(Fault) -> Reply {
        let uids = try selection.uids(command.messages, isUID: command.isUID)
        guard !uids.isEmpty else { return .ok("No messages") }
        let unseen = await unseenBefore(uids, to: command.mailbox, selection)
        do throws(EngineError) {
            let outcome = try await patiently { () async throws(EngineError) in
                try await selection.mailbox.move(NumberSet(uids), to: command.mailbox)
            }
            noteOwn(outcome, in: command.mailbox, unseenBefore: unseen)
            if let code = Self.code(outcome) {
                connection.output.append { (output) in output.appendUntagged(.ok, code, "Moved") }
            }
            return telling(.ok("Moved"))
        } catch { throw Self.fault(toTarget: error) }
    }

    func expunge(_ messages: MessageSet?, _ selection: Selection) async throws(Fault) -> Reply {
        var uids: NumberSet?
        if let messages {
            uids = NumberSet(try selection.uids(messages, isUID: true))
            if uids?.isEmpty ?? false { return .ok("No messages") }
        }
        try await ask { () async throws(EngineError) in try await selection.mailbox.expunge(uids) }
        return telling(.ok("Expunged"))
    }

    /// A client that knows mod-sequences hears up to where it knows everything (RFC 7162 §3.2.7, §3.2.9).
    private func telling(_ reply: Reply) -> Reply {
        var reply = reply
        reply.tellsHighestModSeq = usesCondStore
        return reply
    }

    private static func code(_ outcome: CopyOutcome) -> ResponseCode? {
        guard let validity = outcome.uidValidity, !outcome.copies.isEmpty,
            outcome.source.count == outcome.copies.count
        else { return nil }
        return .copyUID(
            validity, source: UIDRanges.of(outcome.source), destination: UIDRanges.of(outcome.copies))
    }

    private static func fault(toTarget error: EngineError) -> Fault {
        if case .newEpoch = error { return .inconsistent }
        return .reply(reply(toTarget: error))
    }
}
