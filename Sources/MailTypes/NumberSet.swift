/// A set of numbers from 1 to 4,294,967,295 as sorted ranges that neither overlap nor touch: UIDs or sequence numbers.
package struct NumberSet: Hashable, Sendable, CustomStringConvertible {
    package private(set) var ranges: [ClosedRange<UInt32>] = []

    package init() {}

    package init(_ range: ClosedRange<UInt32>) { ranges = [range] }

    /// The set of these numbers, in any order; zeroes are left out.
    package init(_ numbers: some Sequence<UInt32>) {
        for number in numbers.sorted() where number > 0 { insert(number...number) }
    }

    package init(_ uids: some Sequence<UID>) { self.init(uids.lazy.map(\.rawValue)) }

    /// The set of all numbers in these ranges, in any order, overlapping or not. Sorting first keeps a peer's worst
    /// order from costing a search for each; zeroes are left out.
    package init(ranges: some Sequence<ClosedRange<UInt32>>) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where range.upperBound > 0 {
            let lower = Swift.max(1, range.lowerBound)
            if let last = self.ranges.last, lower <= last.upperBound || lower - 1 == last.upperBound {
                self.ranges[self.ranges.count - 1] = last.lowerBound...Swift.max(last.upperBound, range.upperBound)
            } else {
                self.ranges.append(lower...range.upperBound)
            }
        }
    }

    package var isEmpty: Bool { ranges.isEmpty }
    package var count: Int { ranges.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) + 1 } }
    package var min: UInt32? { ranges.first?.lowerBound }
    package var max: UInt32? { ranges.last?.upperBound }

    /// All numbers, ascending.
    package var numbers: some Sequence<UInt32> { ranges.lazy.flatMap { $0 } }

    package func contains(_ number: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(number)
    }

    package func contains(_ uid: UID) -> Bool { contains(uid.rawValue) }

    package mutating func insert(_ uid: UID) { insert(uid.rawValue...uid.rawValue) }

    /// Adds a range; joins the ranges that it overlaps or touches. Appending in order costs constant time.
    package mutating func insert(_ range: ClosedRange<UInt32>) {
        guard let last = ranges.last else {
            ranges = [range]
            return
        }
        if range.lowerBound > last.upperBound {
            if range.lowerBound - 1 == last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound...range.upperBound
            } else {
                ranges.append(range)
            }
            return
        }
        let first = ranges.firstIndex { $0.upperBound >= range.lowerBound || $0.upperBound + 1 == range.lowerBound }
        guard let first else { return ranges.append(range) }
        var merged = range
        var end = first
        while end < ranges.count,
            ranges[end].lowerBound <= merged.upperBound || ranges[end].lowerBound - 1 == merged.upperBound
        {
            merged =
                Swift.min(
                    merged.lowerBound, ranges[end].lowerBound)...Swift.max(merged.upperBound, ranges[end].upperBound)
            end += 1
        }
        ranges.replaceSubrange(first..<end, with: [merged])
    }

    /// As an IMAP `sequence-set` without `*` (RFC 9051 §9): `1,3:7`. Empty text for the empty set.
    package var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound):\($0.upperBound)" }.joined(separator: ",")
    }
}

/// A `sequence-set` as a client writes it (RFC 9051 §9), `*` not yet resolved.
package struct SequenceSet: Hashable, Sendable {
    package enum Bound: Hashable, Sendable {
        case number(UInt32)
        /// `*`: the largest number in use.
        case last
    }

    package struct Element: Hashable, Sendable {
        package let first: Bound
        package let second: Bound
        package init(_ first: Bound, _ second: Bound) {
            self.first = first
            self.second = second
        }
    }

    package let elements: [Element]
    package init(_ elements: [Element]) { self.elements = elements }

    /// The numbers meant when `largest` is the largest in use; `*` in an empty mailbox (`largest` 0) means none.
    package func resolved(largest: UInt32) -> NumberSet {
        var ranges: [ClosedRange<UInt32>] = []
        ranges.reserveCapacity(elements.count)
        for element in elements {
            let first = value(of: element.first, largest)
            let second = value(of: element.second, largest)
            guard first > 0, second > 0 else { continue }
            ranges.append(min(first, second)...max(first, second))
        }
        return NumberSet(ranges: ranges)
    }

    private func value(of bound: Bound, _ largest: UInt32) -> UInt32 {
        switch bound {
        case .number(let number): number
        case .last: largest
        }
    }
}
