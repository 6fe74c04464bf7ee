internal import Bytes

/// Writes JSON in ASCII alone, so that it passes through anything.
package enum JSONText {
    /// An object of texts, in this order.
    package static func object(_ members: KeyValuePairs<String, String>) -> [UInt8] {
        var octets: [UInt8] = [UInt8(ascii: "{")]
        for (place, member) in members.enumerated() {
            if place > 0 { octets.append(UInt8(ascii: ",")) }
            append(member.key, to: &octets)
            octets.append(UInt8(ascii: ":"))
            append(member.value, to: &octets)
        }
        return octets + [UInt8(ascii: "}")]
    }

    private static func append(_ text: String, to octets: inout [UInt8]) {
        octets.append(ASCII.quote)
        for unit in text.utf16 {
            switch unit {
            case 0x22, 0x5C: octets += [ASCII.backslash, UInt8(truncatingIfNeeded: unit)]
            case 0x20..<0x7F: octets.append(UInt8(truncatingIfNeeded: unit))
            default:
                let pair = [UInt8(truncatingIfNeeded: unit >> 8), UInt8(truncatingIfNeeded: unit)]
                octets += Array("\\u\(pair.hexadecimal)".utf8)
            }
        }
        octets.append(ASCII.quote)
    }
}
