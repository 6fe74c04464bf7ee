import IMAPSyntax
import MailTypes

/// Random commands in the one form that the parser gives them, so that reading what was written gives them again.
struct RandomCommands {
    var dice: Dice

    mutating func command() -> Command {
        switch dice.below(34) {
        case 0: dice.pick([.capability, .noop, .logout, .startTLS, .namespace, .idle, .check, .close, .unselect])
        case 1: .id(dice.chance(4) ? nil : list(0...3) { IDField(name: $0.string(), value: $0.nstring()) })
        case 2: .authenticate(mechanism: "PLAIN", initialResponse: dice.chance(3) ? nil : octets(0...9))
        case 3: .login(name: string(), password: string())
        case 4: .enable(list(1...3) { $0.dice.pick(["CONDSTORE", "IMAP4REV2", "X=Y"]) })
        case 5: .select(select())
        case 6: .create(mailbox(), uses: list(0...2) { $0.dice.pick(SpecialUse.allCases) })
        case 7: dice.pick([.delete(mailbox()), .subscribe(mailbox()), .unsubscribe(mailbox())])
        case 8: .rename(mailbox(), to: mailbox())
        case 9: .list(listCommand())
        case 10: .lsub(reference: name(), pattern: name() + "%")
        case 11: .status(mailbox(), list(1...4) { $0.dice.pick(StatusItem.allCases) })
        case 12: .append(append())
        case 13: .expunge(uids: dice.chance(2) ? nil : messages())
        case 14: .copy(CopyCommand(isUID: dice.chance(2), messages: messages(), mailbox: mailbox()))
        case 15: .move(CopyCommand(isUID: dice.chance(2), messages: messages(), mailbox: mailbox()))
        case 16, 17: .store(store())
        case 18...20: .fetch(fetch())
        case 21...23: .search(search())
        default: extensionCommand()
        }
    }

    mutating func list<Member>(
        _ counts: ClosedRange<Int>, _ make: (inout RandomCommands) -> Member
    ) -> [Member] {
        (0..<counts.lowerBound + dice.below(counts.count)).map { _ in make(&self) }
    }

    mutating func octets(_ counts: ClosedRange<Int>) -> [UInt8] {
        list(counts) { UInt8($0.dice.below(256)) }
    }

    /// Any octets that a string can hold.
    mutating func string() -> [UInt8] {
        switch dice.below(6) {
        case 0: []
        case 1: dice.pick(["NIL", "nil", "a]b", "a b", "\"\\", "x{5}", "\r\n", "%*"]).octets
        case 2: octets(1...20).map { $0 == 0 ? 1 : $0 }
        case 3: [UInt8](repeating: 0x61, count: dice.pick([1024, 1025, 4096, 4097]))
        default: text()
        }
    }

    mutating func nstring() -> [UInt8]? { dice.chance(3) ? nil : string() }

    mutating func text() -> [UInt8] {
        dice.pick(["a", "Żółć", "two words", "日本", "a\nb", "", "🐎 \\ \""]).octets
    }

    mutating func name() -> String {
        dice.pick(["a", "a/b", "R&D", "Entwürfe", "日本/x", "🐎", "a\"b\\", "INBOX", "a b", "&", "ü&ü", "{3}", "a\tb"])
    }

    mutating func mailbox() -> MailboxName { MailboxName(name()) }

    mutating func sequence() -> SequenceSet {
        SequenceSet(
            list(1...4) { random in
                func bound(_ random: inout RandomCommands) -> SequenceSet.Bound {
                    random.dice.chance(5) ? .last : .number(UInt32.max >> UInt32(random.dice.below(32)))
                }
                let first = bound(&random)
                return SequenceSet.Element(first, random.dice.chance(2) ? first : bound(&random))
            })
    }

    /// A set without `*`.
    private mutating func numbered() -> SequenceSet {
        SequenceSet(
            list(1...4) { random in
                SequenceSet.Element(
                    .number(UInt32.max >> UInt32(random.dice.below(32))),
                    .number(UInt32.max >> UInt32(random.dice.below(32))))
            })
    }

    mutating func messages() -> MessageSet { dice.chance(6) ? .saved : .numbers(sequence()) }
    mutating func flag() -> Flag { dice.pick(Flag.system + [Flag("$Junk"), Flag("x"), Flag("\\Other")]) }
    mutating func modSeq() -> ModSeq { ModSeq(rawValue: dice.next() >> UInt64(1 + dice.below(63))) }

    mutating func moment() -> Moment {
        Moment(seconds: Int64(dice.below(4_000_000_000)), zone: dice.below(2879) - 1439)
    }

    mutating func date() -> CalendarDate { CalendarDate(moment()) }

    mutating func select() -> SelectCommand {
        var select = SelectCommand(mailbox: mailbox(), isReadOnly: dice.chance(2), condStore: dice.chance(3))
        if dice.chance(3) {
            select.quickResync = .init(
                uidValidity: UIDValidity(rawValue: UInt32(1 + dice.below(1 << 30))), modSeq: modSeq(),
                knownUIDs: dice.chance(2) ? nil : numbered(),
                match: dice.chance(2) ? nil : .init(numbers: numbered(), uids: numbered()))
        }
        return select
    }

