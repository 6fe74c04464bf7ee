internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Previews (RFC 8970): of the cached body; of a message that is not cached only the text that a preview takes is
/// fetched, never its attachments.
extension Account {
    /// Messages whose cached bodies are looked at together.
    static let previewBatch = 64
    /// How often more of some message's text is asked for.
    static let previewRounds = 16

    /// The previews of those of these messages of which one can be had, remembered.
    /// - Parameter isLazy: only of what is cached.
    func preview(
        _ uids: [UID], in mailbox: LiveMailbox, isLazy: Bool
    ) async -> (texts: [UID: String], failure: EngineError?) {
        var texts: [UID: String] = [:]
        var failure: EngineError?
        for batch in uids.batches(of: Self.previewBatch) {
            do throws(EngineError) {
                let made = try await previewCached(Array(batch), in: mailbox)
                await remember(made, in: mailbox)
                texts.merge(made) { $1 }
            } catch { failure = error }
        }
        let lacking = uids.filter { texts[$0] == nil }
        guard !isLazy, !lacking.isEmpty else { return (texts, failure) }
        // An account that holds back what could not be scanned has to know the whole before anybody sees some of it.
        let mustScan = services.scanner.holdsBack(id)
        for batch in lacking.batches(of: mustScan ? Self.bodyBatch : Self.metadataBatch) {
            do throws(EngineError) {
                let made =
                    mustScan
                    ? try await previewScanned(Array(batch), in: mailbox)
                    : try await previewOutlined(Array(batch), in: mailbox)
                await remember(made, in: mailbox)
                texts.merge(made) { $1 }
            } catch { failure = error }
        }
        return (texts, failure)
    }

    private func previewCached(
        _ uids: [UID], in mailbox: LiveMailbox
    ) async throws(EngineError) -> [UID: String] {
        let passing = passing(uids, in: mailbox, .body)
        let cached = try await cached(uids.filter { passing[$0] == nil }, in: mailbox, .body)
        var texts: [UID: String] = [:]
        for message in passing.values + cached {
            guard let body = message.body else { continue }
            // One that leaves the cache meanwhile is as good as not cached.
            texts[message.metadata.uid] = try? await body.preview()
        }
        return texts
    }

    private func previewScanned(
        _ uids: [UID], in mailbox: LiveMailbox
    ) async throws(EngineError) -> [UID: String] {
        let fetched = try await messages(mailbox.id, uids, needs: .body)
        var texts: [UID: String] = [:]
        for message in fetched.messages {
            if let body = message.body { texts[message.uid] = try await body.preview() }
        }
        if let failure = fetched.failure, texts.isEmpty { throw failure }
        return texts
    }

    /// Asks for the beginnings of text parts, the same part of many messages by one command, until every preview has
    /// enough.
    private func previewOutlined(
        _ uids: [UID], in mailbox: LiveMailbox
    ) async throws(EngineError) -> [UID: String] {
        let fetched = try await messages(mailbox.id, uids, needs: .structure)
        var drafts: [UID: PreviewDraft] = [:]
        for message in fetched.messages {
            if let structure = message.structure { drafts[message.uid] = PreviewDraft(structure) }
        }
        for _ in 0..<Self.previewRounds {
            var wanted: [PartStart: (count: Int, uids: [UID])] = [:]
            for uid in drafts.keys {
                guard let (start, count) = drafts[uid]?.next() else { continue }
                wanted[start, default: (0, [])].count = max(wanted[start]?.count ?? 0, count)
                wanted[start]?.uids.append(uid)
            }
            if wanted.isEmpty { break }
            for (start, request) in wanted {
                try demandBudget(.download)
                let octets = start.offset..<start.offset + request.count
                let parts = try await onLine(mailbox) { (client) async throws(UpstreamError) in
                    try await client.fetchPart(start.part, octets, of: NumberSet(request.uids))
                }
                for uid in request.uids {
                    if let part = parts[uid] { drafts[uid]?.take(part) } else { drafts[uid] = nil }
                }
            }
        }
        if let failure = fetched.failure, drafts.isEmpty { throw failure }
        return drafts.mapValues(\.text)
    }

    private func remember(_ texts: [UID: String], in mailbox: LiveMailbox) async {
        guard !texts.isEmpty else { return }
        await remember(
            texts.map { uid, text in
                var particulars = CachedParticulars(uid: uid)
                particulars.preview = text
                return particulars
            }, in: mailbox)
    }
}

/// Where octets of a message are to be fetched from.
private struct PartStart: Hashable {
    let part: [UInt32]
    let offset: Int
}

/// A preview in the making, of a message that is not at hand.
private struct PreviewDraft {
    private let structure: MessageStructure
    private var reader: PreviewReader
    private var wanted = 0

    init(_ structure: BodyStructure) {
        self.structure = MessageStructure(outline: structure)
        reader = PreviewReader(self.structure)
    }

    var text: String { reader.text }

    /// What is to be fetched next; nil when there is enough.
    mutating func next() -> (PartStart, count: Int)? {
        guard let range = reader.nextRange(), let place = structure.place(of: range) else { return nil }
        wanted = range.count
        return (PartStart(part: place.part, offset: place.octets.lowerBound), range.count)
    }

    /// More than was asked for may have been fetched together with others'.
    mutating func take(_ octets: [UInt8]) { reader.take(Array(octets.prefix(wanted))) }
}

extension MessageBody {
    fileprivate func preview() async throws(EngineError) -> String {
        try await structure.preview { (range) async throws(EngineError) in try await self.read(range) }
    }
}
