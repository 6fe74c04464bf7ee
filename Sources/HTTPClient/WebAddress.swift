internal import Bytes

/// An absolute URL of HTTPS, or of HTTP (RFC 9110 §4.2): printable ASCII, without a user and without a fragment.
package struct WebAddress: Hashable, Sendable, CustomStringConvertible {
    /// Octets.
    package static let limit = 2_048

    /// As it was written.
    package let text: String
    /// Whether it is one of HTTPS.
    package let isEncrypted: Bool
    /// A name in lower case, an IPv4 address, or an IPv6 address without its brackets.
    package let host: String
    /// Scheme, host and port as they were written: everything before the path.
    package let origin: String
    /// Empty, or beginning with a slash; without the query.
    package let path: String
    /// Whether something stands behind a `?`.
    package let hasQuery: Bool

    package init?(_ text: String) {
        guard text.utf8.count <= Self.limit, text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        let lower = text.lowercased()
        let scheme = lower.hasPrefix("https://") ? "https://" : "http://"
        guard lower.hasPrefix(scheme) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let behind = rest.dropFirst(authority.count)
        guard let host = Self.host(of: authority) else { return nil }
        self.text = text
        self.host = host
        isEncrypted = scheme == "https://"
        origin = String(text.prefix(scheme.count)) + authority
        path = String(behind.prefix { $0 != "?" })
        hasQuery = behind.contains("?")
    }

    package var description: String { text }

    /// Whether it is this very machine, so that nobody else hears what is said.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }

    /// Whether nobody between here and there can read or change what is said.
    package var isPrivate: Bool { isEncrypted || isLoopback }

    /// What a URL consists of (RFC 3986 §2), but the fragment's `#` and the user's `@`.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || "-._~:/?[]!$&'()*+,;=%".utf8.contains(byte)
    }

    private static func host(of authority: Substring) -> String? {
        var name = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            name = authority[authority.index(after: authority.startIndex)..<end]
            let behind = authority[authority.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else { return nil }
            port = behind.isEmpty ? nil : behind.dropFirst()
            guard name.contains(":"), name.utf8.allSatisfy({ ASCII.hexValue($0) != nil || ":.".utf8.contains($0) })
            else { return nil }
        } else {
            if let colon = authority.firstIndex(of: ":") {
                name = authority[..<colon]
                port = authority[authority.index(after: colon)...]
            }
            guard name.utf8.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) || "-._".utf8.contains($0) }) else {
                return nil
            }
        }
        if let port {
            guard port.utf8.allSatisfy(ASCII.isDigit), let number = UInt16(port), number > 0 else { return nil }
        }
        return name.isEmpty ? nil : name.lowercased()
    }
}
