internal import Glibc

/// An IPv4 or IPv6 address as octets in network order; an IPv4 address mapped into IPv6 is the IPv4 address.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 octets.
    package let octets: [UInt8]

    /// Nil when there are neither 4 nor 16 octets.
    package init?(octets: [UInt8]) {
        guard octets.count == 4 || octets.count == 16 else { return nil }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        self.octets = octets.count == 16 && Array(octets.prefix(12)) == mapped ? Array(octets.suffix(4)) : octets
    }

    /// Reads `192.0.2.1` or `2001:db8::1`; nil when it is no address. A zone (`%eth0`) is left out.
    package init?(_ text: some StringProtocol) {
        let bare = String(text.prefix { $0 != "%" })
        var octets = [UInt8](repeating: 0, count: 16)
        if bare.contains(":") {
            guard octets.withUnsafeMutableBytes({ inet_pton(AF_INET6, bare, $0.baseAddress) }) == 1 else { return nil }
        } else {
            guard octets.withUnsafeMutableBytes({ inet_pton(AF_INET, bare, $0.baseAddress) }) == 1 else { return nil }
            octets.removeLast(12)
        }
        self.init(octets: octets)
    }

    package var description: String {
        if octets.count == 4 { return octets.map(String.init).joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let written = octets.withUnsafeBytes {
            inet_ntop(AF_INET6, $0.baseAddress, &text, socklen_t(text.count)) != nil
        }
        return written ? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
    }
}

/// Addresses that share their first bits: `192.0.2.0/24`, `2001:db8::/32`, or one address.
package struct Network: Hashable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    /// 0 to 32, or 0 to 128.
    package let prefixLength: Int

    /// Nil when it is no network. Bits behind the prefix are ignored.
    package init?(_ text: some StringProtocol) {
        let sides = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = sides.first.flatMap({ IPAddress($0) }) else { return nil }
        let width = address.octets.count * 8
        var length = width
        if sides.count == 2 {
            guard let number = Int(sides[1]), (0...width).contains(number) else { return nil }
            length = number
        }
        self.address = address
        prefixLength = length
    }

    package func contains(_ other: IPAddress) -> Bool {
        guard other.octets.count == address.octets.count else { return false }
        for (place, pair) in zip(address.octets, other.octets).enumerated() {
            let bits = min(8, prefixLength - place * 8)
            guard bits > 0 else { break }
            if (pair.0 ^ pair.1) >> UInt8(8 - bits) != 0 { return false }
        }
        return true
    }

    package var description: String {
        prefixLength == address.octets.count * 8 ? address.description : "\(address)/\(prefixLength)"
    }
}
