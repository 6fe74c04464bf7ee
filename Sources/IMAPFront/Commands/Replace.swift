internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import TLS

/// REPLACE and UID REPLACE (RFC 8508).
extension IMAPSession {
    /// Saves the message and removes the one that it stands for. APPENDUID comes before the EXPUNGE (RFC 8508 §3.3), which
    /// the session reports.
    func finishReplace(_ replace: ReplaceCommand, _ selection: Selection) async throws(Fault) -> Reply {
        guard let principal else { return .bad("Sign in first") }
        let messages = try await takeMessages([replace.message], principal)
        let uid = try replaced(replace, selection)
        guard let message = messages.first else { return .bad("Expected a message") }
        do throws(EngineError) {
            let outcome = try await selection.mailbox.replace(uid, by: message, in: replace.mailbox)
            noteOwn(outcome, of: [message], in: replace.mailbox)
            if let code = Self.code(outcome) {
                connection.output.append { (output) in output.appendUntagged(.ok, code, "Saved") }
            }
        } catch {
            if case .newEpoch = error { throw .inconsistent }
            return Self.reply(toTarget: error)
        }
        var reply = Reply.ok("Replaced")
        reply.tellsHighestModSeq = usesCondStore
        return reply
    }

    /// The message that is to be replaced.
    /// - Throws: a refusal when the client knows of none such.
    func replaced(_ replace: ReplaceCommand, _ selection: Selection) throws(Fault) -> UID {
        guard !usesUIDOnly || replace.isUID else { throw .reply(.bad("UIDONLY is enabled", .uidRequired)) }
        let set = SequenceSet([.init(replace.replaced, replace.replaced)])
        guard let uid = try selection.uids(.numbers(set), isUID: replace.isUID).first else {
            throw .reply(.no("There is no message to be replaced", .nonExistent))
        }
        return uid
    }
}

extension Fault {
    /// What a refusal says.
    var reply: Reply { if case .reply(let reply) = self { reply } else { .no("Not possible now", .unavailable) } }
}
