internal import IMAPSyntax
internal import MailTypes

/// What a search has found, in the order of its answer, and what of it was asked for.
///
/// MIN and MAX are the first and the last: of a SEARCH by number, of a SORT by its order (RFC 5267 §3.1).
struct SearchResults {
    /// UIDs: ascending, or sorted.
    let uids: [UInt32]
    private let returns: SearchCommand.Returns
    private let range: ResultRange?

    /// - Parameter command: without RETURN all are asked for. Options that return nothing of themselves leave it at
    ///   that, so that whoever asks for changes knows what has changed; but SAVE alone is silent (RFC 5182 §2.1).
    init(_ uids: [UInt32], _ command: SearchCommand) {
        self.uids = uids
        range = command.partial
        var returns = command.returns ?? .all
        if range == nil, returns.isDisjoint(with: [.min, .max, .all, .count, .save]) { returns.insert(.all) }
        self.returns = returns
    }

    /// The part that PARTIAL names.
    private var part: ArraySlice<UInt32>? { range.map { uids[$0.indices(of: uids.count)] } }

    /// The messages that SAVE keeps and MODSEQ is of: all, but with MIN, MAX or PARTIAL, and neither ALL nor COUNT, only
    /// those that are named (RFC 4731 §3.2, RFC 5182 §2.4, RFC 9394 §3.2).
    var named: NumberSet {
        guard returns.isDisjoint(with: [.all, .count]) else { return NumberSet(uids) }
        guard range != nil || !returns.isDisjoint(with: [.min, .max]) else { return NumberSet(uids) }
        var named = Array(part ?? [])
        if returns.contains(.min), let first = uids.first { named.append(first) }
        if returns.contains(.max), let last = uids.last { named.append(last) }
        return NumberSet(named)
    }

    /// The ESEARCH line; nil when nothing is to be said.
    ///
    /// - Parameter numbered: gives a message the number that it has in the answer.
    func response(
        tag: [UInt8], isUID: Bool, modSeq: ModSeq?, numbered: (UInt32) -> UInt32
    ) -> ESearchResponse? {
        guard range != nil || !returns.isDisjoint(with: [.min, .max, .all, .count]) else { return nil }
        var response = ESearchResponse(tag: tag, isUID: isUID, modSeq: modSeq)
        if returns.contains(.min) { response.min = uids.first.map(numbered) }
        if returns.contains(.max) { response.max = uids.last.map(numbered) }
        if returns.contains(.count) { response.count = UInt32(uids.count) }
        if returns.contains(.all) { response.all = Self.ranges(of: uids.lazy.map(numbered)) }
        if let range, let part { response.partial = .init(range: range, numbers: Self.ranges(of: part.map(numbered))) }
        return response
    }

    /// The numbers in their order, as ranges where each is one more than the one before (RFC 5267 §3.2).
    static func ranges(of numbers: some Sequence<UInt32>) -> [ClosedRange<UInt32>] {
        var ranges: [ClosedRange<UInt32>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound < number, number - last.upperBound == 1 {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges
    }
}
