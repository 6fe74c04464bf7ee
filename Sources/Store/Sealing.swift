internal import Bytes

/// How contents are kept from those who can read the file but have no key. The vault's work, injected.
package protocol Sealing: Sendable {
    /// The sealed form of `plain`, openable with the same context alone.
    func seal(_ plain: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8]
    /// The octets that were sealed under `context`.
    func open(_ sealed: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8]
}

/// Why sealed octets stay closed.
package enum SealingError: Error, Hashable, Sendable {
    /// Sealed under another key.
    case otherKey
    /// Changed, cut, or sealed under another context.
    case damaged
    /// The library failed.
    case failed
}

/// The SHA-256 of a content, by which it is stored once.
package struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
    package static let size = 32
    package let octets: [UInt8]

    /// Nil unless there are 32 octets.
    package init?(_ octets: [UInt8]) {
        guard octets.count == Self.size else { return nil }
        self.octets = octets
    }

    package var description: String { octets.hexadecimal }
}
