internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes

/// EMAILID, THREADID, SAVEDATE and PREVIEW (RFC 8474 §5, RFC 8514 §4.2, RFC 8970 §3).
extension IMAPSession {
    /// What extensions tell of these messages; nothing is asked when nothing is wanted.
    func particulars(
        _ uids: [UID], _ plan: FetchPlan, _ selection: Selection
    ) async throws(Fault) -> FoundParticulars {
        guard !plan.particularNeeds.isEmpty else { return FoundParticulars() }
        return try await ask { () async throws(EngineError) in
            try await selection.mailbox.particulars(uids, needs: plan.particularNeeds)
        }
    }

    /// One item. An EMAILID that can't be told now is left out: it has no NIL.
    static func append(_ item: FetchAttribute, of message: MessageParticulars, to output: inout [UInt8]) {
        switch item {
        case .emailID: if let id = message.emailID { output.appendFetchEmailID(id) }
        case .threadID: output.appendFetchThreadID(message.threadID)
        case .saveDate: output.appendFetchSaveDate(message.saveDate)
        case .preview: output.appendFetchPreview(message.preview.map { Array($0.utf8) })
        default: break
        }
    }
}
