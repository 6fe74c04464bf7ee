internal import Bytes
internal import MailTypes

extension ResponseReader {
    /// `SEARCH`, the word taken.
    mutating func searchResponse() -> UntaggedResponse {
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
        return .search(numbers, modSeq: modSeq)
    }

    /// `ESEARCH`, the word taken.
    mutating func esearchResponse() -> ESearchResponse {
        var response = ESearchResponse(tag: nil)
        if peek == UInt8(ascii: "("), case .list(let members)? = value(), members.count >= 2 {
            response.tag = nstringOrAtom(members[1])
            spaces()
        }
        while !isAtEnd {
            let start = position
            switch word() {
            case .uid: response.isUID = true
            case .min: response.min = spacedNumber()
            case .max: response.max = spacedNumber()
            case .count: response.count = spacedNumber()
            case .all:
                spaces()
                response.all = ranges().map { NumberSet(ranges: $0) }
            case .modSeq:
                spaces()
                response.modSeq = number().map { ModSeq(rawValue: $0) }
            default:
                position = start
                if bareRange().isEmpty { return response }
                spaces()
                skipValue()
            }
            guard skip(ASCII.space) else { return response }
        }
        return response
    }

    private mutating func spacedNumber() -> UInt32? {
        spaces()
        return number32()
    }
}
