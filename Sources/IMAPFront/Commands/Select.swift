internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import Mirror
internal import TLS

/// SELECT, EXAMINE, CLOSE, UNSELECT and CHECK (RFC 9051 §6.3.2, §6.4.1, §6.4.2; RFC 3501 §6.4.1; RFC 7162 §3.1.8,
/// §3.2.5, §3.2.11).
extension IMAPSession {
    /// Changes written between two looks at how much is unsent.
    private static let batch = 500

    func select(_ command: SelectCommand, _ principal: Principal) async throws(Fault) -> Reply {
        let memory = try memory(command.quickResync)
        if selection != nil {
            await closeMailbox()
            connection.output.append { (output) in
                output.appendUntagged(.ok, .closed, "The mailbox before is closed")
            }
        }
        if command.condStore || memory != nil { enableCondStore() }
        let (mailbox, view, summary, missed) = try await ask { () async throws(EngineError) in
            let mailbox = try await self.engine.open(
                command.mailbox, for: principal, readOnly: command.isReadOnly)
            do throws(EngineError) {
                let (view, summary, missed) = try await mailbox.resume(memory)
                return (mailbox, view, summary, missed)
            } catch {
                await mailbox.close()
                throw error
            }
        }
        let objectID = try? await mailbox.objectID()
        let flags = Flag.system + summary.flags.filter { !$0.isSystem }
        let selection = Selection(mailbox, view: view, keywords: summary.flags)
        state = .selected(principal, selection)
        notifications?.known[mailbox.name] = nil
        if notifications?.selected != nil { await mailbox.watch(connection.signal) }
        connection.output.append { (output) in
            output.appendFlagsResponse(flags)
            output.appendExists(UInt32(summary.exists))
            if !usesRev2 { output.appendRecent(0) }
            if !usesRev2, !usesUIDOnly, let unseen = summary.firstUnseen {
                output.appendUntagged(.ok, .unseen(UInt32(unseen)), "First unseen")
            }
            output.appendUntagged(.ok, .uidValidity(summary.uidValidity), "UIDs valid")
            output.appendUntagged(.ok, .uidNext(summary.uidNext), "Next UID")
            // Only an upstream that is away, and was never asked, keeps it from being told (RFC 8474 §4.2).
            if let objectID { output.appendUntagged(.ok, .mailboxID(objectID), "Mailbox identified") }
            output.appendUntagged(.ok, .highestModSeq(summary.highestModSeq), "Highest")
            output.appendUntagged(.ok, .urlMechanisms([Engine.urlMechanism]), "URLs")
            output.appendUntagged(.ok, .permanentFlags(permanentFlags(summary, mailbox)), "Flags kept")
            if usesRev2 {
                let list = ListResponse(
                    attributes: [], delimiter: MailboxName.delimiter, name: mailbox.name.text, encodedName: [])
                output.appendList(list, utf8: true)
            }
        }
        if let missed { try await write(missed, selection) }
        return .ok("Selected", mailbox.isReadOnly ? .readOnly : .readWrite)
    }

    /// What a client remembers, as far as it makes sense.
    private func memory(_ resync: SelectCommand.QuickResync?) throws(Fault) -> OpenMailbox.Memory? {
        guard let resync else { return nil }
        guard usesQuickResync else { throw .reply(.bad("Enable QRESYNC first")) }
        var client = ClientMemory(modSeq: resync.modSeq, knownUIDs: resync.knownUIDs?.resolved(largest: 0))
        if let match = resync.match {
            client.landmarks = ClientMemory.Landmarks(
                numbers: match.numbers.resolved(largest: 0), uids: match.uids.resolved(largest: 0))
            guard client.landmarks != nil else { throw .reply(.bad("Expected as many UIDs as sequence numbers")) }
        }
        return OpenMailbox.Memory(uidValidity: resync.uidValidity, client: client)
    }

    private func write(_ missed: MissedMessages, _ selection: Selection) async throws(Fault) {
        connection.output.append { (output) in output.appendVanished(missed.vanished, isEarlier: true) }
        for (index, change) in missed.changed.enumerated() {
            try write(change, selection)
            if index % Self.batch == Self.batch - 1 { try await drain() }
        }
        try await drain()
    }

    private func permanentFlags(_ summary: MailboxSummary, _ mailbox: OpenMailbox) -> [Flag] {
        guard !mailbox.isReadOnly, mailbox.rights.contains(.flag) else { return [] }
        return summary.permanentFlags + (summary.takesNewKeywords ? [Flag("\\*")] : [])
    }

    /// Expunges without telling, where that is allowed, and leaves.
    func close(_ selection: Selection) async throws(Fault) -> Reply {
        guard !selection.mailbox.isReadOnly, selection.mailbox.rights.contains(.write) else { return await unselect() }
        var known = await countsAtLeave(of: selection)
        let marked = await markedAtClose(selection)
        try await ask { () async throws(EngineError) in try await selection.mailbox.expunge(nil) }
        await closeMailbox()
        if let marked { known?.remove(marked.count, unseen: marked.unseen) }
        notifications?.known[selection.mailbox.name] = known
        return .ok("Closed")
    }

    func unselect() async -> Reply {
        await closeMailbox()
        return .ok("Closed")
    }

    func check(_ selection: Selection) async throws(Fault) -> Reply {
        await selection.mailbox.refresh()
        return .ok("Done")
    }
}
