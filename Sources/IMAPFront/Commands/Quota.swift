internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import TLS

/// QUOTA (RFC 9208): what the upstreams tell of theirs. An account whose upstream tells nothing has no roots, which is an
/// answer like any other. Nothing is set here, and QUOTASET is not offered.
extension IMAPSession {
    func getQuotaRoot(_ name: MailboxName, _ principal: Principal) async throws(Fault) -> Reply {
        let answer = try await ask { () async throws(EngineError) in
            try await self.engine.quotaRoots(of: name, for: principal)
        }
        connection.output.append { (output) in
            output.appendQuotaRoots(answer.roots, of: name.text, utf8: speaksUTF8)
            for quota in answer.quotas { output.appendQuota(quota) }
        }
        return .ok("Quota roots told")
    }

    func getQuota(_ root: String, _ principal: Principal) async throws(Fault) -> Reply {
        let quota = try await ask { () async throws(EngineError) in
            try await self.engine.quota(root: root, for: principal)
        }
        guard let quota else { return .no("There is no such quota root", .nonExistent) }
        connection.output.append { (output) in output.appendQuota(quota) }
        return .ok("Quota told")
    }

    /// To SETQUOTA, whatever it names: that a root is there is not told either.
    static let quotasAreNotSetHere = Reply.no("Quotas are set at the upstream server", .noPermission)
}
