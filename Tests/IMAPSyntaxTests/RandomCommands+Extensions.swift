import IMAPSyntax
import MailTypes

/// The commands of the extensions.
extension RandomCommands {
    mutating func extensionCommand() -> Command {
        switch dice.below(14) {
        case 0:
            .sort(
                SortCommand(
                    criteria: list(1...3) {
                        SortCriterion($0.dice.pick(SortCriterion.Key.allCases), isReversed: $0.dice.chance(2))
                    }, search: partialSearch()))
        case 1:
            .thread(
                ThreadCommand(
                    algorithm: dice.pick(ThreadAlgorithm.allCases),
                    search: SearchCommand(isUID: dice.chance(2), charset: "US-ASCII".octets, key: key(depth: 0))))
        case 2:
            .replace(
                ReplaceCommand(
                    isUID: dice.chance(2), replaced: dice.chance(3) ? .last : .number(UInt32(1 + dice.below(9))),
                    mailbox: mailbox(), message: message()))
        case 3: dice.pick([.compress("DEFLATE"), .unauthenticate])
        case 4, 5: accessControl()
        case 6: quota()
        case 7:
            .getMetadata(
                GetMetadataCommand(
                    mailbox: dice.chance(3) ? nil : mailbox(), entries: list(1...3) { $0.entry() },
                    maxSize: dice.chance(2) ? nil : UInt32(dice.below(9999)),
                    depth: dice.pick(MetadataEntry.Depth.allCases)))
        case 8:
            .setMetadata(
                dice.chance(3) ? nil : mailbox(),
                list(1...3) { MetadataValue($0.entry(), $0.dice.chance(2) ? $0.nstring() : $0.octets(0...20)) })
        case 9: .notify(dice.chance(9) ? nil : notify())
        case 10:
            .multiSearch(
                MultiSearchCommand(sources: list(0...2) { $0.filter() }, search: uidSearch()))
        case 11: .generateURLs(list(1...2) { URLRequest(rump: $0.string(), mechanism: "INTERNAL") })
        case 12:
            dice.chance(2)
                ? .fetchURLs(list(1...3) { $0.string() })
                : .resetKey(dice.chance(3) ? nil : mailbox(), mechanisms: [])
        default: .cancelUpdate(list(1...3) { $0.string() })
        }
    }

    mutating func range() -> ResultRange {
        ResultRange(UInt32(1 + dice.below(999)), UInt32(1 + dice.below(999)), isFromEnd: dice.chance(2))
    }

    private mutating func uidSearch() -> SearchCommand {
        var search = partialSearch()
        search.isUID = true
        return search
    }

    private mutating func rights() -> AccessRights { dice.pick([[], [.lookup, .read], AccessRights("a9zcd"), .post]) }

    private mutating func accessControl() -> Command {
        let identifier = dice.pick(["alice", "-bob", "", "a b", "Żółć", "NIL"])
        return switch dice.below(4) {
        case 0:
            .setACL(
                mailbox(), identifier: identifier,
                dice.pick([.replace(rights()), .add(rights()), .remove(rights())]))
        case 1: .deleteACL(mailbox(), identifier: identifier)
        case 2: .listRights(mailbox(), identifier: identifier)
        default: dice.pick([.getACL(mailbox()), .myRights(mailbox())])
        }
    }

    private mutating func quota() -> Command {
        let root = dice.pick(["", "user/ä", "root"])
        return switch dice.below(3) {
        case 0: .getQuota(root: root)
        case 1: .getQuotaRoot(mailbox())
        default: .setQuota(root: root, list(0...2) { QuotaLimit($0.dice.pick(["STORAGE", "X-Y"]), $0.dice.next()) })
        }
    }

    private mutating func filter() -> MailboxFilter {
        switch dice.below(5) {
        case 0: .subtree(list(1...2) { $0.mailbox() })
        case 1: .subtreeOne(list(1...2) { $0.mailbox() })
        case 2: .mailboxes(list(1...2) { $0.mailbox() })
        default: dice.pick([.inboxes, .personal, .subscribed])
        }
    }

    private mutating func notify() -> NotifyCommand {
        var groups = list(0...2) { random in
            NotifyCommand.Group(
                random.filter(),
                random.dice.pick([
                    [], [.mailboxName, .subscriptionChange], [.messageNew([]), .messageExpunge, .flagChange],
                    [.serverMetadataChange, .mailboxMetadataChange, .other("X-NEW")],
                ]))
        }
        if groups.isEmpty || dice.chance(2) {
            let new = NotifyEvent.messageNew(list(0...2) { $0.attribute() })
            groups.append(
                .init(
                    dice.pick([.selected, .selectedDelayed]),
                    dice.pick([[], [new, .messageExpunge], [.annotationChange, .messageExpunge, new]])))
        }
        return NotifyCommand(tellsStatus: dice.chance(2), groups: groups)
    }

    /// The name of a metadata entry.
    mutating func entry() -> MetadataEntry {
        dice.pick(["/private/comment", "/shared/a b", "/shared/vendor/x/\"(", "/private"])
    }

    mutating func objectID() -> ObjectID {
        guard let id = ObjectID(dice.pick(["M1", "T-2_x", String(repeating: "a", count: 255)]).octets) else {
            preconditionFailure("identifiers are well-formed")
        }
        return id
    }

    mutating func extensionKey() -> SearchKey {
        switch dice.below(7) {
        case 4: .gmailRaw(text())
        case 5: dice.pick([.gmailMessageID(dice.next()), .gmailThreadID(dice.next())])
        case 6: .gmailLabel(label())
        case 0: .emailID(objectID())
        case 1: .threadID(objectID())
        case 2: dice.pick([.savedBefore(date()), .savedOn(date()), .savedSince(date())])
        default: .saveDateSupported
        }
    }

    /// A label of Gmail's.
    mutating func label() -> String {
        dice.pick(["\\Inbox", "\\a b", "\\", "", "Muy Importante", "Łódź", "R&D", "NIL"])
    }

    mutating func message() -> AppendCommand.Message {
        let size = UInt64(dice.pick([0, 1, 100, 5000]))
        return AppendCommand.Message(
            flags: list(0...2) { $0.flag() }, internalDate: dice.chance(2) ? nil : moment(),
            content: dice.chance(4)
                ? .utf8(size: size)
                : dice.chance(3) ? .catenated(parts()) : .literal(size: size, isBinary: dice.chance(3)))
    }

    private mutating func parts() -> [CatenatePart] {
        list(1...3) { random in
            let size = UInt64(random.dice.pick([0, 7, 4097]))
            return random.dice.chance(3)
                ? .text(size: size) : random.dice.chance(3) ? .utf8(size: size) : .url(random.string())
        }
    }

    private mutating func partialSearch() -> SearchCommand {
        var search = search()
        if dice.chance(2) {
            search.partial = range()
            search.returns = search.returns ?? []
        }
        return search
    }
}
