internal import Bytes
internal import MailTypes
internal import OAuth
internal import Store
internal import TokenSyntax

/// Signing in with a token that somebody else has issued.
extension SignInGate {
    /// Whether anybody's tokens are believed.
    var takesTokens: Bool { surroundings.tokens.map { !$0.isEmpty } ?? false }

    /// What a message with a token comes to.
    enum TokenRuling: Sendable {
        case signedIn(Principal)
        /// Nothing could be checked now.
        case unavailable
        /// What the client is told; for the log, whom it names or whose token it is, and why.
        case refused(BearerRefusal, name: String?, reason: String)
    }

    /// Looks at a client's message; counts nothing and holds nothing back.
    func ruling(on response: [UInt8], _ mechanism: BearerMechanism, _ peer: Peer) async -> TokenRuling {
        guard let tokens = surroundings.tokens else { return .unavailable }
        let message: BearerMessage
        do throws(TokenSyntaxError) { message = try BearerMessage(response, of: mechanism) } catch {
            return .refused(BearerRefusal(.invalidRequest), name: nil, reason: "no message of the mechanism")
        }
        let identity: TokenIdentity
        do throws(TokenRefusal) { identity = try await tokens.identity(of: message.token) } catch {
            switch error {
            case .unavailable: return .unavailable
            case .refused(let reason, let issuer):
                let refusal = tokens.refusal(reason, issuer: issuer)
                return .refused(refusal, name: message.authorization, reason: "\(reason)")
            }
        }
        func refused(_ user: Stored<User>?, _ reason: String) -> TokenRuling {
            .refused(BearerRefusal(.invalidToken), name: user?.name, reason: reason)
        }
        guard let user = user(identity.subject) else { return refused(nil, "the token is nobody's here") }
        guard let name = name(message.authorization, of: user, identity.subject) else {
            return refused(user, "the token is not of whom the client names")
        }
        guard let principal = principal(user, account: name.account, peer) else {
            return refused(user, "the user is inactive, or has no grant")
        }
        return .signedIn(principal)
    }

    /// The user whom an issuer names. Octets are compared, but for the case of ASCII: at the issuer somebody may have
    /// taken a name that only looks like hers.
    private func user(_ subject: TokenIdentity.Subject) -> Stored<User>? {
        let directory = surroundings.directory()
        switch subject {
        case .name(let name):
            return directory.user(named: name).flatMap { Self.isSame($0.name, name) ? $0 : nil }
        case .address(let text):
            // An address that two people share tells neither from the other.
            let owners = directory.users.filter { $0.addresses.contains { Self.isSame($0.description, text) } }
            return owners.count == 1 ? owners.first : nil
        }
    }

    /// The name that the user comes in under; nil when what the client says contradicts the token. It says what would
    /// come with a password: `alice`, `support*alice`, or the account alone. She may also go by what her issuer calls
    /// her, since her mail program may know no other name.
    private func name(
        _ authorization: String?, of user: Stored<User>, _ subject: TokenIdentity.Subject
    ) -> SignInName? {
        guard let authorization else { return SignInName(user: user.name, account: nil) }
        guard let wanted = SignInName(authorization) else { return nil }
        let isHers = [user.name, subject.text].contains { $0.lowercased() == wanted.user.lowercased() }
        if wanted.account != nil, !isHers { return nil }
        return SignInName(user: user.name, account: isHers ? wanted.account : wanted.user)
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        Array(left.utf8).equalsIgnoringASCIICase(Array(right.utf8))
    }
}
