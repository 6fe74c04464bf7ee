package import IMAPSyntax
package import MailTypes

/// Commands about the messages of the selected mailbox.
extension IMAPClient {
    /// SELECT (with CONDSTORE where offered, RFC 7162 §3.1.8).
    package func select(_ name: MailboxName) async throws(UpstreamError) -> SelectedState {
        numbers.reset()
        events = []
        var state = SelectedState(
            exists: 0, uidValidity: UIDValidity(rawValue: 0), uidNext: 0, highestModSeq: nil, flags: [],
            permanentFlags: [], isReadOnly: false)
        var hasPermanentFlags = false
        let text = try await run(
            .select(SelectCommand(mailbox: names.upstream(name), condStore: capabilities.contains("CONDSTORE")))
        ) { (response) throws(UpstreamError) in
            switch response {
            case .exists(let count):
                state.exists = Int(count)
                _ = self.numbers.grow(to: count)
            case .flags(let flags): state.flags = flags
            case .recent: break
            case .condition(.ok, let text):
                switch text.code {
                case .uidValidity(let validity): state.uidValidity = validity
                case .uidNext(let next): state.uidNext = next
                case .highestModSeq(let modSeq): state.highestModSeq = modSeq
                case .permanentFlags(let flags):
                    state.permanentFlags = flags
                    hasPermanentFlags = true
                default: return false
                }
            default: return false
            }
            return true
        }
        // RFC 9051 §7.1: without PERMANENTFLAGS all flags can be changed for good.
        if !hasPermanentFlags { state.permanentFlags = state.flags }
        state.isReadOnly = text.code == .readOnly
        return state
    }

    /// UID FETCH 1:* (FLAGS).
    package func fetchAllFlags() async throws(UpstreamError) -> [FetchedFlags] {
        guard numbers.count > 0 else { return [] }
        return try await fetchFlags(SequenceSet([.init(.number(1), .last)]))
    }

    /// UID FETCH 1:* (FLAGS) (CHANGEDSINCE n), RFC 7162 §3.1.4.
    package func fetchFlags(changedSince modSeq: ModSeq) async throws(UpstreamError) -> [FetchedFlags] {
        guard numbers.count > 0 else { return [] }
        return try await fetchFlags(SequenceSet([.init(.number(1), .last)]), changedSince: modSeq)
    }

    /// Those with this UID or a greater one (not the last message that `n:*` gives when there are none).
    package func fetchFlags(fromUID uid: UInt32) async throws(UpstreamError) -> [FetchedFlags] {
        guard numbers.count > 0, uid > 0 else { return [] }
        return try await fetchFlags(SequenceSet([.init(.number(uid), .last)])).filter { $0.uid.rawValue >= uid }
    }

    private func fetchFlags(
        _ uids: SequenceSet, changedSince: ModSeq? = nil
    ) async throws(UpstreamError) -> [FetchedFlags] {
        var fetched: [FetchedFlags] = []
        try await run(
            .fetch(
                FetchCommand(
                    isUID: true, messages: .numbers(uids), attributes: [.uid, .flags], changedSince: changedSince))
        ) { (response) throws(UpstreamError) in
            guard case .fetch(let message) = response, let uid = message.uid, let flags = message.flags else {
                return false
            }
            fetched.append(FetchedFlags(uid: uid, flags: flags, modSeq: message.modSeq))
            return true
        }
        return fetched
    }

    /// UID SEARCH ALL.
    package func allUIDs() async throws(UpstreamError) -> NumberSet {
        let uids = try await search(.all)
        numbers.adopt(Array(uids.numbers))
        return uids
    }

    /// UID SEARCH, charset UTF-8; sets of messages in the key are UIDs.
    package func search(_ key: SearchKey) async throws(UpstreamError) -> NumberSet {
        var found = NumberSet()
        let charset: [UInt8]? = key.isASCII ? nil : Array("UTF-8".utf8)
        try await run(.search(SearchCommand(isUID: true, charset: charset, key: key))) {
            (response) throws(UpstreamError) in
            switch response {
            case .search(let uids, _): for uid in uids { found.insert(uid...uid) }
            case .esearch(let result): for range in result.all?.ranges ?? [] { found.insert(range) }
            default: return false
            }
            return true
        }
        return found
    }

    /// Date, size, structure and header of these messages; those that are gone are left out.
    package func fetchMetadata(_ uids: NumberSet) async throws(UpstreamError) -> [FetchedMetadata] {
        var fetched: [UID: FetchedMetadata] = [:]
        let attributes: [FetchAttribute] = [
            .uid, .internalDate, .size, .envelope, .bodyStructure,
            .section(BodySection(text: .header), partial: nil, peek: true),
        ]
        let headers = HeaderSink()
        try await run(fetch(uids, attributes), sink: headers) { (response) throws(UpstreamError) in
            guard case .fetch(let message) = response, let uid = message.uid, uids.contains(uid) else { return false }
            guard message.size != nil || message.envelope != nil else { return false }
            var metadata = FetchedMetadata(
                uid: uid, internalDate: message.internalDate, size: message.size.map { Int(clamping: $0) },
                envelope: message.envelope, structure: message.bodyStructure)
            if case .inline(let header) = message.sections.first?.content { metadata.header = header }
            fetched[uid] = metadata
            return true
        }
        for (uid, header) in headers.taken { fetched[uid]?.header = header }
        return uids.numbers.compactMap { UID(rawValue: $0).flatMap { fetched[$0] } }
    }

    /// The messages themselves (BODY.PEEK[] with INTERNALDATE), streamed into the sink one after the other.
    /// A message whose UID is gone is left out.
    package func fetchBodies(_ uids: NumberSet, into sink: any BodySink) async throws(UpstreamError) {
        let attributes: [FetchAttribute] = [.uid, .internalDate, .section(.whole, partial: nil, peek: true)]
        try await run(fetch(uids, attributes), sink: sink) { (response) throws(UpstreamError) in
            guard case .fetch(let message) = response, let section = message.sections.first else { return false }
            guard let uid = message.uid ?? self.numbers.uid(at: message.sequenceNumber) else { return false }
            if case .inline(let bytes) = section.content {
                try await sink.begin(uid, size: UInt64(bytes.count))
                try await sink.take(bytes)
            } else if case .absent = section.content {
                return true
            }
            try await sink.end(internalDate: message.internalDate)
            return true
        }
    }

    private func fetch(_ uids: NumberSet, _ attributes: [FetchAttribute]) -> Command {
        .fetch(FetchCommand(isUID: true, messages: .numbers(uids.sequenceSet), attributes: attributes))
    }
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
    /// As a command names them.
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
                .text(let text):
                text.contains { $0 >= 0x80 }
            case .header(_, let text): text.contains { $0 >= 0x80 }
            default: false
            }
        }
    }
}
