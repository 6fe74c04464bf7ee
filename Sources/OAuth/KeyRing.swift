package import Loop
package import TokenSyntax

/// The keys of an issuer as they are remembered, and when it is time to ask for them again. Pure: told the time.
package struct KeyRing: Sendable {
    /// How long keys are taken without asking again.
    package static let lifetime: Duration = .seconds(3_600)
    /// How often keys are asked for at most, because a token names one that is not known.
    package static let unknownKeyInterval: Duration = .seconds(60)
    /// How long after a failure nothing is asked.
    package static let rest: Duration = .seconds(10)
    /// How long keys are taken that could not be asked for again: an issuer that is down for a night locks nobody out, and
    /// a key that was withdrawn is not believed for ever.
    package static let retention: Duration = .seconds(86_400)

    private var keys: KeySet?
    private var got: MonotonicTime?
    private var failed: MonotonicTime?

    package init() {}

    /// What to do for somebody who needs the keys.
    package enum Step: Hashable, Sendable {
        case use(KeySet)
        case fetch
        /// There are none that may be taken, and it is too soon to ask.
        case rest
    }

    /// - Parameter isMissing: whether the keys that there are have not the one that is needed.
    package func step(isMissing: Bool, at now: MonotonicTime) -> Step {
        let isResting = failed.map { now < $0 + Self.rest } ?? false
        guard let keys, let got, now < got + Self.retention else { return isResting ? .rest : .fetch }
        let isDue = now >= got + (isMissing ? Self.unknownKeyInterval : Self.lifetime)
        // Whether the issuer has a key that is missing can't be told while it is away.
        if isResting { return isMissing ? .rest : .use(keys) }
        return isDue ? .fetch : .use(keys)
    }

    /// The keys that there are, if they may still be taken after asking has failed.
    package func kept(at now: MonotonicTime) -> KeySet? {
        guard let keys, let got, now < got + Self.retention else { return nil }
        return keys
    }

    /// The issuer has answered.
    package mutating func take(_ keys: KeySet, at now: MonotonicTime) {
        self.keys = keys
        got = now
        failed = nil
    }

    /// The issuer has not.
    package mutating func fail(at now: MonotonicTime) { failed = now }
}
