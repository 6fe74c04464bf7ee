internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror
internal import Store

/// Searching for texts in what is cached: the index tells which messages can't contain them, the others are read.
extension Account {
    /// Messages whose fingerprints are looked at together.
    static let suspectBatch = 2000
    /// Messages that are read and looked at together.
    static let readingBatch = 64
    /// Octets of text that are looked at together; one message may have more.
    static let readingOctets = 4 << 20
    /// Texts in one criterion that the index is asked about.
    static let soughtLimit = 64
    /// Above so many messages that are not in the index, the upstream is asked about all of them.
    static let strayLimit = 500

    /// What came of a search in the cache.
    struct TextFindings {
        var matching: [UID] = []
        /// Those that can't be decided here: they are not cached, or too long.
        var open: [UID] = []
    }

    /// Decides a criterion with BODY or TEXT as far as messages are cached. Nil when too few are to make it worth while.
    /// - Parameter isAlone: the upstream is away: as much as can be decided is decided.
    func searchTexts(
        _ uids: [UID], by key: SearchKey, in mailbox: LiveMailbox, isAlone: Bool
    ) async throws(EngineError) -> TextFindings? {
        let epoch = mailbox.mirror.epoch
        let absent = try await absentTexts(uids, key, in: mailbox)
        var findings = TextFindings()
        var rest = split(uids, key, in: mailbox, into: &findings) { subject in
            subject.absent = absent[subject.uid]?.texts ?? []
        }
        let needs = key.needs.subtracting(.body)
        if !needs.isEmpty {
            // Without the text, first: it decides most.
            var narrowed: [UID] = []
            for batch in rest.batches(of: Self.searchBatch) {
                let known = try await cached(Array(batch), in: mailbox, needs.union(.internalDate))
                let byUID = Dictionary(known.map { ($0.metadata.uid, $0.metadata) }) { first, _ in first }
                narrowed += split(Array(batch), key, in: mailbox, into: &findings) { subject in
                    subject.absent = absent[subject.uid]?.texts ?? []
                    if let metadata = byUID[subject.uid] { subject.take(metadata) }
                }
            }
            rest = narrowed
        }
        let here = rest.filter { absent[$0] != nil || keeping.message($0, in: mailbox.id) != nil }
        if !isAlone {
            let isKnown = !absent.isEmpty || !here.isEmpty
            let strays = rest.count { absent[$0]?.isMarked != true }
            guard rest.isEmpty || isKnown && strays <= Self.strayLimit else { return nil }
        }
        let isHere = Set(here)
        findings.open += rest.filter { !isHere.contains($0) }
        for batch in here.batches(of: Self.readingBatch) {
            try await read(Array(batch), key, in: mailbox, absent, into: &findings)
        }
        guard epoch == mailbox.mirror.epoch else { throw .newEpoch }
        return findings
    }

    /// For each of these messages that is cached the texts that the index knows not to be in it.
    private func absentTexts(
        _ uids: [UID], _ key: SearchKey, in mailbox: LiveMailbox
    ) async throws(EngineError) -> [UID: AbsentTexts] {
        let sought = Array(key.soughtTexts.prefix(Self.soughtLimit))
        let marks = sought.map(TextMarks.init(sought:))
        var absent: [UID: AbsentTexts] = [:]
        for batch in uids.batches(of: Self.suspectBatch) {
            do {
                let found = try await services.cache.suspects(among: Array(batch), in: mailbox.id, of: marks)
                for (uid, suspicion) in found {
                    switch suspicion {
                    case .unmarked: absent[uid] = AbsentTexts(isMarked: false, texts: [])
                    case .marked(let places):
                        absent[uid] = AbsentTexts(isMarked: true, texts: Set(places.map { sought[$0] }))
                    }
                }
            } catch { noteCacheFailure(error) }
        }
        return absent
    }

    /// Puts those that match into the findings, and gives back those that are not decided.
    private func split(
        _ uids: [UID], _ key: SearchKey, in mailbox: LiveMailbox, into findings: inout TextFindings,
        _ fill: (inout SearchSubject) -> Void
    ) -> [UID] {
        uids.filter { uid in
            guard let row = mailbox.mirror.row(of: uid) else { return false }
            var subject = subject(row)
            fill(&subject)
            let verdict = key.simplified(subject.decide)
            if verdict == .yes { findings.matching.append(uid) }
            return verdict == .open
        }
    }

    /// Reads messages and looks at their texts.
    private func read(
        _ uids: [UID], _ key: SearchKey, in mailbox: LiveMailbox, _ absent: [UID: AbsentTexts],
        into findings: inout TextFindings
    ) async throws(EngineError) {
        var verdicts: [UID: SearchVerdict] = [:]
        var waiting: [(SearchSubject, GatheredText)] = []
        for message in try await messages(mailbox.id, uids, needs: key.needs.union(.internalDate)).messages {
            guard let row = mailbox.mirror.row(of: message.uid), let body = message.body else { continue }
            var subject = subject(row)
            subject.absent = absent[message.uid]?.texts ?? []
            subject.take(message)
            // One that leaves the cache meanwhile is as good as not cached.
            guard let text = try? await GatheredText(of: body) else { continue }
            waiting.append((subject, text))
            guard waiting.reduce(0, { $0 + $1.1.size }) >= Self.readingOctets else { continue }
            verdicts.merge(try await look(waiting, key)) { $1 }
            waiting = []
        }
        verdicts.merge(try await look(waiting, key)) { $1 }
        for uid in uids where mailbox.mirror.contains(uid) {
            switch verdicts[uid] ?? .open {
            case .yes: findings.matching.append(uid)
            case .open: findings.open.append(uid)
            case .no: break
            }
        }
    }

    /// Decodes texts and looks at them, on a worker thread.
    private func look(
        _ gathered: [(SearchSubject, GatheredText)], _ key: SearchKey
    ) async throws(EngineError) -> [UID: SearchVerdict] {
        guard !gathered.isEmpty else { return [:] }
        do throws(LoopError) {
            return try await services.pool.perform {
                var verdicts: [UID: SearchVerdict] = [:]
                for (subject, text) in gathered {
                    var subject = subject
                    subject.text = text.folded
                    verdicts[subject.uid] = key.simplified(subject.decide)
                }
                return verdicts
            }
        } catch { throw .unavailable("too much is being worked on") }
    }
}

/// What the index knows of a message that is cached.
private struct AbsentTexts {
    let isMarked: Bool
    let texts: Set<[UInt8]>
}

extension SearchKey {
    /// What BODY and TEXT look for, each once.
    fileprivate var soughtTexts: Set<[UInt8]> {
        var texts: Set<[UInt8]> = []
        _ = contains { key in
            switch key {
            case .body(let text), .text(let text): texts.insert(text)
            default: break
            }
            return false
        }
        return texts
    }
}
