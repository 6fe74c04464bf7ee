internal import Bytes
internal import MailTypes

/// Reads a response leniently: one odd value is one missing value.
package struct ResponseParser: Sendable {
    package struct Limits: Sendable {
        /// Nesting of parentheses; deeper ones are skipped as one bad value.
        package var depth = 128
        /// Items of one FETCH response that are kept although they are not understood.
        package var unreadItems = 64
        /// Octets of the value of one of them.
        package var unreadItem = 4_096

        package init() {}
    }

    package var limits: Limits
    /// Mailbox names are UTF-8, since IMAP4rev2 or UTF8=ACCEPT was enabled; otherwise modified UTF-7.
    package var utf8: Bool
    /// The leniencies needed since the parser was made, each once.
    package private(set) var quirks: Set<Quirk> = []

    package init(utf8: Bool = false, limits: Limits = Limits()) {
        self.utf8 = utf8
        self.limits = limits
    }

    /// Reads one response; throws only when not even its kind can be told.
    package mutating func parse(_ response: FramedResponse) throws(IMAPSyntaxError) -> Response {
        var reader = ResponseReader(response, limits: limits, utf8: utf8)
        defer { if !reader.quirks.isEmpty { quirks.formUnion(reader.quirks) } }
        if reader.skip(UInt8(ascii: "+")) {
            _ = reader.skip(ASCII.space)
            return .continuation(Array(reader.bytes[reader.position...]))
        }
        let tag = reader.bareRange()
        guard !tag.isEmpty else { throw .unexpected(position: 0, expected: "a tag, * or +") }
        reader.spaces()
        if tag.count == 1, reader.bytes[tag.lowerBound] == UInt8(ascii: "*") {
            return .untagged(reader.untagged())
        }
        guard let word = reader.upperCaseWord(), let condition = Condition(rawValue: word),
            condition == .ok || condition == .no || condition == .bad
        else { throw .unexpected(position: tag.upperBound, expected: "OK, NO or BAD") }
        return .tagged(tag: Array(reader.bytes[tag]), condition, reader.responseText())
    }
}

extension ResponseReader {
    /// An untagged response, `* ` taken.
    mutating func untagged() -> UntaggedResponse {
        if ASCII.isDigit(peek), let number = number() {
            spaces()
            let start = position
            if let response = numbered(UInt32(clamping: number), fits: number <= UInt64(UInt32.max)) { return response }
            position = start
            quirks.insert(.unreadableResponse)
            return .other(upperCaseWord() ?? "")
        }
        let start = position
        guard let word = upperCaseWord() else { return .other("") }
        if let condition = Condition(rawValue: word) { return .condition(condition, responseText()) }
        spaces()
        if let response = data(word) { return response }
        position = start
        return .other(word)
    }

    private mutating func numbered(_ number: UInt32, fits: Bool) -> UntaggedResponse? {
        guard fits else { return nil }
        switch word() {
        case .fetch where number > 0:
            spaces()
            return .fetch(FetchReader.read(FetchResponse(sequenceNumber: number), &self))
        case .uidFetch where number > 0:
            spaces()
            var response = FetchResponse(sequenceNumber: 0)
            response.uid = UID(number)
            return .uidFetch(FetchReader.read(response, &self))
        case .exists: return .exists(number)
        case .recent: return .recent(number)
        case .expunge where number > 0: return .expunge(number)
        default: return nil
        }
    }

    /// Nil for what is not known; what is known and can't be read is a quirk as well.
    private mutating func data(_ word: String) -> UntaggedResponse? {
        let response: UntaggedResponse?
        switch word {
        case "LIST": response = listResponse().map { .list($0) }
        case "LSUB": response = listResponse().map { .lsub($0) }
        case "STATUS": response = statusResponse().map { .status($0) }
        case "SEARCH":
            let (numbers, modSeq) = searchResponse()
            response = .search(numbers, modSeq: modSeq)
        case "SORT":
            let (numbers, modSeq) = searchResponse()
            response = .sort(numbers, modSeq: modSeq)
        case "THREAD": response = threadResponse()
        case "ESEARCH": response = .esearch(esearchResponse())
        case "FLAGS": response = flagList().map { .flags($0) }
        case "CAPABILITY": response = .capability(upperCaseWords())
        case "ENABLED": response = .enabled(upperCaseWords())
        case "VANISHED": response = vanishedResponse()
        case "NAMESPACE": response = namespaces().map { .namespace($0) }
        case "ID": response = identification()
        default: return extensionData(word)
        }
        if response == nil { quirks.insert(.unreadableResponse) }
        return response
    }

    private mutating func extensionData(_ word: String) -> UntaggedResponse? {
        let response: UntaggedResponse?
        switch word {
        case "ACL": response = aclResponse().map { .acl($0) }
        case "LISTRIGHTS": response = listRightsResponse().map { .listRights($0) }
        case "MYRIGHTS": response = myRightsResponse()
        case "QUOTA": response = quotaResponse().map { .quota($0) }
        case "QUOTAROOT": response = quotaRootResponse()
        case "METADATA": response = metadataResponse()
        case "GENURLAUTH": response = .generatedURLs(remainingStrings())
        case "URLFETCH": response = fetchedURLs()
        default: return nil
        }
        if response == nil { quirks.insert(.unreadableResponse) }
        return response
    }

    mutating func upperCaseWords() -> [String] {
        var words: [String] = []
        while let word = upperCaseWord() {
            words.append(word)
            spaces()
        }
        return words
    }

    private mutating func vanishedResponse() -> UntaggedResponse? {
        var isEarlier = false
        if peek == UInt8(ascii: "(") {
            skipValue()
            spaces()
            isEarlier = true
        }
        return ranges().map { .vanished(NumberSet(ranges: $0), earlier: isEarlier) }
    }

    private mutating func identification() -> UntaggedResponse? {
        guard let value = value() else { return nil }
        guard case .list(let members) = value else { return .id(nil) }
        var fields: [IDField] = []
        for index in stride(from: 0, to: members.count - 1, by: 2) {
            guard let name = nstring(members[index]) else { continue }
            fields.append(IDField(name: name, value: nstring(members[index + 1])))
        }
        return .id(fields)
    }
}
