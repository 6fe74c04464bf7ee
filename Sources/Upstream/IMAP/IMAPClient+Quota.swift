package import IMAPSyntax
package import MailTypes

/// What a quota root allows, from QUOTA (RFC 9208; RFC 2087 has the same commands).
extension IMAPClient {
    /// Whether the server tells of quotas. RFC 2087 and RFC 9208 share the word.
    package var hasQuota: Bool { capabilities.contains("QUOTA") }

    /// GETQUOTAROOT (RFC 9208 §4.1.2): the roots that govern a mailbox, and what is told of them, in the server's order.
    /// Both are empty where the server has no quotas, and cut off at `IMAPLimits.quotaRoots`.
    package func quotaRoots(
        of name: MailboxName
    ) async throws(UpstreamError) -> (roots: [String], quotas: [QuotaResponse]) {
        guard hasQuota else { return ([], []) }
        var roots: [String] = []
        var quotas: [QuotaResponse] = []
        try await run(.getQuotaRoot(names.upstream(name))) { (response) in
            switch response {
            case .quotaRoot(_, let named): roots = Array(named.prefix(IMAPLimits.quotaRoots))
            case .quota(let quota): if quotas.count < IMAPLimits.quotaRoots { quotas.append(quota) }
            default: return false
            }
            return true
        }
        return (roots, quotas)
    }

    /// GETQUOTA (RFC 9208 §4.1.1); nil where the server has no quotas, or answers without one.
    package func quota(_ root: String) async throws(UpstreamError) -> QuotaResponse? {
        guard hasQuota else { return nil }
        var answer: QuotaResponse?
        try await run(.getQuota(root: root)) { (response) in
            guard case .quota(let quota) = response else { return false }
            if quota.root == root { answer = quota }
            return true
        }
        return answer
    }
}
