/// Punycode (RFC 3492): Unicode in the letters, digits and hyphens of a host name.
package enum Punycode {
    /// Longer labels than this are left alone; DNS has room for 63 octets (RFC 1035 §2.3.4).
    package static let labelLimit = 256

    /// The encoding of these code points (RFC 3492 §6.3), without the `xn--` of IDNA; nil when it would overflow.
    package static func encode(_ scalars: some Sequence<Unicode.Scalar>) -> String? {
        let input = scalars.map(\.value)
        guard input.count <= labelLimit else { return nil }
        var output = input.filter { $0 < 0x80 }.map { UInt8(truncatingIfNeeded: $0) }
        let basicCount = output.count
        if basicCount > 0 { output.append(delimiter) }
        var next = initialNext
        var delta: UInt32 = 0
        var bias = initialBias
        var handled = basicCount
        while handled < input.count {
            guard let smallest = input.lazy.filter({ $0 >= next }).min() else { return nil }
            let (product, overflowed) = (smallest - next).multipliedReportingOverflow(by: UInt32(handled + 1))
            let (sum, carried) = delta.addingReportingOverflow(product)
            guard !overflowed, !carried else { return nil }
            delta = sum
            next = smallest
            for value in input {
                if value < next { delta &+= 1 }
                guard value == next else { continue }
                appendInteger(delta, bias: bias, to: &output)
                bias = adapt(delta, count: UInt32(handled + 1), isFirst: handled == basicCount)
                delta = 0
                handled += 1
            }
            delta &+= 1
            next += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The text that `encoded` (without `xn--`) stands for (RFC 3492 §6.2); nil when it stands for none.
    package static func decode(_ encoded: String) -> String? {
        let input = Array(encoded.utf8)
        guard input.count <= labelLimit, input.allSatisfy({ $0 < 0x80 }) else { return nil }
        let split = input.lastIndex(of: delimiter)
        var output = input[..<(split ?? 0)].map { UInt32($0) }
        var index = split.map { $0 + 1 } ?? 0
        var next = initialNext
        var place: UInt32 = 0
        var bias = initialBias
        while index < input.count {
            let start = place
            var weight: UInt32 = 1
            var threshold = base
            while true {
                guard index < input.count, let digit = digitValue(input[index]) else { return nil }
                index += 1
                let (product, overflowed) = digit.multipliedReportingOverflow(by: weight)
                let (sum, carried) = place.addingReportingOverflow(product)
                guard !overflowed, !carried else { return nil }
                place = sum
                let limit = Self.limit(threshold, bias)
                if digit < limit { break }
                let (heavier, tooHeavy) = weight.multipliedReportingOverflow(by: base - limit)
                guard !tooHeavy else { return nil }
                weight = heavier
                threshold += base
            }
            let count = UInt32(output.count + 1)
            bias = adapt(place - start, count: count, isFirst: start == 0)
            let (sum, carried) = next.addingReportingOverflow(place / count)
            guard !carried, Unicode.Scalar(sum) != nil else { return nil }
            next = sum
            place %= count
            output.insert(next, at: Int(place))
            place += 1
        }
        var text = String.UnicodeScalarView()
        for value in output {
            guard let scalar = Unicode.Scalar(value) else { return nil }
            text.append(scalar)
        }
        return String(text)
    }

    // The parameters of RFC 3492 §5.
    private static let base: UInt32 = 36
    private static let least: UInt32 = 1
    private static let most: UInt32 = 26
    private static let skew: UInt32 = 38
    private static let damp: UInt32 = 700
    private static let initialBias: UInt32 = 72
    private static let initialNext: UInt32 = 0x80
    private static let delimiter: UInt8 = 0x2D

    private static func limit(_ threshold: UInt32, _ bias: UInt32) -> UInt32 {
        threshold <= bias ? least : min(most, max(least, threshold - bias))
    }

    private static func appendInteger(_ value: UInt32, bias: UInt32, to output: inout [UInt8]) {
        var rest = value
        var threshold = base
        while true {
            let limit = limit(threshold, bias)
            if rest < limit { break }
            output.append(digit(limit + (rest - limit) % (base - limit)))
            rest = (rest - limit) / (base - limit)
            threshold += base
        }
        output.append(digit(rest))
    }

    /// Bias adaptation (RFC 3492 §6.1).
    private static func adapt(_ delta: UInt32, count: UInt32, isFirst: Bool) -> UInt32 {
        var delta = isFirst ? delta / damp : delta / 2
        delta += delta / count
        var steps: UInt32 = 0
        while delta > (base - least) * most / 2 {
            delta /= base - least
            steps += base
        }
        return steps + (base - least + 1) * delta / (delta + skew)
    }

    private static func digit(_ value: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: value < 26 ? value + 0x61 : value - 26 + 0x30)
    }

    private static func digitValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte) - 0x30 + 26
        case 0x41...0x5A: UInt32(byte) - 0x41
        case 0x61...0x7A: UInt32(byte) - 0x61
        default: nil
        }
    }
}
