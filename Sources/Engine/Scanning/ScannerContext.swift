internal import MailTypes
internal import Rules
internal import Store

/// What a decision about an account's mail depends on besides the message: the configuration as it is now.
struct ScannerContext: Sendable {
    let account: AccountID
    let accountName: String
    /// For new Message-IDs.
    let domain: String
    let rules: ScannerRules
    let global: Exceptions
    let ours: Ours
    /// When the scanner was first switched on, in seconds since 1970; nil as long as it is not known.
    let startMark: Int64?

    /// Whether a message that came then is to be scanned at all.
    func isInScope(arrival: Int64, now: Int64) -> Bool {
        !rules.actions.isEmpty && !Rules.isBeforeStart(rules.start, startMark: startMark ?? now, arrival: arrival)
    }
}

/// The contexts of all accounts of one directory, made on demand and kept until the directory changes.
struct ScannerContexts: Sendable {
    private(set) var version: Int64?
    private var contexts: [AccountID: ScannerContext] = [:]
    private var users: [(EmailAddress, String)] = []

    /// When each scanner was first switched on.
    var startMarks: [ScannerID: Int64] = [:] {
        didSet { contexts = [:] }
    }

    /// The context of an account; nil when there is no such account. Without a scanner its rules have no actions.
    mutating func context(of account: AccountID, in directory: Directory) -> ScannerContext? {
        if version != directory.version {
            version = directory.version
            contexts = [:]
            users = directory.users.flatMap { user in user.addresses.map { ($0, user.name) } }
        }
        if let known = contexts[account] { return known }
        guard let record = directory.account(account)?.value else { return nil }
        let scanner = directory.scanner(of: account)
        let context = ScannerContext(
            account: account, accountName: record.name, domain: record.address.domainName.text,
            rules: scanner?.rules ?? ScannerRules(), global: directory.exceptions,
            ours: Ours(identities: record.sendingAddresses, users: users),
            startMark: scanner.flatMap { startMarks[$0.id] })
        contexts[account] = context
        return context
    }
}
