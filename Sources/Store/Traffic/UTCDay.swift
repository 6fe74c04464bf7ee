package import MailTypes

/// A day in UTC, by which traffic with upstreams is counted.
package struct UTCDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    private static let secondsPerDay: Int64 = 86_400

    /// Days since 1970-01-01.
    package let number: Int64

    package init(number: Int64) { self.number = number }

    /// The day of this time, in seconds since 1970-01-01T00:00:00Z.
    package init(of seconds: Int64) {
        // Rounded down also before 1970.
        number = seconds / Self.secondsPerDay - (seconds % Self.secondsPerDay < 0 ? 1 : 0)
    }

    /// Midnight at which it begins.
    package var begin: Moment { Moment(seconds: number * Self.secondsPerDay) }

    package func advanced(by days: Int64) -> UTCDay { UTCDay(number: number + days) }

    package static func < (left: UTCDay, right: UTCDay) -> Bool { left.number < right.number }

    /// `2026-11-28`.
    package var description: String {
        let fields = begin.fields
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return "\(digits(fields.year, 4))-\(digits(fields.month, 2))-\(digits(fields.day, 2))"
    }
}
