internal import Bytes
internal import MailTypes

/// Reads a command in one pass, choosing by the next octet or word and never going back.
package enum CommandParser {
    package struct Limits: Sendable {
        /// Nesting of search keys and lists.
        package var depth = 32
        /// Members of one list: attributes, flags, patterns, keys.
        package var listLength = 4_096
        /// Elements of one sequence set.
        package var setLength = 32_768

        package init() {}
    }

    /// The longest tag, in octets.
    package static let longestTag = 256

    /// Reads a whole command.
    /// - Parameter utf8: mailbox names are UTF-8 because the client has enabled IMAP4rev2; otherwise modified UTF-7.
    package static func parse(
        _ command: FramedCommand, utf8: Bool = false, limits: Limits = Limits()
    ) throws(IMAPSyntaxError) -> TaggedCommand {
        var reader = CommandReader(command, utf8: utf8, limits: limits)
        let tag = try reader.tag()
        let parsed = try reader.command()
        try reader.endOfCommand()
        return TaggedCommand(tag: tag, command: parsed)
    }

    /// Reads an APPEND or a REPLACE up to the head of a message literal, which is the last thing in `start`.
    package static func parseMessageStart(
        _ start: FramedCommand, utf8: Bool = false, limits: Limits = Limits()
    ) throws(IMAPSyntaxError) -> TaggedCommand {
        var reader = CommandReader(start, utf8: utf8, limits: limits)
        let tag = try reader.tag()
        let command = try reader.messageStart()
        try reader.endOfCommand()
        return TaggedCommand(tag: tag, command: command)
    }

    /// The tag that a command begins with, for the answer to one that can't be read; nil when there is none.
    package static func tag(of bytes: [UInt8]) -> [UInt8]? {
        let tag = bytes.prefix(longestTag + 1).prefix(while: CharacterClass.isTag)
        guard !tag.isEmpty, tag.count <= longestTag else { return nil }
        guard tag.endIndex == bytes.endIndex || bytes[tag.endIndex] == ASCII.space else { return nil }
        return Array(tag)
    }
}

extension CommandReader {
    /// The tag and the space after it.
    mutating func tag() throws(IMAPSyntaxError) -> [UInt8] {
        let range = try range(while: CharacterClass.isTag, "a tag")
        guard range.count <= CommandParser.longestTag else { throw .unexpected(position: 0, expected: "a shorter tag") }
        try space()
        return Array(bytes[range])
    }

    /// The command after its tag. The words stand in the order in which clients use them most.
    mutating func command() throws(IMAPSyntaxError) -> Command {
        let start = position
        switch word() {
        case .uid: return try uidCommand()
        case .noop: return .noop
        case .fetch: return .fetch(try fetch(isUID: false))
        case .idle: return .idle
        case .store: return .store(try store(isUID: false))
        case .search: return .search(try search(isUID: false))
        case .status: return try status()
        case .select: return .select(try select(isReadOnly: false))
        case .examine: return .select(try select(isReadOnly: true))
        case .append: return .append(try append(isStart: false))
        case .list: return .list(try list())
        case .lsub: return try lsub()
        case .expunge: return .expunge(uids: nil)
        case .close: return .close
        case .check: return .check
        case .copy: return .copy(try copy(isUID: false))
        case .move: return .move(try copy(isUID: false))
        case .capability: return .capability
        case .logout: return .logout
        case .id: return try identification()
        case .namespace: return .namespace
        case .unselect: return .unselect
        case .startTLS: return .startTLS
        case .authenticate: return try authenticate()
        case .login: return try login()
        case .enable: return try enable()
        case .create: return try create()
        case .delete: return .delete(try onlyMailbox())
        case .rename:
            let mailbox = try onlyMailbox()
            return .rename(mailbox, to: try onlyMailbox())
        case .subscribe: return .subscribe(try onlyMailbox())
        case .unsubscribe: return .unsubscribe(try onlyMailbox())
        default:
            position = start
            return try extensionCommand()
        }
    }

    /// A command of an extension that is neither old nor part of IMAP4rev2.
    private mutating func extensionCommand() throws(IMAPSyntaxError) -> Command {
        let start = position
        switch word() {
        case .sort: return .sort(try sort(isUID: false))
        case .thread: return .thread(try thread(isUID: false))
        case .cancelUpdate: return try cancelUpdate()
        case .replace: return .replace(try replace(isUID: false, isStart: false))
        case .compress:
            try space()
            return .compress(try upperCaseAtom("an algorithm"))
        case .unauthenticate: return .unauthenticate
        case .getMetadata: return .getMetadata(try getMetadata())
        case .setMetadata: return try setMetadata()
        case .notify: return .notify(try notify())
        case .extendedSearch: return .multiSearch(try multiSearch())
        case .generateURLs: return try generateURLs()
        case .resetKey: return try resetKey()
        case .fetchURLs: return try fetchURLs()
        default:
            position = start
            return try rightsOrQuota()
        }
    }

    /// The commands of ACL and QUOTA.
    private mutating func rightsOrQuota() throws(IMAPSyntaxError) -> Command {
        let start = position
        switch word() {
        case .setACL: return try setACL()
        case .deleteACL:
            let (mailbox, identifier) = try mailboxAndIdentifier()
            return .deleteACL(mailbox, identifier: identifier)
        case .getACL: return .getACL(try onlyMailbox())
        case .listRights:
            let (mailbox, identifier) = try mailboxAndIdentifier()
            return .listRights(mailbox, identifier: identifier)
        case .myRights: return .myRights(try onlyMailbox())
        case .getQuota:
            try space()
            return .getQuota(root: try utf8String())
        case .getQuotaRoot: return .getQuotaRoot(try onlyMailbox())
        case .setQuota: return try setQuota()
        default: throw .unknownCommand(position: start)
        }
    }

    private mutating func uidCommand() throws(IMAPSyntaxError) -> Command {
        try space()
        let start = position
        switch word() {
        case .fetch: return .fetch(try fetch(isUID: true))
        case .store: return .store(try store(isUID: true))
        case .search: return .search(try search(isUID: true))
        case .copy: return .copy(try copy(isUID: true))
        case .move: return .move(try copy(isUID: true))
        case .sort: return .sort(try sort(isUID: true))
        case .thread: return .thread(try thread(isUID: true))
        case .replace: return .replace(try replace(isUID: true, isStart: false))
        case .expunge:
            try space()
            return .expunge(uids: try messageSet())
        default: throw .unknownCommand(position: start)
        }
    }

    private mutating func onlyMailbox() throws(IMAPSyntaxError) -> MailboxName {
        try space()
        return try mailbox()
    }
}
