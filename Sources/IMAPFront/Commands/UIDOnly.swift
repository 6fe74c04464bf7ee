internal import IMAPSyntax
internal import MailTypes

/// UIDONLY (RFC 9586): a client that does without sequence numbers.
extension IMAPSession {
    /// VANISHED stands for EXPUNGE (RFC 7162 §3.2.10.2, RFC 9586 §3.4).
    var tellsVanished: Bool { usesQuickResync || usesUIDOnly }

    /// Begins the response about a message: FETCH with its UID, or UIDFETCH, which is named by it (RFC 9586 §3.3).
    func appendFetchStart(_ number: Int, _ uid: UID, to output: inout [UInt8]) {
        if usesUIDOnly {
            output.appendUIDFetchStart(uid)
        } else {
            output.appendFetchStart(UInt32(number), uid: uid)
        }
    }
}

extension Command {
    /// Whether it names messages by sequence numbers, or asks for an answer in them: refused with UIDREQUIRED once
    /// UIDONLY is enabled (RFC 9586 §3.2, §3.5).
    var usesSequenceNumbers: Bool {
        switch self {
        case .fetch(let fetch): !fetch.isUID
        case .store(let store): !store.isUID
        case .copy(let copy), .move(let copy): !copy.isUID
        case .replace(let replace): !replace.isUID
        case .search(let search): search.usesSequenceNumbers
        case .sort(let sort): sort.search.usesSequenceNumbers
        case .thread(let thread): thread.search.usesSequenceNumbers
        // What a client says of its numbers to be told what it has missed.
        case .select(let select): select.quickResync?.match != nil
        default: false
        }
    }
}

extension SearchCommand {
    fileprivate var usesSequenceNumbers: Bool {
        !isUID || key.contains { if case .numbers = $0 { true } else { false } }
    }
}
