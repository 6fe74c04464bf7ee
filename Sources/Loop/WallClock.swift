internal import Glibc

/// Where dates come from; injected, so that tests choose the time.
package struct WallClock: Sendable {
    /// Seconds since 1970-01-01T00:00:00Z, and the nanoseconds within the second.
    package struct Time: Hashable, Comparable, Sendable {
        package let seconds: Int64
        package let nanoseconds: Int32

        package init(seconds: Int64, nanoseconds: Int32 = 0) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }

        package static func < (left: Time, right: Time) -> Bool {
            (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
        }
    }

    private let read: @Sendable () -> Time

    /// A clock that reads the time from `read`.
    package init(_ read: @escaping @Sendable () -> Time) { self.read = read }

    /// The present by this clock.
    package var now: Time { read() }

    /// The machine's clock.
    package static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Time(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }

    /// A clock that stands still.
    package static func fixed(seconds: Int64) -> WallClock { WallClock { Time(seconds: seconds) } }

    /// Minutes by which the machine's time zone is east of UTC at `seconds`.
    package static func zone(at seconds: Int64) -> Int {
        var moment = time_t(seconds)
        var fields = tm()
        localtime_r(&moment, &fields)
        return fields.tm_gmtoff / 60
    }
}
