internal import Store

/// The name that somebody signs in under: `alice` for everything she may see, `support*alice` for one account.
package struct SignInName: Hashable, Sendable {
    /// Octets of the longest name that is looked up.
    package static let limit = 512
    /// Between the account and the user.
    package static let separator: Character = "*"

    package let user: String
    /// The account that alone is to be opened.
    package let account: String?

    /// Nil when either side of the separator is empty or the name is too long.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.limit, !text.utf8.contains(0) else { return nil }
        guard let star = text.lastIndex(of: Self.separator) else {
            self.init(user: text, account: nil)
            return
        }
        let account = text[..<star]
        let user = text[text.index(after: star)...]
        guard !account.isEmpty, !user.isEmpty else { return nil }
        self.init(user: String(user), account: String(account))
    }

    package init(user: String, account: String?) {
        self.user = user
        self.account = account
    }

    /// With the authorization identity that came beside the name: it is the user's own name, the account, or both.
    /// Nil when the two contradict one another.
    package func authorized(as identity: String?) -> SignInName? {
        guard let identity else { return self }
        if identity.lowercased() == user.lowercased() { return self }
        guard let wanted = SignInName(identity) else { return nil }
        if wanted.account != nil, wanted.user.lowercased() != user.lowercased() { return nil }
        let name = wanted.account ?? wanted.user
        guard let account else { return SignInName(user: user, account: name) }
        return account.lowercased() == name.lowercased() ? self : nil
    }
}

extension Engine {
    /// The name under which a principal has signed in: what names her, and the account that she alone asked for.
    package func signInName(of principal: Principal) -> String {
        guard case .account(let id) = principal.scope, let account = directory.account(id) else {
            return principal.userName
        }
        return "\(account.name)\(SignInName.separator)\(principal.userName)"
    }
}
