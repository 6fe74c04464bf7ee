import Bytes
import IMAPSyntax
import MailTypes
import Testing

@Suite struct CommandRoundTripTests {
    @Test(arguments: [LiteralSupport.synchronizing, .minus, .plus], [false, true])
    func readsWhatWasWritten(_ literals: LiteralSupport, _ utf8: Bool) throws {
        let encoder = CommandEncoder(literals: literals, utf8: utf8)
        var random = RandomCommands(dice: Dice(seed: 9051))
        for round in 0..<1_500 {
            let command = TaggedCommand(tag: "t\(round)".octets, command: random.command())
            let wire = encoded(command, encoder)
            var parsed: [TaggedCommand] = []
            for case .command(let framed) in commandEvents([wire]) {
                parsed.append(try CommandParser.parse(framed, utf8: utf8))
            }
            #expect(parsed == [command], "\(String(decoding: wire, as: UTF8.self).debugDescription)")
            if parsed != [command] { return }
        }
    }

    @Test func waitsWhereAServerMust() {
        let command = TaggedCommand(tag: "a".octets, command: .login(name: "é".octets, password: "p".octets))
        #expect(
            CommandEncoder().encode(command)
                == [.bytes("a LOGIN {2}\r\n".octets), .awaitContinuation, .bytes("é p\r\n".octets)])
        #expect(CommandEncoder(literals: .plus).encode(command) == [.bytes("a LOGIN {2+}\r\né p\r\n".octets)])
        #expect(CommandEncoder(utf8: true).encode(command) == [.bytes("a LOGIN \"é\" p\r\n".octets)])
        let large = TaggedCommand(
            tag: "a".octets,
            command: .append(AppendCommand(mailbox: .inbox, messages: [.init(flags: [.seen], size: 4097)])))
        #expect(
            CommandEncoder(literals: .minus).encode(large)
                == [
                    .bytes("a APPEND \"INBOX\" (\\Seen) {4097}\r\n".octets), .awaitContinuation, .message(0),
                    .bytes("\r\n".octets),
                ])
    }

    @Test func namesTheCharsetOnlyWhereItMatters() {
        func text(_ key: SearchKey) -> String {
            let command = TaggedCommand(tag: "a".octets, command: .search(SearchCommand(isUID: true, key: key)))
            return CommandEncoder(literals: .plus).encode(command).map {
                if case .bytes(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { "" }
            }.joined()
        }
        #expect(text(.subject("a".octets)) == "a UID SEARCH SUBJECT \"a\"\r\n")
        #expect(text(.not(.subject("é".octets))) == "a UID SEARCH CHARSET UTF-8 NOT SUBJECT {2+}\r\né\r\n")
        #expect(text(.among(NumberSet([1, 2, 9] as [UInt32]))) == "a UID SEARCH UID 1:2,9\r\n")
        #expect(text(.among(NumberSet())) == "a UID SEARCH NOT ALL\r\n")
    }

    /// Whatever octets come, the framer and the parser end, and what parses can be written and read again.
    @Test func survivesMutations() {
        var random = RandomCommands(dice: Dice(seed: 3501))
        var dice = Dice(seed: 7888)
        let encoder = CommandEncoder(literals: .plus)
        for _ in 0..<3_000 {
            var wire = encoded(TaggedCommand(tag: "t".octets, command: random.command()), encoder)
            for _ in 0...dice.below(4) {
                let place = dice.below(wire.count + 1)
                switch dice.below(4) {
                case 0 where place < wire.count: wire[place] = UInt8(dice.below(256))
                case 1 where place < wire.count: wire.remove(at: place)
                case 2:
                    wire.insert(
                        contentsOf: dice.pick(["(", ")", "\"", "{9+}\r\n", "~", " ", "[", "\0"]).utf8, at: place)
                default: wire.insert(UInt8(dice.below(256)), at: place)
                }
            }
            for case .command(let framed) in commandEvents([wire + "\r\n".octets]) {
                guard let command = try? CommandParser.parse(framed, utf8: dice.chance(2)) else { continue }
                #expect(!encoded(command, encoder).isEmpty)
            }
        }
    }
}
