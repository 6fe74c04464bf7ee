package import Loop
package import Store

/// How often each address has failed to sign in lately.
///
/// An attempt counts from its beginning, so that many at once are not many free ones; a success takes it back.
package struct Attempts: Sendable {
    /// What is done about failures.
    package struct Policy: Sendable {
        /// How long the first failure of an address is held back.
        package var firstDelay: Duration = .seconds(1)
        /// How long each further one is held back at most; it doubles up to here.
        package var lastDelay: Duration = .seconds(8)
        /// The failures of one address after which nothing is checked for it any more.
        package var failureLimit = 40
        /// How long an address is remembered after its last failure.
        package var memory: Duration = .seconds(600)
        /// The most addresses remembered; beyond that the oldest are forgotten.
        package var addressLimit = 8192
        package init() {}
    }

    /// Who is counted together: one IPv4 address, or the /64 that one subscriber of IPv6 has.
    package struct Source: Hashable, Sendable {
        let octets: [UInt8]
        package init(_ address: IPAddress) {
            octets = address.octets.count == 16 ? Array(address.octets.prefix(8)) : address.octets
        }
    }

    private struct Record {
        var failures = 0
        var pending = 0
        var last: MonotonicTime
    }

    package let policy: Policy
    private var records: [Source: Record] = [:]

    package init(policy: Policy = Policy()) { self.policy = policy }

    /// How many addresses are remembered.
    package var count: Int { records.count }

    /// Whether an attempt may begin.
    package enum Admission: Hashable, Sendable {
        case admitted
        /// Not before one of those that are on their way has ended: were they all to fail, it would be one too many.
        case afterOthers
        /// The address has failed too often, and is not listened to for so long.
        case refused(Duration)
    }

    /// Begins an attempt, if it may.
    package mutating func begin(from source: Source, at now: MonotonicTime) -> Admission {
        var record = current(source, at: now)
        guard record.failures < policy.failureLimit else { return .refused(record.last + policy.memory - now) }
        guard record.failures + record.pending < policy.failureLimit else { return .afterOthers }
        record.pending += 1
        keep(record, for: source, at: now)
        return .admitted
    }

    /// Ends an attempt that succeeded or was given up without an answer.
    package mutating func withdraw(from source: Source) { records[source]?.pending -= 1 }

    /// Ends an attempt that failed, and tells how long the answer is held back.
    package mutating func fail(from source: Source, at now: MonotonicTime) -> Duration {
        var record = current(source, at: now)
        record.pending = max(0, record.pending - 1)
        record.failures += 1
        record.last = now
        keep(record, for: source, at: now)
        let doublings = min(record.failures - 1, 16)
        return min(policy.firstDelay * (1 << doublings), policy.lastDelay)
    }

    private func current(_ source: Source, at now: MonotonicTime) -> Record {
        guard var record = records[source] else { return Record(last: now) }
        if record.last + policy.memory <= now { record.failures = 0 }
        return record
    }

    private mutating func keep(_ record: Record, for source: Source, at now: MonotonicTime) {
        if records[source] == nil, records.count >= policy.addressLimit { makeRoom(at: now) }
        records[source] = record
    }

    private mutating func makeRoom(at now: MonotonicTime) {
        let memory = policy.memory
        records = records.filter { $0.value.pending > 0 || $0.value.failures > 0 && $0.value.last + memory > now }
        guard records.count >= policy.addressLimit else { return }
        let byAge = records.sorted { $0.value.last > $1.value.last }
        records = Dictionary(uniqueKeysWithValues: byAge.prefix(policy.addressLimit / 2).map { ($0.key, $0.value) })
    }
}
