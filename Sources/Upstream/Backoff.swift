/// How long an upstream that is away is left alone: doubled with each failure, and spread, so that many accounts do
/// not come back all at once.
package struct Backoff: Sendable {
    package let first: Duration
    package let last: Duration
    private let random: @Sendable () -> Double

    /// - Parameter random: a number from 0 up to 1, for the spread; injected, so that tests are certain.
    package init(first: Duration, last: Duration, random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }) {
        self.first = first
        self.last = last
        self.random = random
    }

    /// The wait after so many failures in a row: between three quarters and five quarters of first · 2^(n-1), at
    /// most `last`.
    package func delay(afterFailures failures: Int) -> Duration {
        let doublings = min(max(failures - 1, 0), 30)
        let plain = min(first * (1 << doublings), last)
        return min(plain * (0.75 + random() / 2), last)
    }
}
