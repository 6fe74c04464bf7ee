internal import Bytes
package import MailTypes

/// The part of a section that is asked for: `<offset.count>` (RFC 9051 §6.4.5).
package struct Partial: Hashable, Sendable {
    package var offset: UInt64
    /// At least 1.
    package var count: UInt64

    package init(offset: UInt64, count: UInt64) {
        self.offset = offset
        self.count = count
    }

    /// The octets meant of a value of `size` octets; empty when the offset lies past the end.
    package func range(in size: Int) -> Range<Int> {
        let start = offset > UInt64(size) ? size : Int(offset)
        let (sum, overflowed) = UInt64(start).addingReportingOverflow(count)
        return start..<(overflowed || sum > UInt64(size) ? size : Int(sum))
    }
}

/// What `FETCH` can be asked for (RFC 9051 §6.4.5, RFC 3501 §6.4.5, RFC 3516, RFC 7162 §3.1.4). Macros are expanded.
package enum FetchAttribute: Hashable, Sendable {
    case uid
    case flags
    case internalDate
    /// `RFC822.SIZE`.
    case size
    case envelope
    /// `BODY` without a section: the structure without extension data.
    case body
    /// `BODYSTRUCTURE`.
    case bodyStructure
    case modSeq
    /// `BODY[…]<…>` and `BODY.PEEK[…]<…>`.
    case section(BodySection, partial: Partial?, peek: Bool)
    /// `RFC822`, answered under its own name like the next two (RFC 3501 §6.4.5).
    case rfc822
    case rfc822Header
    case rfc822Text
    /// `BINARY[…]` and `BINARY.PEEK[…]`: the part with its transfer encoding undone.
    case binary(part: [UInt32], partial: Partial?, peek: Bool)
    case binarySize(part: [UInt32])
    /// RFC 8474 §5.1.
    case emailID
    /// RFC 8474 §5.2.
    case threadID
    /// `PREVIEW`; `isLazy` wants it only where it is at hand (RFC 8970 §3.1, §4.1).
    case preview(isLazy: Bool)
    /// RFC 8514 §4.2.
    case saveDate
    /// `X-GM-MSGID`, Gmail's own like the next two.
    case gmailMessageID
    /// `X-GM-THRID`.
    case gmailThreadID
    /// `X-GM-LABELS`.
    case gmailLabels
    /// An item of a provider's own that is not known here: `X-…` in upper case.
    case unknown(String)
}

/// `FETCH` and `UID FETCH`.
package struct FetchCommand: Hashable, Sendable {
    package var isUID: Bool
    package var messages: MessageSet
    package var attributes: [FetchAttribute]
    /// `CHANGEDSINCE` (RFC 7162 §3.1.4.1).
    package var changedSince: ModSeq?
    /// `VANISHED` (RFC 7162 §3.2.6).
    package var vanished: Bool
    /// `PARTIAL`: only those of the messages (RFC 9394 §3.3).
    package var partial: ResultRange?

    package init(
        isUID: Bool = false, messages: MessageSet, attributes: [FetchAttribute], changedSince: ModSeq? = nil,
        vanished: Bool = false, partial: ResultRange? = nil
    ) {
        self.isUID = isUID
        self.messages = messages
        self.attributes = attributes
        self.changedSince = changedSince
        self.vanished = vanished
        self.partial = partial
    }
}

extension CommandReader {
    /// `FETCH`, the word taken.
    mutating func fetch(isUID: Bool) throws(IMAPSyntaxError) -> FetchCommand {
        try space()
        var fetch = FetchCommand(isUID: isUID, messages: try messageSet(), attributes: [])
        try space()
        if skip(UInt8(ascii: "(")) {
            repeat { try fetchAttribute(into: &fetch.attributes) } while try !closes(fetch.attributes.count)
        } else {
            try fetchAttribute(into: &fetch.attributes)
        }
        guard skip(ASCII.space) else { return fetch }
        try open()
        var count = 0
        repeat {
            count += 1
            switch word() {
            case .changedSince:
                try space()
                fetch.changedSince = try modSeq()
            case .vanished: fetch.vanished = true
            case .partial:
                try space()
                fetch.partial = try resultRange()
            default: throw unexpected("a fetch modifier")
            }
        } while try !closes(count)
        return fetch
    }

