import IMAPSyntax
import MailTypes

/// The commands of the extensions.
extension RandomCommands {
    mutating func extensionCommand() -> Command {
        switch dice.below(5) {
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
        default: .cancelUpdate(list(1...3) { $0.string() })
        }
    }

    mutating func range() -> ResultRange {
        ResultRange(UInt32(1 + dice.below(999)), UInt32(1 + dice.below(999)), isFromEnd: dice.chance(2))
    }

    /// The name of a metadata entry.
    mutating func entry() -> String { dice.pick(["/private/comment", "/shared/a b", "/shared/vendor/x/\"(", "/"]) }

    mutating func objectID() -> ObjectID {
        guard let id = ObjectID(dice.pick(["M1", "T-2_x", String(repeating: "a", count: 255)]).octets) else {
            preconditionFailure("identifiers are well-formed")
        }
        return id
    }

    mutating func extensionKey() -> SearchKey {
        switch dice.below(4) {
        case 0: .emailID(objectID())
        case 1: .threadID(objectID())
        case 2: dice.pick([.savedBefore(date()), .savedOn(date()), .savedSince(date())])
        default: .saveDateSupported
        }
    }

    mutating func message() -> AppendCommand.Message {
        let size = UInt64(dice.pick([0, 1, 100, 5000]))
        return AppendCommand.Message(
            flags: list(0...2) { $0.flag() }, internalDate: dice.chance(2) ? nil : moment(),
            content: dice.chance(4) ? .utf8(size: size) : .literal(size: size, isBinary: dice.chance(3)))
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
