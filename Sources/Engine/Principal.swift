package import Store

/// Who signed in, and how much of what she may see she asked for.
package struct Principal: Sendable, Hashable {
    /// What a sign-in opens.
    package enum Scope: Sendable, Hashable {
        /// Everything she has been granted, as one tree: `alice`.
        case everything
        /// One account as its own tree: `support*alice`.
        case account(AccountID)
    }

    /// The user's row in the store.
    package let userID: UserID
    package let userName: String
    package let scope: Scope
    /// The address she connects from, since grants may name networks; nil when it has none (a Unix socket).
    package let address: IPAddress?

    package init(userID: UserID, userName: String, scope: Scope, address: IPAddress?) {
        self.userID = userID
        self.userName = userName
        self.scope = scope
        self.address = address
    }
}
