import Bytes

/// The ways in which the network may deliver the same octets.
enum Splitting {
    /// Whole, byte by byte, and cut in two at every offset.
    static func all(_ octets: [UInt8]) -> [[[UInt8]]] {
        var ways: [[[UInt8]]] = [[octets], octets.map { [$0] }]
        for offset in 1..<max(1, octets.count) {
            ways.append([Array(octets[..<offset]), Array(octets[offset...])])
        }
        return ways
    }
}

/// A generator that gives the same numbers for the same seed.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

func octets(_ text: String) -> [UInt8] { Array(text.utf8) }
