internal import Bytes
internal import SQLite

/// How contents are kept from those who can read the file but have no key. The vault's work, injected.
package protocol Sealing: Sendable {
    /// The sealed form of `plain`, openable with the same context alone.
    func seal(_ plain: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8]
    /// The octets that were sealed under `context`.
    func open(_ sealed: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8]
}

/// For reads that open nothing: whatever is sealed stays closed.
struct NoSealing: Sealing {
    func seal(_ plain: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8] { throw .failed }
    func open(_ sealed: UnsafeRawBufferPointer, context: String) throws(SealingError) -> [UInt8] { throw .failed }
}

extension Sealing {
    /// The sealed UTF-8 of a text.
    func seal(text: String, context: String) throws(StoreError) -> [UInt8] {
        try seal(octets: Array(text.utf8), context: context)
    }

    /// The sealed form of some octets.
    func seal(octets: [UInt8], context: String) throws(StoreError) -> [UInt8] {
        let result = octets.withUnsafeBytes { bytes in
            Result { () throws(SealingError) in try seal(bytes, context: context) }
        }
        do throws(SealingError) { return try result.get() } catch { throw .sealing(error) }
    }

    /// The text that a column holds sealed; nil for NULL.
    func text(_ row: borrowing Row, _ place: Int, context: String) throws(StoreError) -> String? {
        try octets(row, place, context: context).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The octets that a column holds sealed; nil for NULL.
    func octets(_ row: borrowing Row, _ place: Int, context: String) throws(StoreError) -> [UInt8]? {
        if row.isNull(place) { return nil }
        do throws(SealingError) {
            return try row.withBlob(place) { bytes throws(SealingError) in try open(bytes, context: context) }
        } catch { throw .damaged("\(context): \(error)") }
    }
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
