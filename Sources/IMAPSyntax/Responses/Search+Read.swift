internal import Bytes
internal import MailTypes

extension ResponseReader {
    /// The numbers of `SEARCH` or `SORT` and the mod-sequence after them (RFC 7162 §3.1.5), the word taken.
    mutating func searchResponse() -> (numbers: [UInt32], modSeq: ModSeq?) {
        var numbers: [UInt32] = []
        while let number = number32() {
            numbers.append(number)
            spaces()
        }
        var modSeq: ModSeq?
        if skip(UInt8(ascii: "(")) {
            if word() == .modSeq {
                spaces()
                modSeq = number().map { ModSeq(rawValue: $0) }
            }
        }
        return (numbers, modSeq)
    }

    /// `ESEARCH`, the word taken.
    mutating func esearchResponse() -> ESearchResponse {
        var response = ESearchResponse(tag: nil)
        if peek == UInt8(ascii: "("), case .list(let members)? = value() {
            readCorrelator(members, into: &response)
            spaces()
        }
        while !isAtEnd {
            let start = position
            let word = word()
            if word == .uid {
                response.isUID = true
            } else {
                spaces()
                if !readResult(word, into: &response) {
                    position = start
                    if bareRange().isEmpty { return response }
                    spaces()
                    skipValue()
                }
            }
            guard skip(ASCII.space) else { return response }
        }
        return response
    }

    /// Which command and which mailbox it is about (RFC 4466 §2.6.2, RFC 7377 §2.2).
    private mutating func readCorrelator(_ members: [Value], into response: inout ESearchResponse) {
        for index in stride(from: 0, to: members.count - 1, by: 2) {
            guard let name = nstringOrAtom(members[index]) else { continue }
            let value = members[index + 1]
            if name.equalsIgnoringASCIICase("TAG".utf8) {
                response.tag = nstringOrAtom(value)
            } else if name.equalsIgnoringASCIICase("MAILBOX".utf8) {
                response.mailbox = nstringOrAtom(value).map { decodeName($0).name }
            } else if name.equalsIgnoringASCIICase("UIDVALIDITY".utf8) {
                response.uidValidity = number(value).flatMap { UInt32(exactly: $0) }.map { UIDValidity(rawValue: $0) }
            }
        }
    }

    /// One piece of data with its word and the space taken; false when it is unknown or unreadable.
    private mutating func readResult(_ word: Keyword, into response: inout ESearchResponse) -> Bool {
        switch word {
        case .min: response.min = number32()
        case .max: response.max = number32()
        case .count: response.count = number32()
        case .all: response.all = ranges()
        case .modSeq: response.modSeq = number().map { ModSeq(rawValue: $0) }
        case .partial:
            guard let partial = partialResult() else { return false }
            response.partial = partial
        case .addTo: return readUpdates(.add, into: &response)
        case .removeFrom: return readUpdates(.remove, into: &response)
        default: return false
        }
        return true
    }

    /// `(1:500 4:7,9)`, with `NIL` for no results (RFC 5267 §4.4).
    private mutating func partialResult() -> ESearchResponse.Partial? {
        guard skip(UInt8(ascii: "(")), let range = resultRange() else { return nil }
        spaces()
        let start = position
        var numbers: [ClosedRange<UInt32>] = []
        if !isNil(bareRange()) {
            position = start
            guard let ranges = ranges() else { return nil }
            numbers = ranges
        }
        return skip(UInt8(ascii: ")")) ? ESearchResponse.Partial(range: range, numbers: numbers) : nil
    }

    /// `(0 2733,2731:2732 1 7)`: places and what comes or goes there (RFC 5267 §4.3.3, §4.3.4).
    private mutating func readUpdates(_ kind: ESearchResponse.Update.Kind, into response: inout ESearchResponse) -> Bool
    {
        guard skip(UInt8(ascii: "(")) else { return false }
        var updates: [ESearchResponse.Update] = []
        repeat {
            guard let place = number32() else { return false }
            spaces()
            guard let numbers = ranges() else { return false }
            updates.append(ESearchResponse.Update(kind, at: place, numbers))
        } while skip(ASCII.space)
        guard skip(UInt8(ascii: ")")) else { return false }
        response.updates += updates
        return true
    }
}
