/// Writes values one after the other, each in a form that says where it ends.
struct OctetWriter {
    private(set) var octets: [UInt8] = []

    /// Seven bits an octet, the lowest first.
    mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            octets.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        octets.append(UInt8(rest))
    }

    mutating func append(_ count: Int) { append(UInt64(count)) }

    mutating func append(_ bytes: [UInt8]) {
        append(bytes.count)
        octets.append(contentsOf: bytes)
    }

    /// Nil is a zero; otherwise the length plus one.
    mutating func append(_ bytes: [UInt8]?) {
        guard let bytes else { return append(0) }
        append(bytes.count + 1)
        octets.append(contentsOf: bytes)
    }

    mutating func append<Element>(list: [Element], _ write: (inout OctetWriter, Element) -> Void) {
        append(list.count)
        for element in list { write(&self, element) }
    }
}

/// Reads what `OctetWriter` wrote. Anything else is `.damaged`.
struct OctetReader {
    private let octets: [UInt8]
    private var position = 0

    init(_ octets: [UInt8]) { self.octets = octets }

    var isAtEnd: Bool { position == octets.count }
    static let damage = StoreError.damaged("a stored value is cut or of another form")

    mutating func number() throws(StoreError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard position < octets.count else { throw Self.damage }
            let octet = octets[position]
            position += 1
            value |= UInt64(octet & 0x7F) << shift
            if octet < 0x80 { return value }
        }
        throw Self.damage
    }

    /// A count of things that each take at least one octet.
    mutating func count() throws(StoreError) -> Int {
        let value = try number()
        guard value <= UInt64(octets.count - position) else { throw Self.damage }
        return Int(value)
    }

    mutating func bytes() throws(StoreError) -> [UInt8] { try take(try count()) }

    mutating func bytesOrNil() throws(StoreError) -> [UInt8]? {
        let value = try number()
        guard value > 0 else { return nil }
        guard value - 1 <= UInt64(octets.count - position) else { throw Self.damage }
        return try take(Int(value - 1))
    }

    mutating func list<Element>(
        _ read: (inout OctetReader) throws(StoreError) -> Element
    ) throws(StoreError) -> [Element] {
        let count = try count()
        var list: [Element] = []
        list.reserveCapacity(count)
        for _ in 0..<count { list.append(try read(&self)) }
        return list
    }

    private mutating func take(_ count: Int) throws(StoreError) -> [UInt8] {
        guard count <= octets.count - position else { throw Self.damage }
        defer { position += count }
        return Array(octets[position..<position + count])
    }
}
