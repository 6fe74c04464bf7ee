internal import MailTypes

/// What is asked of an ascending array of distinct numbers.
extension [UInt32] {
    /// The index of the first number that is not below `number`; `count` when all are.
    func firstIndex(notBelow number: UInt32) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The indices of the numbers that are in `set`, ascending. Costs a binary search a range and a step a member.
    func members(of set: NumberSet) -> [Int] {
        var found: [Int] = []
        for range in set.ranges {
            var index = firstIndex(notBelow: range.lowerBound)
            while index < count, self[index] <= range.upperBound {
                found.append(index)
                index += 1
            }
        }
        return found
    }
}

extension Array {
    /// Removes the elements at these ascending indices in one pass.
    mutating func remove(atSorted places: [Int]) {
        guard places.count > 1 else {
            if let place = places.first { remove(at: place) }
            return
        }
        var kept: [Element] = []
        kept.reserveCapacity(count - places.count)
        var start = 0
        for place in places {
            kept.append(contentsOf: self[start..<place])
            start = place + 1
        }
        kept.append(contentsOf: self[start...])
        self = kept
    }
}
