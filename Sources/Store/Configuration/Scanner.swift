package import Rules

/// What happens to the mail of one account.
package struct Scanner: Hashable, Sendable {
    /// The account's name; each account has at most one scanner.
    package var account: String
    package var rules: ScannerRules

    package init(account: String, rules: ScannerRules) {
        self.account = account
        self.rules = rules
    }
}
