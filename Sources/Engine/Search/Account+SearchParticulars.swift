internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// Search by identifiers and save dates, which are decided here whatever the upstream has (RFC 8474 §6, RFC 8514 §4.3).
extension Account {
    /// The criterion for these messages with every such part turned into the set of messages that meet it.
    func settled(
        _ key: SearchKey, for uids: [UID], in mailbox: LiveMailbox
    ) async throws(EngineError) -> SearchKey {
        var needs: ParticularNeeds = []
        var isConcerned = false
        _ = key.contains { key in
            guard let need = key.particularNeeds else { return false }
            isConcerned = true
            needs.formUnion(need)
            return false
        }
        guard isConcerned else { return key }
        var all: [UID: MessageParticulars] = [:]
        if !needs.isEmpty {
            let found = try await particulars(mailbox.id, uids, needs: needs)
            if let failure = found.failure { throw failure }
            all = found.messages
        }
        return key.settled { criterion in
            NumberSet(uids.filter { uid in all[uid].map(criterion) ?? false })
        }
    }
}

extension SearchKey {
    /// What decides it besides all that an upstream's SEARCH knows; nil for what that decides, and for combinations.
    fileprivate var particularNeeds: ParticularNeeds? {
        switch self {
        case .emailID: .emailID
        case .threadID: .threadID
        case .savedBefore, .savedOn, .savedSince: .saveDate
        case .saveDateSupported: []
        default: nil
        }
    }

    fileprivate func settled(_ matching: ((MessageParticulars) -> Bool) -> NumberSet) -> SearchKey {
        switch self {
        case .emailID(let id): .among(matching { $0.emailID == id })
        case .threadID(let id): .among(matching { $0.threadID == id })
        case .savedBefore(let day): .among(matching { $0.saveDate.map { CalendarDate($0) < day } ?? false })
        case .savedOn(let day): .among(matching { $0.saveDate.map { CalendarDate($0) == day } ?? false })
        case .savedSince(let day): .among(matching { $0.saveDate.map { CalendarDate($0) >= day } ?? false })
        // Every mailbox has them.
        case .saveDateSupported: .all
        case .not(let key): .not(key.settled(matching))
        case .or(let left, let right): .or(left.settled(matching), right.settled(matching))
        case .and(let keys): .and(keys.map { $0.settled(matching) })
        default: self
        }
    }

    /// Without the sets that every message asked about is in: they need not be sent to anybody.
    func withoutSets(holding uids: [UID]) -> SearchKey {
        guard case .and(let keys) = self else { return self }
        return .and(
            keys.filter { key in
                if case .among(let set) = key { !uids.allSatisfy(set.contains) } else { true }
            })
    }
}
