package import IMAPSyntax
package import MailTypes

/// Reading the messages of the selected mailbox.
extension IMAPClient {
    /// UID FETCH 1:* (FLAGS). What is not among the answers is gone, so they are counted: when there are fewer or more
    /// than the server says it has, UID SEARCH tells which messages there are.
    /// - Parameter isEmpty: whether a mailbox that the server calls empty may be. When it is known to have had messages
    ///   that is asked for.
    /// - Throws: `.refused` when the server has messages of which it does not tell the flags.
    package func fetchAllFlags(mayBeEmpty isEmpty: Bool = true) async throws(UpstreamError) -> [FetchedFlags] {
        if numbers.count == 0 {
            guard !isEmpty, try await !search(.all).isEmpty else { return [] }
        }
        for _ in 1...IMAPLimits.attempts {
            numbers.begin()
            let fetched = try await fetchFlags(SequenceSet([.init(.number(1), .last)]))
            if fetched.count == numbers.count, numbers.isComplete { return fetched }
            let present = try await search(.all)
            let told = fetched.filter { present.contains($0.uid) }
            if Set(told.map(\.uid)).count == present.count { return told }
        }
        throw .refused(code: nil, text: "\(peerName) does not tell the flags of all messages")
    }

    /// UID FETCH 1:* (FLAGS) (CHANGEDSINCE n), RFC 7162 §3.1.4.
    package func fetchFlags(changedSince modSeq: ModSeq) async throws(UpstreamError) -> [FetchedFlags] {
        guard numbers.count > 0 else { return [] }
        return try await fetchFlags(SequenceSet([.init(.number(1), .last)]), changedSince: modSeq)
    }

    /// Those with this UID or a greater one (not the last message that `n:*` gives when there are none).
    package func fetchFlags(fromUID uid: UInt32) async throws(UpstreamError) -> [FetchedFlags] {
        guard numbers.count > 0, uid > 0 else { return [] }
        let wanted = SequenceSet([.init(.number(uid), .last)])
        return try await fetchFlags(wanted, inPlaceOnly: true).filter { $0.uid.rawValue >= uid }
    }

    /// UID FETCH of these messages' flags; with mod-sequences only for a mailbox that has them (RFC 7162 §3.1.2.2).
    package func fetchFlags(of uids: NumberSet, withModSeq: Bool) async throws(UpstreamError) -> [FetchedFlags] {
        var fetched: [FetchedFlags] = []
        for set in uids.sequenceSets { fetched += try await fetchFlags(set, withModSeq: withModSeq) }
        return fetched
    }

    /// - Parameter inPlaceOnly: leaves out answers whose sequence number can't be that of a message with their UID.
    func fetchFlags(
        _ uids: SequenceSet, changedSince: ModSeq? = nil, withModSeq: Bool = false, inPlaceOnly: Bool = false
    ) async throws(UpstreamError) -> [FetchedFlags] {
        var fetched: [FetchedFlags] = []
        // A mailbox has few different sets of flags: each is kept once.
        var known: Set<[Flag]> = []
        let attributes: [FetchAttribute] = withModSeq ? [.uid, .flags, .modSeq] : [.uid, .flags]
        try await run(
            .fetch(
                FetchCommand(
                    isUID: true, messages: .numbers(uids), attributes: attributes, changedSince: changedSince))
        ) { (response) in
            guard case .fetch(let message) = response, let uid = message.uid, let flags = message.flags else {
                return false
            }
            if inPlaceOnly, numbers.uid(at: message.sequenceNumber) != uid { return true }
            let kept = known.insert(flags).memberAfterInsert
            fetched.append(FetchedFlags(uid: uid, flags: kept, modSeq: message.modSeq))
            return true
        }
        return fetched
    }

    /// UID SEARCH ALL.
    package func allUIDs() async throws(UpstreamError) -> NumberSet {
        for attempt in 1... {
            numbers.begin()
            let uids = try await search(.all)
            // Messages that went or came meanwhile make the answer doubtful (RFC 9051 §7.5.1 allows that here).
            if uids.count == numbers.count, numbers.adopt(Array(uids.numbers)) { return uids }
            if attempt == IMAPLimits.attempts { return uids }
        }
        return NumberSet()
    }

    /// Whether the server compares text by i;unicode-casemap or something better (RFC 5255 §4.3, §4.4).
    package var comparesUnicode: Bool {
        capabilities.contains("I18NLEVEL=1") || capabilities.contains("I18NLEVEL=2")
    }