    /// One attribute, or the several that a macro stands for. Macros are read also within parentheses.
    mutating func fetchAttribute(into attributes: inout [FetchAttribute]) throws(IMAPSyntaxError) {
        let start = position
        switch word() {
        case .uid: attributes.append(.uid)
        case .flags: attributes.append(.flags)
        case .bodyPeek: attributes.append(try section(peek: true))
        case .body:
            guard peek == UInt8(ascii: "[") else { return attributes.append(.body) }
            attributes.append(try section(peek: false))
        case .rfc822Size: attributes.append(.size)
        case .internalDate: attributes.append(.internalDate)
        case .envelope: attributes.append(.envelope)
        case .bodyStructure: attributes.append(.bodyStructure)
        case .modSeq: attributes.append(.modSeq)
        case .rfc822: attributes.append(.rfc822)
        case .rfc822Header: attributes.append(.rfc822Header)
        case .rfc822Text: attributes.append(.rfc822Text)
        case .binary:
            let part = try binaryPart()
            attributes.append(.binary(part: part, partial: try partial(), peek: false))
        case .binaryPeek:
            let part = try binaryPart()
            attributes.append(.binary(part: part, partial: try partial(), peek: true))
        case .binarySize: attributes.append(.binarySize(part: try binaryPart()))
        case .fast: attributes.append(contentsOf: [.flags, .internalDate, .size])
        case .all: attributes.append(contentsOf: [.flags, .internalDate, .size, .envelope])
        case .full: attributes.append(contentsOf: [.flags, .internalDate, .size, .envelope, .body])
        case .emailID: attributes.append(.emailID)
        case .threadID: attributes.append(.threadID)
        case .preview: attributes.append(.preview(isLazy: skipsLazy()))
        case .saveDate: attributes.append(.saveDate)
        case .gmailMessageID: attributes.append(.gmailMessageID)
        case .gmailThreadID: attributes.append(.gmailThreadID)
        case .gmailLabels: attributes.append(.gmailLabels)
        default: attributes.append(.unknown(try unknownItem(from: start)))
        }
    }

    /// Octets of an unknown item's name.
    static let unknownItemLength = 64

    /// The name of an item that nobody here knows, just passed over.
    private func unknownItem(from start: Int) throws(IMAPSyntaxError) -> String {
        let name = bytes[start..<position].map(ASCII.uppercased)
        guard name.count > 2, name.count <= Self.unknownItemLength, name.starts(with: "X-".utf8) else {
            throw unexpected("a fetch attribute")
        }
        return String(lossy: name)
    }

    /// Takes ` (LAZY)`. Behind a single attribute the parenthesis may as well begin the modifiers of the command.
    private mutating func skipsLazy() -> Bool {
        let start = position
        if skip(ASCII.space), skip(UInt8(ascii: "(")), word() == .lazy, skip(UInt8(ascii: ")")) { return true }
        position = start
        return false
    }

    /// `section`, brackets included, with what is wanted of it.
    mutating func section(peek: Bool) throws(IMAPSyntaxError) -> FetchAttribute {
        try expect(UInt8(ascii: "["), "a section")
        var section = BodySection.whole
        if ASCII.isDigit(self.peek) { section.part = try partNumbers() }
        if !section.part.isEmpty {
            if skip(UInt8(ascii: ".")) { section.text = try sectionText(isPart: true) }
        } else if self.peek != UInt8(ascii: "]") {
            section.text = try sectionText(isPart: false)
        }
        try expect(UInt8(ascii: "]"), "a closing bracket")
        return .section(section, partial: try partial(), peek: peek)
    }

    /// `1.2.3`, stopping before a dot that no digit follows.
    private mutating func partNumbers() throws(IMAPSyntaxError) -> [UInt32] {
        var numbers: [UInt32] = []
        while true {
            guard numbers.count < limits.listLength else { throw .tooMany(position: position) }
            numbers.append(try positiveNumber())
            guard peek == UInt8(ascii: "."), position + 1 < end, ASCII.isDigit(bytes[position + 1]) else {
                return numbers
            }
            position += 1
        }
    }

