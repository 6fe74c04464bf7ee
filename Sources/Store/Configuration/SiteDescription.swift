package import Rules

/// Everything that the site file describes. Names refer to one another.
package struct SiteDescription: Sendable {
    package var users: [User] = []
    package var groups: [Group] = []
    package var servers: [Server] = []
    package var accounts: [AccountRecord] = []
    package var grants: [Grant] = []
    package var scanners: [Scanner] = []
    package var records: [Record] = []
    /// Mail on which no scanner takes any action, whatever its account.
    package var exceptions: Exceptions = .none
    package init() {}
}

/// What applying a site description did, object by object, in the order it was done.
package struct SiteChanges: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case user, group, server, account, grant, scanner, record, exceptions
    }

    package enum Action: String, Sendable {
        case added, changed, removed
        /// It was made by command and belongs to the site file from now on.
        case adopted
    }

    package struct Change: Hashable, Sendable {
        package let action: Action
        package let kind: Kind
        /// The object's name; for a grant `account → grantee`, for a scanner its account, for exceptions `all accounts`.
        package let name: String
        package init(_ action: Action, _ kind: Kind, _ name: String) {
            self.action = action
            self.kind = kind
            self.name = name
        }
    }

    package var changes: [Change] = []
    package init() {}
    package var isEmpty: Bool { changes.isEmpty }
}