    /// UID SEARCH, charset UTF-8; sets of messages in the key are UIDs.
    package func search(_ key: SearchKey) async throws(UpstreamError) -> NumberSet {
        var found = NumberSet()
        let charset: [UInt8]? = key.isASCII ? nil : Array("UTF-8".utf8)
        // ESEARCH (RFC 4731) answers in ranges: a large mailbox's UIDs one by one would make a line of megabytes.
        let isExtended = capabilities.contains("ESEARCH") || capabilities.contains("IMAP4REV2")
        let command = SearchCommand(isUID: true, returns: isExtended ? .all : nil, charset: charset, key: key)
        try await run(.search(command)) { (response) in
            switch response {
            case .search(let uids, _): for uid in uids where uid > 0 { found.insert(uid...uid) }
            case .esearch(let result): for range in result.all ?? [] { found.insert(range) }
            default: return false
            }
            return true
        }
        return found
    }

    /// Date, size, structure and header of these messages; those that are gone are left out.
    package func fetchMetadata(_ uids: NumberSet) async throws(UpstreamError) -> [FetchedMetadata] {
        let header = FetchAttribute.section(BodySection(text: .header), partial: nil, peek: true)
        return try await fetchMetadata(uids, [.uid, .internalDate, .size, .envelope, .bodyStructure, header]) {
            $0.header = $1
        }
    }

    /// What messages are sorted and threaded by, and no more: date, size, envelope and the References fields. Those that
    /// are gone are left out.
    package func fetchOrder(_ uids: NumberSet) async throws(UpstreamError) -> [FetchedMetadata] {
        let fields = BodySection(text: .headerFields([Array("References".utf8)]))
        let references = FetchAttribute.section(fields, partial: nil, peek: true)
        return try await fetchMetadata(uids, [.uid, .internalDate, .size, .envelope, references]) {
            $0.referenceFields = $1 ?? []
        }
    }

    /// - Parameter keep: what the one section of each message is for; nil when the server says that there is none.
    private func fetchMetadata(
        _ uids: NumberSet, _ attributes: [FetchAttribute], keep: (inout FetchedMetadata, [UInt8]?) -> Void
    ) async throws(UpstreamError) -> [FetchedMetadata] {
        var fetched: [UID: FetchedMetadata] = [:]
        let headers = HeaderSink()
        for set in uids.sequenceSets {
            try await run(fetch(set, attributes), stream: BodyStream(headers)) { (response) in
                guard case .fetch(let message) = response, let uid = message.uid, uids.contains(uid) else {
                    return false
                }
                guard message.size != nil || message.envelope != nil else { return false }
                var metadata = FetchedMetadata(
                    uid: uid, internalDate: message.internalDate, size: message.size.map { Int(clamping: $0) },
                    envelope: message.envelope, structure: message.bodyStructure)
                switch message.sections.first?.content {
                case .inline(let section): keep(&metadata, section)
                case .absent: keep(&metadata, nil)
                default: break
                }
                fetched[uid] = metadata
                return true
            }
        }
        for (uid, section) in headers.taken {
            guard var metadata = fetched[uid] else { continue }
            keep(&metadata, section)
            fetched[uid] = metadata
        }
        return uids.numbers.compactMap { UID(rawValue: $0).flatMap { fetched[$0] } }
    }

    /// A piece of one message (BODY.PEEK[]<offset.count>, RFC 9051 §6.4.5): between the pieces of a large message the
    /// connection is free for other commands.
    /// - Parameters:
    ///   - offset: how much of the message the sink has taken by now. The sink hears `begin` before the first octet, with
    ///     the size of the piece, and `end` after the last.
    ///   - count: octets; a server that knows no pieces and gives the whole message at once is understood.
    /// - Returns: whether it was the last piece, for it was not as long as asked; nil when the message is gone.
    /// - Throws: `.refused` when what comes is not the piece. What the sink has taken is of no use then.
    package func fetchPiece(
        of uid: UID, at offset: Int, count: Int, into sink: any BodySink
    ) async throws(UpstreamError) -> Bool? {
        let partial = Partial(offset: UInt64(offset), count: UInt64(count))
        let piece = PieceSink(sink, of: uid, partial)
        let stream = BodyStream(piece)
        let set = SequenceSet([.init(.number(uid.rawValue), .number(uid.rawValue))])
        let attributes: [FetchAttribute] = [.uid, .internalDate, .section(.whole, partial: partial, peek: true)]
        try await run(fetch(set, attributes), stream: stream) { (response) in
            guard case .fetch(let message) = response, let section = message.sections.first,
                message.uid ?? self.numbers.uid(at: message.sequenceNumber) == uid
            else { return false }
            piece.origin = section.origin
            switch section.content {
            case .inline(let bytes):
                guard await stream.begin(uid, size: UInt64(bytes.count)) else { return true }
                await stream.take(bytes)
            case .streamed: break
            case .absent:
                // Beyond its end; at its beginning it is one that the server can't read.
                guard offset > 0, await stream.begin(uid, size: 0) else { return true }
            }
            await stream.end(uid, internalDate: message.internalDate)
            return true
        }
        if let failure = stream.failure { throw failure }
        return try piece.isLast()
    }

