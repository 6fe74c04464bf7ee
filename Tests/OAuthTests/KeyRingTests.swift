import Loop
import Testing
import TokenSyntax

@testable import OAuth

@Suite struct KeyRingTests {
    private static let keys = KeySet(keys: [])
    private static func at(_ time: Duration) -> MonotonicTime { MonotonicTime(nanoseconds: 1_000_000_000) + time }

    @Test func asksWhenItIsTime() {
        var ring = KeyRing()
        #expect(ring.step(isMissing: false, at: Self.at(.zero)) == .fetch)
        ring.take(Self.keys, at: Self.at(.zero))
        #expect(ring.step(isMissing: false, at: Self.at(KeyRing.lifetime - .seconds(1))) == .use(Self.keys))
        #expect(ring.step(isMissing: false, at: Self.at(KeyRing.lifetime)) == .fetch)
        // For a key that is not known, once in a while.
        #expect(ring.step(isMissing: true, at: Self.at(.zero)) == .use(Self.keys))
        #expect(ring.step(isMissing: true, at: Self.at(KeyRing.unknownKeyInterval - .seconds(1))) == .use(Self.keys))
        #expect(ring.step(isMissing: true, at: Self.at(KeyRing.unknownKeyInterval)) == .fetch)
    }

    @Test func restsAfterFailures() {
        var ring = KeyRing()
        ring.fail(at: Self.at(.zero))
        #expect(ring.step(isMissing: false, at: Self.at(KeyRing.rest - .seconds(1))) == .rest)
        #expect(ring.step(isMissing: false, at: Self.at(KeyRing.rest)) == .fetch)
    }

    @Test func keepsOldKeysForAWhile() {
        var ring = KeyRing()
        ring.take(Self.keys, at: Self.at(.zero))
        let late = Self.at(KeyRing.lifetime + .seconds(5))
        ring.fail(at: late)
        #expect(ring.step(isMissing: false, at: late + .seconds(1)) == .use(Self.keys))
        #expect(ring.step(isMissing: true, at: late + .seconds(1)) == .rest)
        #expect(ring.step(isMissing: false, at: late + KeyRing.rest) == .fetch)
        #expect(ring.kept(at: late) == Self.keys)
        // But not for ever.
        let over = Self.at(KeyRing.retention)
        #expect(ring.kept(at: over) == nil && ring.step(isMissing: false, at: over) == .fetch)
        ring.fail(at: over)
        #expect(ring.step(isMissing: false, at: over) == .rest)
        ring.take(Self.keys, at: over)
        #expect(ring.step(isMissing: false, at: over + .seconds(1)) == .use(Self.keys))
    }
}
