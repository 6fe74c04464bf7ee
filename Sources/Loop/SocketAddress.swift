internal import Bytes
internal import CLinux
internal import Glibc

/// An IPv4 or IPv6 address with a port.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    package enum Host: Hashable, Sendable {
        /// In host byte order.
        case v4(UInt32)
        /// The upper and the lower half in host byte order, and the scope of a link-local address.
        case v6(UInt64, UInt64, scope: UInt32)
    }

    package let host: Host
    package let port: UInt16

    package init(_ host: Host, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads a numeric address, an IPv6 one with or without brackets; nil when `text` is none.
    package init?(numeric text: String, port: UInt16) {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(.v4(UInt32(bigEndian: v4.s_addr)), port: port)
            return
        }
        let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, bare, &v6) == 1 else { return nil }
        self.init(Self.host(v6, scope: 0), port: port)
    }

    /// 127.0.0.1, with port 0 for one that the system chooses.
    package static func loopback(port: UInt16 = 0) -> SocketAddress { SocketAddress(.v4(0x7F00_0001), port: port) }

    /// Whether it is this machine talking to itself: 127.0.0.0/8, ::1, or the former in IPv6's clothes.
    package var isLoopback: Bool {
        switch unmapped.host {
        case .v4(let bits): bits >> 24 == 127
        case .v6(let upper, let lower, _): upper == 0 && lower == 1
        }
    }

    /// An IPv4 address that came mapped into IPv6 (RFC 4291 §2.5.5.2) as what it is.
    package var unmapped: SocketAddress {
        guard case .v6(0, let lower, _) = host, lower >> 32 == 0xFFFF else { return self }
        return SocketAddress(.v4(UInt32(truncatingIfNeeded: lower)), port: port)
    }

    /// The address without the port, as text.
    package var hostText: String {
        switch host {
        case .v4(let bits):
            return "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
        case .v6(let upper, let lower, _):
            var address = Self.octets(upper, lower)
            var text = [CChar](repeating: 0, count: 64)
            guard inet_ntop(AF_INET6, &address, &text, socklen_t(text.count)) != nil else { return "?" }
            return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    package var description: String {
        switch host {
        case .v4: "\(hostText):\(port)"
        case .v6: "[\(hostText)]:\(port)"
        }
    }

    /// What throttling counts by: an IPv4 address alone, or the /64 that an IPv6 site has at the least.
    package var origin: String {
        switch unmapped.host {
        case .v4: unmapped.hostText
        case .v6(let upper, _, _): SocketAddress(.v6(upper, 0, scope: 0), port: 0).hostText + "/64"
        }
    }

    // MARK: The system's form

    var family: Int32 {
        switch host {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    /// Lends the address as the system's calls take it.
    func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr_storage>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let length: socklen_t
        switch host {
        case .v4(let bits):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = bits.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_in.self) }
        case .v6(let upper, let lower, let scope):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = Self.octets(upper, lower)
            address.sin6_scope_id = scope
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_in6.self) }
        }
        return body(&storage, length)
    }

    /// From the system's form; nil for another family.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            let address = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in.self) }
            self.init(.v4(UInt32(bigEndian: address.sin_addr.s_addr)), port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            let address = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in6.self) }
            self.init(
                Self.host(address.sin6_addr, scope: address.sin6_scope_id), port: UInt16(bigEndian: address.sin6_port))
        default: return nil
        }
    }

    private static func host(_ address: in6_addr, scope: UInt32) -> Host {
        withUnsafeBytes(of: address) { octets in
            .v6(
                UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)), scope: scope)
        }
    }

    private static func octets(_ upper: UInt64, _ lower: UInt64) -> in6_addr {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { octets in
            octets.storeBytes(of: upper.bigEndian, toByteOffset: 0, as: UInt64.self)
            octets.storeBytes(of: lower.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }
}