    private func fetch(_ uids: SequenceSet, _ attributes: [FetchAttribute]) -> Command {
        .fetch(FetchCommand(isUID: true, messages: .numbers(uids), attributes: attributes))
    }
}

/// Gives a piece of one message to the sink of the whole.
private final class PieceSink: BodySink {
    private let sink: any BodySink
    private let uid: UID
    private let piece: Partial
    /// Where the server says that the piece begins; known when its response is complete. Nil means the whole message.
    var origin: UInt64?
    private var size: UInt64?
    private var isComplete = false

    init(_ sink: any BodySink, of uid: UID, _ piece: Partial) {
        self.sink = sink
        self.uid = uid
        self.piece = piece
    }

    private var isFirst: Bool { piece.offset == 0 }

    func begin(_ uid: UID, size: UInt64) async throws(UpstreamError) {
        guard uid == self.uid, self.size == nil, isFirst || size <= piece.count else { throw Self.confusion }
        self.size = size
        if isFirst { try await sink.begin(uid, size: size) }
    }

    func take(_ bytes: [UInt8]) async throws(UpstreamError) { try await sink.take(bytes) }

    func end(internalDate: Moment?) async throws(UpstreamError) {
        guard size == 0 || origin == piece.offset || isFirst && origin == nil else { throw Self.confusion }
        isComplete = true
        if isAtEnd { try await sink.end(internalDate: internalDate) }
    }

    /// Nil when nothing came.
    /// - Throws: when something came that the whole response shows to be of another message.
    func isLast() throws(UpstreamError) -> Bool? {
        guard size != nil else { return nil }
        guard isComplete else { throw Self.confusion }
        return isAtEnd
    }

    private var isAtEnd: Bool { size != piece.count || origin == nil }

    private static let confusion = UpstreamError.refused(
        code: nil, text: "the server does not give the piece of the message that it is asked for")
}

/// Collects headers that are long enough to stream.
private final class HeaderSink: BodySink {
    /// Octets of a header that are kept.
    static let limit = 1 << 20

    private(set) var taken: [UID: [UInt8]] = [:]
    private var uid: UID?

    func begin(_ uid: UID, size: UInt64) {
        self.uid = uid
        taken[uid] = []
    }

    func take(_ bytes: [UInt8]) {
        guard let uid, let count = taken[uid]?.count, count < Self.limit else { return }
        taken[uid]?.append(contentsOf: bytes.prefix(Self.limit - count))
    }

    func end(internalDate: Moment?) {}
}

extension NumberSet {
    /// As commands name them: in sets that servers take in one line.
    var sequenceSets: [SequenceSet] { lines.map(\.sequenceSet) }

    /// Parts of it that servers take in one line.
    var lines: [NumberSet] {
        var sets: [NumberSet] = []
        var line: [ClosedRange<UInt32>] = []
        var octets = 0
        for range in ranges {
            let length = String(range.lowerBound).utf8.count + String(range.upperBound).utf8.count + 2
            if octets + length > IMAPLimits.set, !line.isEmpty {
                sets.append(NumberSet(ranges: line))
                line = []
                octets = 0
            }
            octets += length
            line.append(range)
        }
        if !line.isEmpty { sets.append(NumberSet(ranges: line)) }
        return sets
    }

    var sequenceSet: SequenceSet {
        SequenceSet(ranges.map { .init(.number($0.lowerBound), .number($0.upperBound)) })
    }
}

extension SearchKey {
    /// Whether every string in it is ASCII, so that no CHARSET need be named.
    var isASCII: Bool {
        !contains { key in
            switch key {
            case .from(let text), .to(let text), .cc(let text), .bcc(let text), .subject(let text), .body(let text),
                .text(let text), .gmailRaw(let text):
                text.contains { $0 >= 0x80 }
            case .header(let name, let value): (name + value).contains { $0 >= 0x80 }
            default: false
            }
        }
    }
}
