package import IMAPSyntax
package import MailTypes
internal import Store
internal import Upstream

/// Quotas of the upstreams, through a principal's eyes (RFC 9208). A root is named `account/root`: two upstreams may
/// give the same name to roots of their own, and no account's name has a `/`.
extension Engine {
    /// The roots that govern a mailbox, and what is used and allowed under them: both empty where the upstream has no
    /// quotas.
    /// - Throws: `.noSuchMailbox` for one that is not there or that she may not read, `.unavailable` when the upstream
    ///   is away, since quotas are not kept.
    package func quotaRoots(
        of name: MailboxName, for principal: Principal
    ) async throws(EngineError) -> (roots: [String], quotas: [QuotaResponse]) {
        let place = try resolve(name, for: principal)
        guard try await place.account.folders().contains(where: { $0.listing.name == place.mailbox }) else {
            throw .noSuchMailbox
        }
        guard let account = directory.account(place.account.id)?.name else { throw .noSuchMailbox }
        let answer = try await place.account.quotaRoots(of: place.mailbox)
        return (
            answer.roots.map { Self.quotaRoot($0, of: account) },
            answer.quotas.map { $0.passedOn(as: Self.quotaRoot($0.root, of: account)) }
        )
    }

    /// What is used and allowed under a root.
    ///
    /// A root governs more mailboxes than one, and nobody tells which: she may ask for it when she may read any of the
    /// account's.
    /// - Returns: nil when there is no such root, or none that she may know of.
    package func quota(root: String, for principal: Principal) async throws(EngineError) -> QuotaResponse? {
        guard let end = root.firstIndex(of: Self.quotaRootDelimiter) else { return nil }
        let name = root[..<end]
        guard let branch = branches(of: principal).first(where: { $0.account.name == name }) else { return nil }
        guard let account = account(branch.account.id) else {
            throw .unavailable("the account \(branch.account.name) is not running")
        }
        let isVisible = try await account.folders().contains { folder in
            directory.rights(
                of: principal.userID, in: branch.account.id, mailbox: folder.listing.name, from: principal.address,
                at: moment
            ).contains(.read)
        }
        guard isVisible else { return nil }
        return try await account.quota(String(root[root.index(after: end)...]))?.passedOn(as: root)
    }

    private static let quotaRootDelimiter: Character = "/"

    private static func quotaRoot(_ root: String, of account: String) -> String {
        account + String(quotaRootDelimiter) + root
    }
}

extension Account {
    /// As the upstream answers.
    fileprivate func quotaRoots(
        of name: MailboxName
    ) async throws(EngineError) -> (roots: [String], quotas: [QuotaResponse]) {
        try await onLine { (client) async throws(UpstreamError) in try await client.quotaRoots(of: name) }
    }

    /// Nil where the upstream has no such root.
    fileprivate func quota(_ root: String) async throws(EngineError) -> QuotaResponse? {
        do throws(EngineError) {
            return try await onLine { (client) async throws(UpstreamError) in try await client.quota(root) }
        } catch {
            guard case .refused = error else { throw error }
            return nil
        }
    }
}

extension QuotaResponse {
    /// Under another name, with what can be said again: a resource's name is an atom, and a number has 63 bits
    /// (RFC 9208 §6).
    fileprivate func passedOn(as root: String) -> QuotaResponse {
        let sayable = resources.filter { resource in
            !resource.name.isEmpty
                && resource.name.utf8.allSatisfy {
                    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
                }
        }
        return QuotaResponse(
            root: root,
            resources: sayable.map { resource in
                Resource(
                    resource.name, usage: min(resource.usage, UInt64(Int64.max)),
                    limit: min(resource.limit, UInt64(Int64.max)))
            })
    }
}
