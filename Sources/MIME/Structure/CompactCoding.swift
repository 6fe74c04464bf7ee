internal import Bytes

/// Writes the compact form of structures: numbers in groups of seven bits, lowest first; octets behind their count.
struct CompactWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ number: Int) {
        var rest = UInt64(max(0, number))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func write(_ octets: [UInt8]) {
        write(octets.count)
        bytes.append(contentsOf: octets)
    }

    /// Nil is 0, a value its count and one.
    mutating func write(_ octets: [UInt8]?) {
        guard let octets else { return write(0) }
        write(octets.count + 1)
        bytes.append(contentsOf: octets)
    }

    mutating func write<Value>(_ list: [Value], _ each: (inout CompactWriter, Value) -> Void) {
        write(list.count)
        for value in list { each(&self, value) }
    }
}

/// What is stored is damaged, or was written by another version.
struct CompactDamage: Error {}

/// Reads what `CompactWriter` wrote. Nothing that the octets say makes it take more memory than their count allows.
struct CompactReader {
    private var cursor: ByteCursor
    /// How deep structures may nest.
    static let maximumDepth = 1000
    var depth = 0

    init(_ bytes: [UInt8]) { cursor = ByteCursor(bytes) }

    var isAtEnd: Bool { cursor.isAtEnd }

    mutating func number() throws(CompactDamage) -> Int {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = cursor.next(), shift < 63 {
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return Int(truncatingIfNeeded: value & UInt64(Int.max)) }
            shift += 7
        }
        throw CompactDamage()
    }

    mutating func octets() throws(CompactDamage) -> [UInt8] {
        guard let taken = cursor.take(try number()) else { throw CompactDamage() }
        return Array(taken)
    }

    mutating func optionalOctets() throws(CompactDamage) -> [UInt8]? {
        let count = try number()
        guard count > 0 else { return nil }
        guard let taken = cursor.take(count - 1) else { throw CompactDamage() }
        return Array(taken)
    }

    mutating func list<Value>(
        _ each: (inout CompactReader) throws(CompactDamage) -> Value
    ) throws(CompactDamage) -> [Value] {
        let count = try number()
        // Each value takes one octet at least.
        guard count <= cursor.remaining else { throw CompactDamage() }
        var values: [Value] = []
        for _ in 0..<count { values.append(try each(&self)) }
        return values
    }
}
