internal import Bytes
internal import MailTypes

/// Reads the items of a FETCH response, the frequent ones straight from the octets.
enum FetchReader {
    /// The items in parentheses, added to what the words before them say.
    static func read(_ start: FetchResponse, _ reader: inout ResponseReader) -> FetchResponse {
        var response = start
        guard reader.skip(UInt8(ascii: "(")) else {
            reader.quirks.insert(.unreadableResponse)
            return response
        }
        let isWhole = readItems(&reader, into: &response)
        reader.spaces()
        if !isWhole || !reader.isAtEnd {
            // A literal that is shorter or longer than it was announced, as a rule: where it ends nobody knows.
            reader.quirks.insert(.unreadableResponse)
            response.sections = []
        }
        return response
    }

    /// The body literal whose head ends what there is of a response; nil when it belongs to no section.
    static func body(before head: LiteralHead, in response: FramedResponse, size: UInt64) -> ResponseFramer.Body? {
        // A cheap look at what stands before the head, so that only body literals cost a pass over the response.
        let before = response.bytes[..<head.position]
        guard before.last == ASCII.space, let last = before.dropLast().last,
            last == UInt8(ascii: "]") || last == UInt8(ascii: ">") || ASCII.isLetter(last) || ASCII.isDigit(last)
        else { return nil }
        var reader = ResponseReader(
            FramedResponse(bytes: Array(before), streamed: response.streamed), limits: ResponseParser.Limits())
        guard reader.skip(UInt8(ascii: "*")) else { return nil }
        reader.spaces()
        guard let number = reader.number32(), number > 0 else { return nil }
        reader.spaces()
        var fetch: FetchResponse
        switch reader.word() {
        case .fetch: fetch = FetchResponse(sequenceNumber: number)
        case .uidFetch:
            fetch = FetchResponse(sequenceNumber: 0)
            fetch.uid = UID(number)
        default: return nil
        }
        reader.spaces()
        guard reader.skip(UInt8(ascii: "(")) else { return nil }
        _ = readItems(&reader, into: &fetch)
        guard let open = fetch.open else { return nil }
        return ResponseFramer.Body(
            sequenceNumber: fetch.sequenceNumber, uid: fetch.uid, section: open.section, isBinary: open.isBinary,
            origin: open.origin,
            size: size)
    }

    /// - Returns: whether every item ended where another may begin, and the closing parenthesis came.
    private static func readItems(_ reader: inout ResponseReader, into response: inout FetchResponse) -> Bool {
        var isWhole = true
        while !reader.isAtEnd {
            let last = reader.bytes[reader.position - 1]
            if last != UInt8(ascii: "("), last != ASCII.space, reader.peek != UInt8(ascii: ")"),
                reader.peek != ASCII.space
            {
                isWhole = false
            }
            reader.spaces()
            if reader.skip(UInt8(ascii: ")")) { return isWhole }
            let start = reader.position
            let name = reader.word()
            if reader.peek == ASCII.space || reader.peek == UInt8(ascii: "["), readItem(name, &reader, into: &response)
            {
                continue
            }
            // Not known, or not readable: pass over its name, a section in brackets and its value.
            reader.position = start
            skipItem(&reader, into: &response)
            if reader.position == start { return false }
        }
        return false
    }

    private static func skipItem(_ reader: inout ResponseReader, into response: inout FetchResponse) {
        let start = reader.position
        while !reader.isAtEnd, reader.peek != ASCII.space, reader.peek != UInt8(ascii: ")") {
            guard reader.peek == UInt8(ascii: "[") else {
                reader.position += 1
                continue
            }
            while !reader.isAtEnd, reader.peek != UInt8(ascii: "]") { reader.position += 1 }
        }
        let name = reader.text(start..<reader.position)
        reader.spaces()
        let value = reader.position
        reader.skipValue()
        guard response.unreadItems.count < reader.limits.unreadItems else { return }
        response.unreadItems.append(UnreadItem(name: name, value: reader.raw(value..<reader.position)))
    }

