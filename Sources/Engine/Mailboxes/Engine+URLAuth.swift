internal import Bytes
internal import IMAPSyntax
package import MailTypes
internal import Store
internal import Vault

/// URLs with which others fetch a message or a part of one (URLAUTH, RFC 4467). A URL gives what the grant of who made it
/// gives when it is fetched, and only to whom it names, until it expires or its key is reset.
extension Engine {
    /// The one mechanism there is.
    package static let urlMechanism = "INTERNAL"
    private static let urlPurpose = "url authorization"

    /// Authorises a URL that the principal may read (GENURLAUTH, RFC 4467 §7).
    /// - Parameter rump: the URL up to its access, as octets.
    /// - Returns: the URL with its verifier; nil when it is none that she could authorise: another's, another server's, of
    ///   no message, or without an access that is known here.
    /// - Throws: `.noSuchMailbox` when she may not read there.
    package func authorize(_ rump: [UInt8], for principal: Principal) async throws(EngineError) -> [UInt8]? {
        guard let url = IMAPURL(rump), let server = url.server, isOwn(server), url.uid != nil,
            let mailbox = url.mailbox,
            let user = server.user, user.lowercased() == signInName(of: principal).lowercased(),
            let authorization = url.authorization, authorization.verifier == nil
        else { return nil }
        if case .application = authorization.access { return nil }
        let place = try resolve(mailbox, for: principal)
        let mac = vault.mac(Self.urlPurpose, try await message(rump[...], principal, place))
        return rump + Array(":\(Self.urlMechanism.lowercased()):\(mac.hexadecimal)".utf8)
    }

    /// Whom a URL is fetched for.
    package enum URLFetcher: Sendable {
        /// A mail client, by URLFETCH (RFC 4467 §7).
        case mailClient
        /// Our own submission server, for a mail client that sends (RFC 4468 §3.3).
        case submission
    }

    /// What an authorised URL names.
    /// - Parameter principal: who fetches it. A URL for a submission server (`submit+`) is none for a mail client.
    /// - Returns: nil when the URL is not good, or not for her, or names nothing that its maker may read now.
    package func octets(
        authorizedBy octets: [UInt8], for principal: Principal, by fetcher: URLFetcher = .mailClient
    ) async throws(EngineError) -> NamedOctets? {
        guard let url = IMAPURL(octets), let server = url.server, isOwn(server), let mailbox = url.mailbox,
            let authorization = url.authorization, let verifier = authorization.verifier,
            verifier.mechanism == Self.urlMechanism, let mac = Self.octets(ofHexadecimal: verifier.token),
            let rump = IMAPURL.rump(of: octets), isFor(authorization.access, principal, fetcher),
            authorization.expires.map({ moment.seconds <= $0.seconds }) ?? true,
            let maker = maker(server.user, principal),
            // Until the verifier is known to be good, every failure looks the same.
            let place = try? resolve(mailbox, for: maker), mac.count == Self.macSize,
            vault.isMAC(mac, Self.urlPurpose, of: try await message(rump, maker, place))
        else { return nil }
        do throws(EngineError) {
            return try await self.octets(of: url, in: mailbox, for: maker)
        } catch {
            // What is refused is not told apart from what is not there.
            if error == .noSuchMailbox || error == .noPermission { return nil }
            throw error
        }
    }

    /// Makes the principal's URLs bad that were made before (RESETKEY, RFC 4467 §7): all, or those into a mailbox.
    package func resetURLKeys(of mailbox: MailboxName?, for principal: Principal) async throws(EngineError) {
        let user = principal.userID
        let place: Place? = if let mailbox { try resolve(mailbox, for: principal) } else { nil }
        do {
            try await store.transaction { (transaction) throws(StoreError) in
                guard let place else { return try transaction.resetURLKeys(of: user) }
                try transaction.resetURLKey(of: user, place.account.id, place.mailbox)
            }
        } catch { throw EngineError(error) }
    }

    private static let macSize = 32

    /// What a verifier is made of: the key's place and its age, and the URL.
    private func message(
        _ rump: ArraySlice<UInt8>, _ maker: Principal, _ place: Place
    ) async throws(EngineError) -> [UInt8] {
        let (user, account, mailbox) = (maker.userID, place.account.id, place.mailbox)
        let counts: URLKeyCounts
        do {
            counts = try await store.read { (store) throws(StoreError) in
                try store.urlKeyCounts(of: user, account, mailbox)
            }
        } catch { throw EngineError(error) }
        return Array("\(user) \(counts.all) \(account) \(counts.mailbox) ".utf8) + rump
    }

    func isOwn(_ server: IMAPURL.Server) -> Bool {
        server.host.lowercased() == configuration.hostName.lowercased()
    }

    /// Whether the principal is one of those that a URL is for (RFC 4467 §2, `access`). Nobody signs in anonymously.
    private func isFor(_ access: IMAPURL.Access, _ principal: Principal, _ fetcher: URLFetcher) -> Bool {
        switch access {
        case .user(let name): name.lowercased() == principal.userName.lowercased()
        case .authenticated, .anonymous: true
        case .submission(let name):
            fetcher == .submission
                && [principal.userName, signInName(of: principal)].contains { $0.lowercased() == name.lowercased() }
        case .application: false
        }
    }

    /// Who has made a URL, as if she came from where it is fetched: a grant for some networks holds for those alone.
    private func maker(_ name: String?, _ fetcher: Principal) -> Principal? {
        guard let name = name.flatMap({ SignInName($0) }), let user = directory.user(named: name.user), user.isActive
        else {
            return nil
        }
        var scope = Principal.Scope.everything
        if let account = name.account {
            guard let account = directory.account(named: account) else { return nil }
            scope = .account(account.id)
        }
        return Principal(userID: user.id, userName: user.name, scope: scope, address: fetcher.address)
    }

    private static func octets(ofHexadecimal text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap(ASCII.hexValue)
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
