/// How much of something may be done in an hour.
package enum HourlyLimit: Hashable, Sendable, CustomStringConvertible {
    /// The most that can be written.
    package static let largest = 1_000_000

    case unlimited
    /// 1 to `largest`.
    case atMost(Int)

    /// The number; nil when there is none.
    package var count: Int? { if case .atMost(let count) = self { count } else { nil } }

    package var description: String { count.map(String.init) ?? "none" }

    /// As a column has it: 0 for no limit.
    var stored: Int { count ?? 0 }

    /// Reads what a column has.
    init(stored: Int64) { self = stored > 0 ? .atMost(Int(stored)) : .unlimited }
}