    /// False when the item is unknown or its value unreadable; the caller goes back to its start.
    private static func readItem(
        _ name: Keyword, _ reader: inout ResponseReader, into response: inout FetchResponse
    ) -> Bool {
        switch name {
        case .uid:
            reader.spaces()
            guard let uid = reader.lenientNumber().flatMap({ UInt32(exactly: $0) }).flatMap({ UID(rawValue: $0) })
            else { return false }
            response.uid = uid
        case .flags:
            reader.spaces()
            guard let flags = reader.flagList() else { return false }
            response.flags = flags
        case .rfc822Size:
            reader.spaces()
            guard let size = reader.lenientNumber() else { return false }
            response.size = size
        case .internalDate:
            reader.spaces()
            guard let value = reader.value(), let text = reader.nstring(value),
                let date = DateTime.parse(text) ?? reader.oddDate(text)
            else { return false }
            response.internalDate = date
        case .modSeq: return readModSeq(&reader, into: &response)
        case .envelope:
            reader.spaces()
            guard let value = reader.value(), let envelope = reader.envelope(value) else { return false }
            response.envelope = envelope
        case .bodyStructure:
            reader.spaces()
            guard let value = reader.value(), let structure = reader.bodyStructure(value) else { return false }
            response.bodyStructure = structure
        case .body where reader.peek == ASCII.space:
            reader.spaces()
            guard let value = reader.value(), let structure = reader.bodyStructure(value) else { return false }
            // BODYSTRUCTURE of the same response says more.
            response.bodyStructure = response.bodyStructure ?? structure
        case .body: return readSection(isBinary: false, &reader, into: &response)
        case .binary where reader.peek == UInt8(ascii: "["):
            return readSection(isBinary: true, &reader, into: &response)
        case .rfc822: return readContent(FetchedSection(section: .whole, content: .absent), &reader, into: &response)
        case .rfc822Header:
            let section = FetchedSection(section: BodySection(text: .header), content: .absent)
            return readContent(section, &reader, into: &response)
        case .rfc822Text:
            let section = FetchedSection(section: BodySection(text: .text), content: .absent)
            return readContent(section, &reader, into: &response)
        default: return readExtension(name, &reader, into: &response)
        }
        return true
    }

    private static func readModSeq(_ reader: inout ResponseReader, into response: inout FetchResponse) -> Bool {
        reader.spaces()
        let hasParenthesis = reader.skip(UInt8(ascii: "("))
        if !hasParenthesis { reader.quirks.insert(.bareModSeq) }
        guard let modSeq = reader.number() else { return false }
        if hasParenthesis { _ = reader.skip(UInt8(ascii: ")")) }
        response.modSeq = ModSeq(rawValue: modSeq)
        return true
    }

    /// `BODY[…]<…>` from its bracket on.
    private static func readSection(
        isBinary: Bool, _ reader: inout ResponseReader, into response: inout FetchResponse
    ) -> Bool {
        guard reader.skip(UInt8(ascii: "[")), let section = reader.section() else { return false }
        var fetched = FetchedSection(section: section, isBinary: isBinary, content: .absent)
        if reader.skip(UInt8(ascii: "<")) {
            fetched.origin = reader.number()
            // Some repeat the count as well: <0.1024>.
            while !reader.isAtEnd, !reader.skip(UInt8(ascii: ">")) { reader.position += 1 }
        }
        return readContent(fetched, &reader, into: &response)
    }

    private static func readContent(
        _ section: FetchedSection, _ reader: inout ResponseReader, into response: inout FetchResponse
    ) -> Bool {
        reader.spaces()
        guard !reader.isAtEnd else {
            response.open = section
            return true
        }
        var section = section
        guard let value = reader.value() else { return false }
        switch value {
        case .string(let octets): section.content = .inline(octets)
        case .streamed(let size): section.content = .streamed(size)
        case .atom(let range):
            guard reader.isNil(range) else { return false }
        case .list, .unread: return false
        }
        response.sections.append(section)
        return true
    }
}

extension ResponseReader {
    /// The inside of the brackets, the closing one taken.
    mutating func section() -> BodySection? {
        var section = BodySection.whole
        while ASCII.isDigit(peek) {
            guard let number = number32(), number > 0, section.part.count < limits.depth else { return nil }
            section.part.append(number)
            guard skip(UInt8(ascii: ".")) else { break }
        }
        if skip(UInt8(ascii: "]")) { return section }
        switch word() {
        case .header: section.text = .header
        case .text: section.text = .text
        case .mime: section.text = .mime
        case .headerFields:
            guard let names = headerNames() else { return nil }
            section.text = .headerFields(names)
        case .headerFieldsNot:
            guard let names = headerNames() else { return nil }
            section.text = .headerFieldsNot(names)
        default: return nil
        }
        return skip(UInt8(ascii: "]")) ? section : nil
    }

    private mutating func headerNames() -> [[UInt8]]? {
        spaces()
        guard case .list(let members)? = value() else { return nil }
        return members.compactMap { nstringOrAtom($0) }
    }

    /// A date with a one-digit hour or without its zone.
    mutating func oddDate(_ text: [UInt8]) -> Moment? {
        let words = text.split(separator: ASCII.space)
        guard words.count == 2 || words.count == 3 else { return nil }
        var complete = Array(words[0])
        complete.append(text: words[1].count == 7 ? " 0" : " ")
        complete.append(contentsOf: words[1])
        complete.append(ASCII.space)
        if words.count == 3, words[2].count == 5 {
            complete.append(contentsOf: words[2])
        } else {
            complete.append(text: "+0000")
        }
        guard let moment = DateTime.parse(complete) else { return nil }
        quirks.insert(.oddDate)
        return moment
    }
}
