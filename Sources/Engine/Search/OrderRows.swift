internal import MIME
internal import MailTypes
internal import Mirror

/// What of a message decides its place, from what is remembered of it. Text is compared by i;unicode-casemap (RFC 5255
/// §4.3).
extension SortRow {
    /// - Parameter keys: what is asked for; the rest is left empty.
    init(_ message: MessageData, for keys: Set<SortCriterion.Key>) {
        self.init(number: message.uid.rawValue)
        arrival = message.internalDate?.seconds ?? 0
        size = message.size ?? 0
        guard let envelope = message.envelope else { return }
        func key(_ wanted: SortCriterion.Key, _ text: @autoclosure () -> String) -> CollationKey {
            keys.contains(wanted) ? Collation.unicodeCasemap.key(of: text()) : .empty
        }
        if keys.contains(.date), let date = message.internalDate {
            sent = envelope.sentDate(arrival: date).seconds
        }
        cc = key(.cc, envelope.cc.sortText)
        from = key(.from, envelope.from.sortText)
        to = key(.to, envelope.to.sortText)
        subject = key(.subject, envelope.baseSubject.text)
        displayFrom = key(.displayFrom, envelope.from.displaySortText)
        displayTo = key(.displayTo, envelope.to.displaySortText)
    }
}

extension ThreadRow {
    init(_ message: MessageData, for algorithm: ThreadAlgorithm) {
        self.init(number: message.uid.rawValue)
        arrival = message.internalDate?.seconds ?? 0
        guard let envelope = message.envelope else { return }
        if let date = message.internalDate { sent = envelope.sentDate(arrival: date).seconds }
        if algorithm != .refs {
            let base = envelope.baseSubject
            subject = Collation.unicodeCasemap.key(of: base.text)
            isReplyOrForward = base.isReplyOrForward
        }
        guard algorithm != .orderedSubject else { return }
        let identifiers = ThreadIdentifiers(envelope: envelope, references: message.references ?? [])
        messageID = identifiers.messageID
        references = identifiers.references
    }
}

extension [SortCriterion] {
    /// What must be known of a message to place it.
    var needs: MessageNeeds {
        // References come along, so that a thread asked for next finds everything.
        reduce(into: [.references]) { needs, criterion in
            switch criterion.key {
            case .arrival: needs.insert(.internalDate)
            case .size: needs.insert(.size)
            case .date: needs.formUnion([.internalDate, .envelope])
            case .cc, .from, .to, .subject, .displayFrom, .displayTo: needs.insert(.envelope)
            }
        }
    }
}
