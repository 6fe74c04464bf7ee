internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import TLS

/// SELECT, EXAMINE, CLOSE, UNSELECT and CHECK (RFC 9051 §6.3.2, §6.4.1, §6.4.2; RFC 3501 §6.4.1).
extension IMAPSession {
    func select(_ command: SelectCommand, _ principal: Principal) async throws(Fault) -> Reply {
        guard !command.condStore, command.quickResync == nil else { return .bad("CONDSTORE is not offered") }
        let hadMailbox = selection != nil
        await closeMailbox()
        let (mailbox, view, summary) = try await ask { () async throws(EngineError) in
            let mailbox = try await self.engine.open(
                command.mailbox, for: principal, readOnly: command.isReadOnly)
            do throws(EngineError) {
                let (view, summary) = try await mailbox.begin()
                return (mailbox, view, summary)
            } catch {
                await mailbox.close()
                throw error
            }
        }
        let flags = Flag.system + summary.flags.filter { !$0.isSystem }
        let selection = Selection(mailbox, view: view, keywords: summary.flags)
        state = .selected(principal, selection)
        connection.output.append { (output) in
            if hadMailbox { output.appendUntagged(.ok, .closed, "The mailbox before is closed") }
            output.appendFlagsResponse(flags)
            output.appendExists(UInt32(summary.exists))
            if !usesRev2 { output.appendRecent(0) }
            if !usesRev2, let unseen = summary.firstUnseen {
                output.appendUntagged(.ok, .unseen(UInt32(unseen)), "First unseen")
            }
            output.appendUntagged(.ok, .uidValidity(summary.uidValidity), "UIDs valid")
            output.appendUntagged(.ok, .uidNext(summary.uidNext), "Next UID")
            output.appendUntagged(.ok, .permanentFlags(permanentFlags(summary, mailbox)), "Flags kept")
            if usesRev2 {
                let list = ListResponse(
                    attributes: [], delimiter: MailboxName.delimiter, name: mailbox.name.text, encodedName: [])
                output.appendList(list, utf8: true)
            }
        }
        return .ok("Selected", mailbox.isReadOnly ? .readOnly : .readWrite)
    }

    private func permanentFlags(_ summary: MailboxSummary, _ mailbox: OpenMailbox) -> [Flag] {
        guard !mailbox.isReadOnly, mailbox.rights.contains(.flag) else { return [] }
        return summary.permanentFlags + (summary.takesNewKeywords ? [Flag("\\*")] : [])
    }

    /// Expunges without telling, where that is allowed, and leaves.
    func close(_ selection: Selection) async throws(Fault) -> Reply {
        if !selection.mailbox.isReadOnly, selection.mailbox.rights.contains(.write) {
            try await ask { () async throws(EngineError) in try await selection.mailbox.expunge(nil) }
        }
        await closeMailbox()
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
