internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes

/// EMAILID, THREADID, SAVEDATE and PREVIEW (RFC 8474 §5, RFC 8514 §4.2, RFC 8970 §3), and what only Gmail has.
extension IMAPSession {
    /// What extensions tell of these messages; nothing is asked when nothing is wanted.
    func particulars(
        _ uids: [UID], _ plan: FetchPlan, _ selection: Selection
    ) async throws(Fault) -> FoundParticulars {
        guard !plan.particularItems.isEmpty else { return FoundParticulars() }
        return try await ask { () async throws(EngineError) in
            try await selection.mailbox.particulars(uids, needs: plan.particularNeeds, gmail: plan.gmailItems)
        }
    }

    /// One item. What has no NIL is left out when it can't be told.
    func append(_ item: FetchAttribute, of message: MessageParticulars, to output: inout [UInt8]) {
        switch item {
        case .emailID: if let id = message.emailID { output.appendFetchEmailID(id) }
        case .threadID: output.appendFetchThreadID(message.threadID)
        case .saveDate: output.appendFetchSaveDate(message.saveDate)
        case .preview: output.appendFetchPreview(message.preview.map { Array($0.utf8) })
        case .gmailMessageID: if let id = message.gmailMessageID { output.appendFetchGmailMessageID(id) }
        case .gmailThreadID: if let id = message.gmailThreadID { output.appendFetchGmailThreadID(id) }
        case .gmailLabels:
            if let labels = message.gmailLabels { output.appendFetchGmailLabels(labels, utf8: usesRev2) }
        case .unknown(let name):
            let same = message.others.first { $0.name.utf8.equalsIgnoringASCIICase(name.utf8) }
            if let same { output.appendFetchUnread(same) }
        default: break
        }
    }
}