    private mutating func sectionText(isPart: Bool) throws(IMAPSyntaxError) -> BodySection.Text {
        switch word() {
        case .header: return .header
        case .text: return .text
        case .headerFields: return .headerFields(try headerNames())
        case .headerFieldsNot: return .headerFieldsNot(try headerNames())
        case .mime where isPart: return .mime
        default: throw unexpected("a section")
        }
    }

    private mutating func headerNames() throws(IMAPSyntaxError) -> [[UInt8]] {
        try space()
        try open()
        var names: [[UInt8]] = []
        repeat { names.append(try astring()) } while try !closes(names.count)
        return names
    }

    private mutating func binaryPart() throws(IMAPSyntaxError) -> [UInt32] {
        try expect(UInt8(ascii: "["), "a section")
        let part = ASCII.isDigit(peek) ? try partNumbers() : []
        try expect(UInt8(ascii: "]"), "a closing bracket")
        return part
    }

    private mutating func partial() throws(IMAPSyntaxError) -> Partial? {
        guard skip(UInt8(ascii: "<")) else { return nil }
        let offset = try number64()
        try expect(UInt8(ascii: "."), "a dot")
        let start = position
        let count = try number64()
        guard count > 0 else { throw .unexpected(position: start, expected: "a number above zero") }
        try expect(UInt8(ascii: ">"), "a closing angle bracket")
        return Partial(offset: offset, count: count)
    }
}

extension CommandWriter {
    mutating func fetch(_ fetch: FetchCommand) {
        text(fetch.isUID ? "UID FETCH " : "FETCH ")
        set(fetch.messages)
        text(" ")
        list(fetch.attributes) { $0.attribute($1) }
        var modifiers: [String] = []
        if let modSeq = fetch.changedSince { modifiers.append("CHANGEDSINCE \(modSeq)") }
        if fetch.vanished { modifiers.append("VANISHED") }
        if let range = fetch.partial { modifiers.append("PARTIAL \(range)") }
        guard !modifiers.isEmpty else { return }
        text(" ")
        list(modifiers) { $0.text($1) }
    }

    /// An attribute as FETCH and NOTIFY name it.
    mutating func attribute(_ attribute: FetchAttribute) {
        switch attribute {
        case .uid: text("UID")
        case .flags: text("FLAGS")
        case .internalDate: text("INTERNALDATE")
        case .size: text("RFC822.SIZE")
        case .envelope: text("ENVELOPE")
        case .body: text("BODY")
        case .bodyStructure: text("BODYSTRUCTURE")
        case .modSeq: text("MODSEQ")
        case .section(let section, let partial, let peek):
            text(peek ? "BODY.PEEK" : "BODY")
            // Field names are astrings and may need a literal, so this is written through the writer.
            self.section(section)
            self.partial(partial)
        case .rfc822: text("RFC822")
        case .rfc822Header: text("RFC822.HEADER")
        case .rfc822Text: text("RFC822.TEXT")
        case .binary(let part, let partial, let peek):
            text(peek ? "BINARY.PEEK" : "BINARY")
            section(BodySection(part: part))
            self.partial(partial)
        case .binarySize(let part):
            text("BINARY.SIZE")
            section(BodySection(part: part))
        case .emailID: text("EMAILID")
        case .threadID: text("THREADID")
        case .preview(let isLazy): text(isLazy ? "PREVIEW (LAZY)" : "PREVIEW")
        case .saveDate: text("SAVEDATE")
        case .gmailMessageID: text("X-GM-MSGID")
        case .gmailThreadID: text("X-GM-THRID")
        case .gmailLabels: text("X-GM-LABELS")
        case .unknown(let name): text(name)
        }
    }

    private mutating func section(_ section: BodySection) {
        text("[")
        text(section.part.map(String.init).joined(separator: "."))
        if section.text != nil, !section.part.isEmpty { text(".") }
        switch section.text {
        case nil: break
        case .header: text("HEADER")
        case .text: text("TEXT")
        case .mime: text("MIME")
        case .headerFields(let names):
            text("HEADER.FIELDS ")
            list(names) { $0.astring($1) }
        case .headerFieldsNot(let names):
            text("HEADER.FIELDS.NOT ")
            list(names) { $0.astring($1) }
        }
        text("]")
    }

    private mutating func partial(_ partial: Partial?) {
        guard let partial else { return }
        text("<\(partial.offset).\(partial.count)>")
    }
}
