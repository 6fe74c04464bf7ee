internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

extension SearchKey {
    /// What must be known of a message to decide the criterion here: nothing (flags and UIDs are in the mirror), its
    /// date and size, its header, or all of it.
    var needs: MessageNeeds {
        switch self {
        case .all, .flag, .notFlag, .recent, .modSeq, .numbers, .uids, .saved, .among: []
        case .before, .on, .since, .older, .younger: .internalDate
        case .larger, .smaller: .size
        case .from, .to, .cc, .bcc, .subject, .header, .sentBefore, .sentOn, .sentSince: .header
        case .body, .text: .body
        // Nothing at hand decides these.
        case .emailID, .threadID, .savedBefore, .savedOn, .savedSince, .saveDateSupported: []
        case .gmailRaw, .gmailMessageID, .gmailThreadID, .gmailLabel: []
        case .not(let key): key.needs
        case .or(let left, let right): left.needs.union(right.needs)
        case .and(let keys): keys.reduce(into: []) { $0.formUnion($1.needs) }
        }
    }

    /// The criterion with what the mirror decides already decided: true, false, or what is left to ask.
    ///
    /// - Parameter decide: the answer where the mirror knows it, else nil.
    func simplified(_ decide: (SearchKey) -> Bool?) -> SearchVerdict {
        if let known = decide(self) { return known ? .yes : .no }
        switch self {
        case .all: return .yes
        case .not(let key):
            return switch key.simplified(decide) {
            case .yes: .no
            case .no: .yes
            case .open: .open
            }
        case .or(let left, let right):
            let verdicts = (left.simplified(decide), right.simplified(decide))
            if verdicts.0 == .yes || verdicts.1 == .yes { return .yes }
            return verdicts.0 == .no && verdicts.1 == .no ? .no : .open
        case .and(let keys):
            var isOpen = false
            for key in keys {
                switch key.simplified(decide) {
                case .no: return .no
                case .open: isOpen = true
                case .yes: break
                }
            }
            return isOpen ? .open : .yes
        default: return .open
        }
    }
}

extension SearchKey {
    /// Mod-sequences are counted here and not upstream: the messages in groups that stand alike to every one the
    /// criterion names, each with the criterion as it is for them. There is at most one group more than it names.
    func withoutModSeqs(for uids: [UID], in mirror: MailboxMirror) -> [(SearchKey, [UID])] {
        var limits: Set<ModSeq> = []
        _ = contains { key in
            if case .modSeq(let limit) = key { limits.insert(limit) }
            return false
        }
        guard !limits.isEmpty else { return [(self, uids)] }
        var groups: [Set<ModSeq>: [UID]] = [:]
        for uid in uids {
            guard let row = mirror.row(of: uid) else { continue }
            groups[limits.filter { row.modSeq >= $0 }, default: []].append(uid)
        }
        return groups.map { (decided(reached: $0.key), $0.value) }
    }

    /// The criterion for messages whose mod-sequence reaches these limits and no others.
    private func decided(reached limits: Set<ModSeq>) -> SearchKey {
        switch self {
        case .modSeq(let limit): limits.contains(limit) ? .all : .not(.all)
        case .not(let key): .not(key.decided(reached: limits))
        case .or(let left, let right): .or(left.decided(reached: limits), right.decided(reached: limits))
        case .and(let keys): .and(keys.map { $0.decided(reached: limits) })
        default: self
        }
    }
}

extension SearchKey {
    /// Whether it looks for text beyond ASCII, which not every server compares without regard to case.
    var needsUnicode: Bool {
        contains { key in
            switch key {
            case .from(let text), .to(let text), .cc(let text), .bcc(let text), .subject(let text),
                .header(_, let text), .body(let text), .text(let text):
                text.contains { $0 >= 0x80 }
            default: false
            }
        }
    }
}

/// What is known of a criterion and a message.
enum SearchVerdict: Sendable {
    case yes
    case no
    /// It takes more than was at hand.
    case open
}
