package import MailTypes

/// A command with its tag.
package struct TaggedCommand: Hashable, Sendable {
    package var tag: [UInt8]
    package var command: Command

    package init(tag: [UInt8], command: Command) {
        self.tag = tag
        self.command = command
    }
}

/// What a client asks for: every command of RFC 3501 §6 and RFC 9051 §6, and those of the extensions named at each.
///
/// Both sides use it: the server parses one, the client of an upstream server encodes one. Toward an upstream a
/// `MailboxName` holds the upstream's own text, with the upstream's own delimiter.
package enum Command: Hashable, Sendable {
    case capability
    case noop
    case logout
    /// RFC 2971; nil when the client sent `NIL`.
    case id([IDField]?)

    case startTLS
    /// The initial response (RFC 4959) is decoded; empty when the client sent `=`.
    case authenticate(mechanism: String, initialResponse: [UInt8]?)
    case login(name: [UInt8], password: [UInt8])

    /// Capability names in upper case (RFC 5161).
    case enable([String])
    case select(SelectCommand)
    /// The uses are those of `USE` (RFC 6154 §3).
    case create(MailboxName, uses: [SpecialUse])
    case delete(MailboxName)
    case rename(MailboxName, to: MailboxName)
    case subscribe(MailboxName)
    case unsubscribe(MailboxName)
    case list(ListCommand)
    case lsub(reference: String, pattern: String)
    case namespace
    case status(MailboxName, [StatusItem])
    case append(AppendCommand)
    /// RFC 2177; ended by a line `DONE`, which is no command of its own.
    case idle

    case check
    case close
    case unselect
    /// With a set it is `UID EXPUNGE` (RFC 4315 §2.1).
    case expunge(uids: MessageSet?)
    case search(SearchCommand)
    case fetch(FetchCommand)
    case store(StoreCommand)
    case copy(CopyCommand)
    case move(CopyCommand)

    case sort(SortCommand)
    case thread(ThreadCommand)
    /// The tags of searches whose updates are to end (RFC 5267 §4.3.5).
    case cancelUpdate([[UInt8]])

    case replace(ReplaceCommand)
    /// The algorithm in upper case (RFC 4978 §3).
    case compress(String)
    /// RFC 8437 §3.
    case unauthenticate

    /// RFC 4314 §3.1.
    case setACL(MailboxName, identifier: String, RightsChange)
    /// RFC 4314 §3.2.
    case deleteACL(MailboxName, identifier: String)
    /// RFC 4314 §3.3.
    case getACL(MailboxName)
    /// RFC 4314 §3.4.
    case listRights(MailboxName, identifier: String)
    /// RFC 4314 §3.5.
    case myRights(MailboxName)
    /// RFC 9208 §4.1.1.
    case getQuota(root: String)
    /// RFC 9208 §4.1.2.
    case getQuotaRoot(MailboxName)
    /// RFC 9208 §4.1.3.
    case setQuota(root: String, [QuotaLimit])
    case getMetadata(GetMetadataCommand)
    /// At least one value; nil for the server's own metadata (RFC 5464 §4.3).
    case setMetadata(MailboxName?, [MetadataValue])
    /// Nil for `NONE`.
    case notify(NotifyCommand?)
    case multiSearch(MultiSearchCommand)
    /// `GENURLAUTH`; at least one.
    case generateURLs([URLRequest])
    /// `RESETKEY`; nil for all mailboxes, no mechanisms for all of them (RFC 4467 §7).
    case resetKey(MailboxName?, mechanisms: [String])
    /// `URLFETCH`; at least one, as the client wrote them.
    case fetchURLs([[UInt8]])
}

/// One field of `ID` (RFC 2971 §3.3); the value is nil for `NIL`.
package struct IDField: Hashable, Sendable {
    package var name: [UInt8]
    package var value: [UInt8]?

    package init(name: [UInt8], value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}

/// Which messages a command is about.
package enum MessageSet: Hashable, Sendable {
    case numbers(SequenceSet)
    /// `$`: the result of the last `SEARCH RETURN (SAVE)` (RFC 9051 §6.4.4.1).
    case saved
}
