internal import Glibc

/// A point on the machine's monotonic clock, in nanoseconds: for deadlines and intervals, never for dates.
package struct MonotonicTime: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The present.
    package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// A deadline that never comes.
    package static let distantFuture = MonotonicTime(nanoseconds: .max)

    /// This much later; saturates at `distantFuture`.
    package static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        let (sum, overflowed) = time.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return overflowed ? .distantFuture : MonotonicTime(nanoseconds: sum)
    }

    /// How long after `earlier` this is; negative when it is before.
    package static func - (later: MonotonicTime, earlier: MonotonicTime) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Duration {
    /// The duration in nanoseconds, saturating at ±292 years.
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflowed) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflowed else { return seconds < 0 ? .min : .max }
        let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard !carried else { return seconds < 0 ? .min : .max }
        return sum
    }
}
