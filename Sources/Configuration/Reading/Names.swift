internal import Bytes

/// What may name a user, a group, a server or an account.
package enum ObjectName {
    /// Octets.
    package static let limit = 128

    package static let advice =
        "Use letters, digits, dots, hyphens, underscores, + and @, beginning with a letter or a digit."

    /// What is wrong with `text` as a name, as the end of a sentence; nil when it will do.
    ///
    /// `*` separates a user from an account at sign-in, `/` the levels of mailboxes, so neither may stand in a name.
    package static func fault(in text: String) -> String? {
        guard let first = text.unicodeScalars.first else { return "is empty" }
        guard text.utf8.count <= limit else { return "is longer than \(limit) bytes" }
        guard first.properties.isAlphabetic || first.properties.numericType != nil else {
            return "begins with a character that a name can't begin with"
        }
        let allowed = text.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || "-._@+".unicodeScalars.contains($0)
        }
        return allowed ? nil : "has a character that can't stand in a name"
    }
}

/// Names and addresses of machines.
package enum HostName {
    /// Whether it is a domain name as RFC 1123 §2.1 has it, or one with letters of other alphabets.
    package static func isValid(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy {
                    ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                        || $0 >= 0x80
                }
        }
    }

    /// Whether it is an IPv6 address; an IPv4 address passes for a host name.
    package static func isNumeric(_ text: String) -> Bool {
        text.contains(":") && text.utf8.allSatisfy { ASCII.hexValue($0) != nil || $0 == 0x3A || $0 == 0x2E }
    }

    /// Whether it means this very machine.
    package static func isLoopback(_ text: String) -> Bool {
        text.lowercased() == "localhost" || text == "::1" || text.hasPrefix("127.")
    }

    /// Whether a certificate's name covers `host`, both in lower case (RFC 9525 §6.3): `*` stands for the first label.
    package static func matches(_ host: String, pattern: String) -> Bool {
        guard pattern.hasPrefix("*.") else { return host == pattern }
        guard let dot = host.firstIndex(of: ".") else { return false }
        return host[dot...] == pattern.dropFirst()
    }
}
