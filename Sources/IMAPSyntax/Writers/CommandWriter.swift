internal import Bytes
internal import MailTypes

/// Collects a command's segments: octets, and the places where the sender waits for a `+`.
struct CommandWriter {
    let encoder: CommandEncoder
    private(set) var segments: [CommandSegment] = []
    private var current: [UInt8] = []
    private var messageCount = 0

    init(_ encoder: CommandEncoder) { self.encoder = encoder }

    /// All segments; the line end is added.
    mutating func finish() -> [CommandSegment] {
        text("\r\n")
        cut()
        return segments
    }

    private mutating func cut() {
        guard !current.isEmpty else { return }
        segments.append(.bytes(current))
        current = []
    }

    mutating func bytes(_ bytes: [UInt8]) { current.append(contentsOf: bytes) }
    mutating func text(_ text: String) { current.append(text: text) }
    mutating func number(_ value: UInt64) { current.append(decimal: value) }

    /// A parenthesised list.
    mutating func list<Member>(_ members: [Member], _ write: (inout CommandWriter, Member) -> Void) {
        text("(")
        var isFirst = true
        for member in members {
            if !isFirst { text(" ") }
            isFirst = false
            write(&self, member)
        }
        text(")")
    }

    mutating func astring(_ value: [UInt8]) {
        if !value.isEmpty, value.allSatisfy(CharacterClass.isAString), !value.equalsIgnoringASCIICase("NIL".utf8) {
            bytes(value)
        } else {
            string(value)
        }
    }

    /// Quoted where that is allowed, else a literal. NUL can stand in neither and is left out.
    mutating func string(_ value: [UInt8]) {
        let isQuotable = value.allSatisfy {
            $0 != ASCII.nul && $0 != ASCII.cr && $0 != ASCII.lf && (encoder.utf8 || $0 < 0x80)
        }
        if isQuotable, value.count <= Self.longestQuoted {
            current.appendQuoted(value)
        } else {
            literal(value.filter { $0 != ASCII.nul })
        }
    }

    /// Longer strings become literals: some servers bound their lines tightly.
    private static let longestQuoted = 1_024

    mutating func nstring(_ value: [UInt8]?) {
        if let value { string(value) } else { text("NIL") }
    }

    /// `nstring`, or a binary literal for octets with NUL among them (RFC 3516 §4.4).
    mutating func binary(_ value: [UInt8]?) {
        guard let value, value.contains(ASCII.nul) else { return nstring(value) }
        text("~")
        literalHead(UInt64(value.count))
        bytes(value)
    }

    private mutating func literal(_ value: [UInt8]) {
        literalHead(UInt64(value.count))
        bytes(value)
    }

    private mutating func literalHead(_ size: UInt64) {
        let waits =
            switch encoder.literals {
            case .synchronizing: true
            case .minus: size > 4_096
            case .plus: false
            }
        text("{")
        number(size)
        text(waits ? "}\r\n" : "+}\r\n")
        guard waits else { return }
        cut()
        segments.append(.awaitContinuation)
    }

    /// The head of a message literal and the place where the message goes.
    mutating func message(size: UInt64, isBinary: Bool) {
        if isBinary { text("~") }
        literalHead(size)
        cut()
        segments.append(.message(messageCount))
        messageCount += 1
    }

    // MARK: Shared pieces

    mutating func mailbox(_ name: MailboxName) { self.name(name.text) }

    /// A mailbox name or a pattern, always quoted or a literal.
    mutating func name(_ name: String) {
        string(encoder.utf8 ? Array(name.utf8) : ModifiedUTF7.encode(name))
    }

    mutating func set(_ set: MessageSet) {
        switch set {
        case .numbers(let numbers): current.append(sequenceSet: numbers)
        case .saved: text("$")
        }
    }

    mutating func sequence(_ set: SequenceSet) { current.append(sequenceSet: set) }

    mutating func flags(_ flags: [Flag]) {
        list(flags) { $0.text($1.name) }
    }

    mutating func dateTime(_ moment: Moment) {
        text("\"")
        DateTime.append(moment, to: &current)
        text("\"")
    }

    mutating func date(_ date: CalendarDate) { DateTime.append(date, to: &current) }
}
