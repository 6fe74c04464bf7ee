package import IMAPSyntax
package import MailTypes

/// What extensions tell of messages and mailboxes.
extension IMAPClient {
    /// The server names mailboxes, messages and threads for good (RFC 8474).
    package var hasObjectIDs: Bool { capabilities.contains("OBJECTID") }
    /// The server is Gmail's.
    package var hasGmailItems: Bool { capabilities.contains("X-GM-EXT-1") }
    private var hasSaveDates: Bool { capabilities.contains("SAVEDATE") }

    /// EMAILID, THREADID and SAVEDATE, as far as the server has them (RFC 8474 §5, RFC 8514 §4.2); nothing is asked of
    /// one that has none.
    package func fetchParticulars(_ uids: NumberSet) async throws(UpstreamError) -> [FetchedParticulars] {
        var attributes: [FetchAttribute] = hasObjectIDs ? [.emailID, .threadID] : []
        if hasSaveDates { attributes.append(.saveDate) }
        guard !attributes.isEmpty else { return [] }
        return try await fetch(uids, attributes) { (uid, message) -> FetchedParticulars? in
            guard message.emailID != nil || message.threadID != nil || message.saveDate != nil else { return nil }
            return FetchedParticulars(
                uid: uid, emailID: message.emailID, threadID: message.threadID?.value,
                saveDate: message.saveDate?.value)
        }
    }

    /// Gmail's own items, and others that are not known here.
    /// - Precondition: the server `hasGmailItems`.
    package func fetchGmailItems(
        _ uids: NumberSet, _ items: [FetchAttribute]
    ) async throws(UpstreamError) -> [UID: GmailItems] {
        let fetched = try await fetch(uids, items) { (uid, message) -> (UID, GmailItems)? in
            let items = GmailItems(
                messageID: message.gmailMessageID, threadID: message.gmailThreadID, labels: message.gmailLabels,
                others: message.unreadItems)
            return items == GmailItems() ? nil : (uid, items)
        }
        return Dictionary(fetched) { $1 }
    }

    /// STORE of Gmail's labels.
    /// - Precondition: the server `hasGmailItems`.
    package func storeGmailLabels(
        _ uids: NumberSet, _ change: StoreChange, _ labels: [String]
    ) async throws(UpstreamError) {
        let wanted: StoreCommand.Change =
            switch change {
            case .add: .add
            case .remove: .remove
            case .replace: .replace
            }
        for set in uids.sequenceSets {
            try await run(
                .store(
                    StoreCommand(
                        isUID: true, messages: .numbers(set), change: wanted, isSilent: true, flags: [],
                        gmailLabels: labels)))
        }
    }

    /// Octets of one part of several messages, in its transfer encoding: `count` of them at most from `offset` on.
    /// Messages without the part are left out.
    package func fetchPart(
        _ part: [UInt32], _ octets: Range<Int>, of uids: NumberSet
    ) async throws(UpstreamError) -> [UID: [UInt8]] {
        let partial = Partial(offset: UInt64(octets.lowerBound), count: UInt64(max(1, octets.count)))
        let attribute = FetchAttribute.section(BodySection(part: part), partial: partial, peek: true)
        let sink = PartSink(limit: octets.count)
        let inline = try await fetch(uids, [attribute], stream: BodyStream(sink)) { (uid, message) -> (UID, [UInt8])? in
            guard case .inline(let octets)? = message.sections.first?.content else { return nil }
            return (uid, octets)
        }
        return sink.taken.merging(inline) { $1 }
    }

    /// UID FETCH; `take` makes something of each response that is about one of the messages, or nothing.
    private func fetch<Value>(
        _ uids: NumberSet, _ attributes: [FetchAttribute], stream: BodyStream? = nil,
        take: (UID, FetchResponse) -> Value?
    ) async throws(UpstreamError) -> [Value] {
        var values: [Value] = []
        for set in uids.sequenceSets {
            let command = FetchCommand(isUID: true, messages: .numbers(set), attributes: [.uid] + attributes)
            try await run(.fetch(command), stream: stream) { (response) in
                guard case .fetch(let message) = response, let uid = message.uid, uids.contains(uid) else {
                    return false
                }
                if let value = take(uid, message) { values.append(value) }
                // Flags that came along are news.
                return message.flags == nil
            }
        }
        return values
    }
}

/// Collects parts that are long enough to stream.
private final class PartSink: BodySink {
    private let limit: Int
    private(set) var taken: [UID: [UInt8]] = [:]
    private var uid: UID?

    init(limit: Int) { self.limit = limit }

    func begin(_ uid: UID, size: UInt64) {
        self.uid = uid
        taken[uid] = []
    }

    func take(_ bytes: [UInt8]) {
        guard let uid, let count = taken[uid]?.count, count < limit else { return }
        taken[uid]?.append(contentsOf: bytes.prefix(limit - count))
    }

    func end(internalDate: Moment?) {}
}

/// What an upstream tells of a message by extensions.
package struct FetchedParticulars: Hashable, Sendable {
    package var uid: UID
    package var emailID: ObjectID?
    package var threadID: ObjectID?
    package var saveDate: Moment?
}

/// What only Gmail tells of a message.
package struct GmailItems: Hashable, Sendable {
    package var messageID: UInt64?
    package var threadID: UInt64?
    /// Those of the system begin with a backslash.
    package var labels: [String]?
    /// Items that nobody here knows.
    package var others: [UnreadItem]

    init(messageID: UInt64? = nil, threadID: UInt64? = nil, labels: [String]? = nil, others: [UnreadItem] = []) {
        self.messageID = messageID
        self.threadID = threadID
        self.labels = labels
        self.others = others
    }
}
