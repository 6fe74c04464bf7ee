import IMAPSyntax
import MailTypes

/// The commands of the extensions.
extension RandomCommands {
    mutating func extensionCommand() -> Command {
        switch dice.below(3) {
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
        default: .cancelUpdate(list(1...3) { $0.string() })
        }
    }

    mutating func range() -> ResultRange {
        ResultRange(UInt32(1 + dice.below(999)), UInt32(1 + dice.below(999)), isFromEnd: dice.chance(2))
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