    mutating func listCommand() -> ListCommand {
        var command = ListCommand(reference: name(), patterns: list(1...3) { $0.name() + "*" })
        if dice.chance(2) { command.selection = [.subscribed, .recursiveMatch] }
        if dice.chance(3) { command.selection.formUnion([.specialUse, .remote]) }
        if dice.chance(3) { command.returns = [.subscribed, .children] }
        if dice.chance(3) { command.returns.insert(.specialUse) }
        if dice.chance(3) { command.returns.insert(.myRights) }
        if dice.chance(3) { command.status = [.messages, .deleted] }
        if dice.chance(3) { command.metadata = list(1...2) { $0.entry() } }
        command.isExtended =
            !command.selection.isEmpty || !command.returns.isEmpty || !command.status.isEmpty
            || command.patterns.count > 1 || !command.metadata.isEmpty
        return command
    }

    mutating func append() -> AppendCommand {
        AppendCommand(
            mailbox: mailbox(),
            messages: list(1...3) {
                $0.message()
            })
    }

    mutating func store() -> StoreCommand {
        if dice.chance(4) {
            return StoreCommand(
                isUID: dice.chance(2), messages: messages(), change: dice.pick([.add, .remove, .replace]),
                isSilent: dice.chance(2), flags: [], gmailLabels: list(0...3) { $0.label() })
        }
        return StoreCommand(
            isUID: dice.chance(2), messages: messages(), change: dice.pick([.add, .remove, .replace]),
            isSilent: dice.chance(2), flags: list(0...3) { $0.flag() }, unchangedSince: dice.chance(2) ? nil : modSeq())
    }

    mutating func fetch() -> FetchCommand {
        var fetch = FetchCommand(
            isUID: dice.chance(2), messages: messages(), attributes: list(1...5) { $0.attribute() })
        if dice.chance(4) {
            fetch.changedSince = modSeq()
            fetch.vanished = dice.chance(2)
        }
        if dice.chance(5) { fetch.partial = range() }
        return fetch
    }

    mutating func attribute() -> FetchAttribute {
        let plain: [FetchAttribute] = [
            .uid, .flags, .internalDate, .size, .envelope, .body, .bodyStructure, .modSeq, .rfc822, .rfc822Header,
            .rfc822Text, .emailID, .threadID, .preview(isLazy: false), .preview(isLazy: true), .saveDate,
            .gmailMessageID, .gmailThreadID, .gmailLabels, .unknown("X-COLOUR"),
        ]
        let partial =
            dice.chance(2)
            ? nil : Partial(offset: dice.next() >> UInt64(dice.below(64)), count: UInt64(1 + dice.below(9999)))
        let part = list(0...3) { UInt32(1 + $0.dice.below(20)) }
        return switch dice.below(5) {
        case 0, 1: dice.pick(plain)
        case 2: .section(section(part), partial: partial, peek: dice.chance(2))
        case 3: .binary(part: part, partial: partial, peek: dice.chance(2))
        default: .binarySize(part: part)
        }
    }

    mutating func section(_ part: [UInt32]) -> BodySection {
        let text: BodySection.Text? =
            switch dice.below(6) {
            case 0: nil
            case 1: .header
            case 2: .text
            case 3: part.isEmpty ? nil : .mime
            case 4: .headerFields(list(1...3) { $0.string() })
            default: .headerFieldsNot(list(1...3) { $0.string() })
            }
        return BodySection(part: part, text: text)
    }

    private mutating func returns() -> SearchCommand.Returns {
        dice.pick([.all, [.min, .max], [.count, .save], [.update, .all], [.context, .count, .update]])
    }

    mutating func search() -> SearchCommand {
        var search = SearchCommand(
            isUID: dice.chance(2), returns: dice.chance(2) ? nil : returns(), charset: "UTF-8".octets,
            key: key(depth: 0))
        if search.returns?.contains(.update) == true, dice.chance(2) {
            search.updateAttributes = list(1...3) { $0.attribute() }
        }
        return search
    }

    mutating func key(depth: Int) -> SearchKey {
        switch dice.below(depth > 4 ? 20 : 25) {
        case 0: .all
        case 1: .flag(flag())
        case 2: .notFlag(flag())
        case 3: .recent
        case 4: .from(text())
        case 5: .to(text())
        case 6: dice.pick([.cc(text()), .bcc(text())])
        case 7: .subject(text())
        case 8: .header(name: string(), value: text())
        case 9: dice.pick([.body(text()), .text(text())])
        case 10: dice.pick([.before(date()), .on(date()), .since(date())])
        case 11: dice.pick([.sentBefore(date()), .sentOn(date()), .sentSince(date())])
        case 12: .older(UInt32(1 + dice.below(99)))
        case 13: .younger(UInt32(1 + dice.below(99)))
        case 14: .larger(dice.next())
        case 15: .smaller(dice.next())
        case 16: .modSeq(modSeq())
        case 17: .numbers(sequence())
        case 18: .uids(sequence())
        case 19: .saved
        case 20: .not(key(depth: depth + 1))
        case 21: .or(key(depth: depth + 1), key(depth: depth + 1))
        case 22: extensionKey()
        default: .and(list(2...4) { $0.key(depth: depth + 1) })
        }
    }
}
