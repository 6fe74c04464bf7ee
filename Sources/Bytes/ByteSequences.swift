extension Collection<UInt8> {
    /// Lends the octets as they lie in memory; only a collection that does not lie in one piece is copied first.
    /// The loops below run over this and not over `self`: nobody inlines them into another target, and through the
    /// witnesses of any collection an octet costs tens of nanoseconds.
    func withOctets<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = withContiguousStorageIfAvailable({ unsafe body($0) }) { return result }
        return unsafe Array(self).withUnsafeBufferPointer { unsafe body($0) }
    }

    /// Whether both are the same octets when ASCII letters are compared without case.
    package func equalsIgnoringASCIICase(_ other: some Collection<UInt8>) -> Bool {
        count == other.count && startsIgnoringASCIICase(with: other)
    }

    /// Whether this begins with `prefix`, ASCII letters compared without case.
    package func startsIgnoringASCIICase(with prefix: some Collection<UInt8>) -> Bool {
        unsafe withOctets { octets in
            unsafe prefix.withOctets { prefix in
                guard prefix.count <= octets.count else { return false }
                for place in 0..<prefix.count {
                    guard unsafe ASCII.lowercased(octets[place]) == ASCII.lowercased(prefix[place]) else {
                        return false
                    }
                }
                return true
            }
        }
    }

    /// ASCII letters in lower case, every other octet unchanged.
    package func asciiLowercased() -> [UInt8] { unsafe withOctets { unsafe $0.map(ASCII.lowercased) } }

    /// Lower-case hexadecimal digits, two an octet.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(count * 2)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The number that these decimal digits write; nil when empty, when an octet is no digit, or on overflow.
    package var decimalValue: UInt64? {
        guard !isEmpty else { return nil }
        return unsafe withOctets { octets in
            var value: UInt64 = 0
            for place in 0..<octets.count {
                let byte = unsafe octets[place]
                guard ASCII.isDigit(byte) else { return nil }
                let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
                let (sum, carried) = product.addingReportingOverflow(UInt64(byte &- 0x30))
                guard !overflowed, !carried else { return nil }
                value = sum
            }
            return value
        }
    }
}

extension BidirectionalCollection<UInt8> {
    /// Without the spaces and tabs at both ends.
    package var trimmingBlanks: SubSequence {
        guard let first = firstIndex(where: { !ASCII.isBlank($0) }),
            let last = lastIndex(where: { !ASCII.isBlank($0) })
        else { return self[startIndex..<startIndex] }
        return self[first...last]
    }
}

extension ArraySlice<UInt8> {
    /// Without the spaces and tabs at both ends.
    package var trimmingBlanks: ArraySlice<UInt8> {
        var start = startIndex
        var end = endIndex
        while start < end, ASCII.isBlank(self[start]) { start += 1 }
        while end > start, ASCII.isBlank(self[end - 1]) { end -= 1 }
        return self[start..<end]
    }
}

extension [UInt8] {
    /// Without the spaces and tabs at both ends.
    package var trimmingBlanks: ArraySlice<UInt8> { self[...].trimmingBlanks }
}

extension [UInt8] {
    /// Appends the UTF-8 of a string.
    package mutating func append(text: String) { append(contentsOf: text.utf8) }

    /// Appends a number in decimal digits.
    package mutating func append(decimal value: some BinaryInteger) {
        var rest = UInt64(value.magnitude)
        if value < 0 { append(0x2D) }
        guard rest > 0 else { return append(0x30) }
        let start = count
        while rest > 0 {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            append(0x30 &+ UInt8(truncatingIfNeeded: remainder))
            rest = quotient
        }
        self[start...].reverse()
    }
}

extension String {
    /// The text of these octets; those that are no UTF-8 become U+FFFD.
    package init(lossy bytes: some Collection<UInt8>) { self.init(decoding: bytes, as: UTF8.self) }

    /// The text of these octets, or nil when they are no well-formed UTF-8.
    package init?(strictUTF8 bytes: some Collection<UInt8>) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        self = text
    }
}
