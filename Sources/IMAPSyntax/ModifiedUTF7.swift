internal import Bytes

/// The encoding of mailbox names in RFC 3501 §5.1.3.
package enum ModifiedUTF7 {
    private static let ampersand = UInt8(ascii: "&")
    private static let hyphen = UInt8(ascii: "-")

    /// The encoding of `text`, appended to `output`.
    package static func append(_ text: String, to output: inout [UInt8]) {
        var shifted: [UInt8] = []
        for scalar in text.unicodeScalars {
            if (0x20...0x7E).contains(scalar.value) {
                flush(&shifted, to: &output)
                output.append(UInt8(scalar.value))
                if scalar.value == UInt32(ampersand) { output.append(hyphen) }
            } else {
                for unit in UTF16.encode(scalar) ?? .init() {
                    shifted.append(UInt8(unit >> 8))
                    shifted.append(UInt8(unit & 0xFF))
                }
            }
        }
        flush(&shifted, to: &output)
    }

    private static func flush(_ shifted: inout [UInt8], to output: inout [UInt8]) {
        guard !shifted.isEmpty else { return }
        output.append(ampersand)
        output.append(contentsOf: Base64.encode(shifted, .mailbox))
        output.append(hyphen)
        shifted.removeAll(keepingCapacity: true)
    }

    /// The encoding of `text`.
    package static func encode(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        append(text, to: &output)
        return output
    }

    /// The text that `bytes` encode; nil when they are no well-formed modified UTF-7. An encoding that RFC 3501 calls
    /// superfluous (`&AGE-` for `a`) is refused as well, so that two names never mean one mailbox.
    package static func decode(_ bytes: some Collection<UInt8>) -> String? {
        var text = String.UnicodeScalarView()
        var index = bytes.startIndex
        var isPlain = true
        while index < bytes.endIndex {
            let byte = bytes[index]
            bytes.formIndex(after: &index)
            guard (0x20...0x7E).contains(byte) else { return nil }
            guard byte == ampersand else {
                text.append(Unicode.Scalar(byte))
                continue
            }
            guard let end = bytes[index...].firstIndex(of: hyphen) else { return nil }
            if index == end {
                text.append(Unicode.Scalar(byte))
            } else {
                guard let run = decodeShifted(bytes[index..<end]) else { return nil }
                text.append(contentsOf: run.unicodeScalars)
                isPlain = false
            }
            index = bytes.index(after: end)
        }
        let result = String(text)
        // The one canonical encoding: what `append` writes. Plain text has no other.
        guard isPlain || bytes.elementsEqual(encode(result)) else { return nil }
        return result
    }

    private static func decodeShifted(_ digits: some Collection<UInt8>) -> String? {
        guard let octets = Base64.decode(digits, .mailbox), octets.count % 2 == 0 else { return nil }
        var units: [UInt16] = []
        units.reserveCapacity(octets.count / 2)
        for place in stride(from: 0, to: octets.count, by: 2) {
            units.append(UInt16(octets[place]) << 8 | UInt16(octets[place + 1]))
        }
        return String(validating: units, as: UTF16.self)
    }
}
