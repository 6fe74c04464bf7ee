// The same pieces for the types that protocols are read from and written to. A generic function of another target is
// compiled for no type in particular and costs some hundred nanoseconds a call; these are chosen instead of it.

extension [UInt8] {
    /// Whether both are the same octets when ASCII letters are compared without case.
    package func equalsIgnoringASCIICase(_ other: String.UTF8View) -> Bool {
        equals(self[...], other)
    }

    /// Whether both are the same octets when ASCII letters are compared without case.
    package func equalsIgnoringASCIICase(_ other: [UInt8]) -> Bool {
        count == other.count && indices.allSatisfy { ASCII.lowercased(self[$0]) == ASCII.lowercased(other[$0]) }
    }

    /// The number that these decimal digits write; nil when empty, when an octet is no digit, or on overflow.
    package var decimalValue: UInt64? { self[...].decimalValue }

    /// Appends a number in decimal digits.
    package mutating func append(decimal value: UInt64) {
        guard value > 9 else { return append(0x30 &+ UInt8(truncatingIfNeeded: value)) }
        var divisor: UInt64 = 10
        while value / divisor > 9 { divisor *= 10 }
        var rest = value
        while divisor > 0 {
            append(0x30 &+ UInt8(truncatingIfNeeded: rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    /// Appends a number in decimal digits.
    package mutating func append(decimal value: UInt32) { append(decimal: UInt64(value)) }

    /// Appends a number in decimal digits.
    package mutating func append(decimal value: Int) {
        if value < 0 { append(0x2D) }
        append(decimal: UInt64(value.magnitude))
    }
}

extension ArraySlice<UInt8> {
    /// Whether both are the same octets when ASCII letters are compared without case.
    package func equalsIgnoringASCIICase(_ other: String.UTF8View) -> Bool {
        equals(self, other)
    }

    /// The number that these decimal digits write; nil when empty, when an octet is no digit, or on overflow.
    package var decimalValue: UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in self {
            guard ASCII.isDigit(byte) else { return nil }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(byte &- 0x30))
            guard !overflowed, !carried else { return nil }
            value = sum
        }
        return value
    }
}

extension String.UTF8View {
    /// Whether both are the same octets when ASCII letters are compared without case.
    package func equalsIgnoringASCIICase(_ other: String.UTF8View) -> Bool {
        guard count == other.count else { return false }
        var theirs = other.makeIterator()
        for byte in self {
            guard let their = theirs.next(), ASCII.lowercased(byte) == ASCII.lowercased(their) else { return false }
        }
        return true
    }
}

private func equals(_ bytes: ArraySlice<UInt8>, _ text: String.UTF8View) -> Bool {
    guard bytes.count == text.count else { return false }
    var index = bytes.startIndex
    for byte in text {
        guard ASCII.lowercased(byte) == ASCII.lowercased(bytes[index]) else { return false }
        index += 1
    }
    return true
}

extension ByteQueue {
    /// Appends octets at the back.
    package mutating func append(contentsOf bytes: [UInt8]) { append { $0.append(contentsOf: bytes) } }

    /// Appends octets at the back.
    package mutating func append(contentsOf bytes: ArraySlice<UInt8>) { append { $0.append(contentsOf: bytes) } }
}
