/// Sets of numbers against one another: each costs one pass over both sets' ranges.
extension NumberSet {
    /// The numbers that are in both.
    package func intersection(_ other: NumberSet) -> NumberSet {
        var common: [ClosedRange<UInt32>] = []
        var here = 0
        var there = 0
        while here < ranges.count, there < other.ranges.count {
            let lower = Swift.max(ranges[here].lowerBound, other.ranges[there].lowerBound)
            let upper = Swift.min(ranges[here].upperBound, other.ranges[there].upperBound)
            if lower <= upper { common.append(lower...upper) }
            if ranges[here].upperBound < other.ranges[there].upperBound { here += 1 } else { there += 1 }
        }
        return NumberSet(ranges: common)
    }

    /// The numbers that are here and not in `other`.
    package func subtracting(_ other: NumberSet) -> NumberSet {
        var left: [ClosedRange<UInt32>] = []
        var there = 0
        for range in ranges {
            var lower = range.lowerBound
            while there < other.ranges.count, other.ranges[there].upperBound < lower { there += 1 }
            var next = there
            var isOpen = true
            while isOpen, next < other.ranges.count, other.ranges[next].lowerBound <= range.upperBound {
                let taken = other.ranges[next]
                if taken.lowerBound > lower { left.append(lower...taken.lowerBound - 1) }
                if taken.upperBound >= range.upperBound { isOpen = false } else { lower = taken.upperBound + 1 }
                next += 1
            }
            if isOpen { left.append(lower...range.upperBound) }
        }
        return NumberSet(ranges: left)
    }
}
