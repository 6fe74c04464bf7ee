internal import Bytes
package import MailTypes

/// Where mail comes from or goes to, as the envelope says it (RFC 5321 §4.1.2).
package enum SMTPPath: Hashable, Sendable {
    /// `<>`: the sender of a notification, which nobody may answer.
    case null
    /// `<postmaster>`, in whatever case, which every server accepts without a domain (RFC 5321 §4.5.1).
    case postmaster
    /// The local part is kept without its quotes; a domain literal with its brackets.
    case mailbox(EmailAddress)

    /// The longest path, brackets and route included. RFC 5321 §4.5.3.1.3 asks for 256; senders that encode an
    /// address in another one go beyond.
    package static let limit = 1024

    package var mailbox: EmailAddress? {
        if case .mailbox(let address) = self { address } else { nil }
    }

    /// Whether a transaction with this path needs SMTPUTF8 (RFC 6531 §3.3).
    package var needsUTF8: Bool {
        mailbox.map { !$0.local.utf8.allSatisfy { $0 < 0x80 } || !$0.domain.utf8.allSatisfy { $0 < 0x80 } } ?? false
    }

    /// The path in its brackets; nil for an address that no path can write, such as one with a line end in it.
    package var encoded: [UInt8]? {
        switch self {
        case .null: return Array("<>".utf8)
        case .postmaster: return Array("<postmaster>".utf8)
        case .mailbox(let address):
            guard let local = Self.encode(local: address.local), Self.isDomain(Array(address.domain.utf8)) else {
                return nil
            }
            return [0x3C] + local + [0x40] + address.domain.utf8 + [0x3E]
        }
    }

    private static func encode(local: String) -> [UInt8]? {
        let octets = Array(local.utf8)
        guard octets.allSatisfy({ $0 >= 0x20 && $0 != ASCII.delete }) else { return nil }
        if isDotString(octets) { return octets }
        var quoted: [UInt8] = [ASCII.quote]
        for octet in octets {
            if octet == ASCII.quote || octet == ASCII.backslash { quoted.append(ASCII.backslash) }
            quoted.append(octet)
        }
        return quoted + [ASCII.quote]
    }
}

// MARK: - Grammar

extension SMTPPath {
    /// `Atom *("." Atom)`.
    static func isDotString(_ octets: [UInt8]) -> Bool {
        let atoms = octets.split(separator: 0x2E, omittingEmptySubsequences: false)
        return atoms.allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtomText) }
    }

    /// `atext` of RFC 5322 §3.2.3 with `UTF8-non-ascii` (RFC 6531 §3.3).
    static func isAtomText(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte >= 0x80 || atomSigns.contains(byte)
    }

    private static let atomSigns = Set("!#$%&'*+-/=?^_`{|}~".utf8)

    /// `Domain / address-literal`. An underscore is let through: hosts of that name exist and send mail.
    static func isDomain(_ octets: [UInt8]) -> Bool {
        if octets.first == 0x5B { return isLiteral(octets) }
        guard !octets.isEmpty, octets.count <= 255, String(strictUTF8: octets) != nil else { return false }
        return octets.split(separator: 0x2E, omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
        guard let first = label.first, let last = label.last, label.count <= 63 || label.contains(where: { $0 >= 0x80 })
        else { return false }
        return first != 0x2D && last != 0x2D
            && label.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == 0x2D || $0 == 0x5F || $0 >= 0x80 }
    }

    /// `[1.2.3.4]`, `[IPv6:…]`, `[tag:…]` (RFC 5321 §4.1.3).
    private static func isLiteral(_ octets: [UInt8]) -> Bool {
        guard octets.count > 2, octets.count <= 255, octets.last == 0x5D else { return false }
        let inside = octets.dropFirst().dropLast()
        if let colon = inside.firstIndex(of: 0x3A) {
            let tag = inside[..<colon]
            let rest = inside[inside.index(after: colon)...]
            guard !rest.isEmpty else { return false }
            if tag.equalsIgnoringASCIICase("IPv6".utf8) { return isIPv6(rest) }
            return tag.last != 0x2D && !tag.isEmpty
                && tag.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == 0x2D }
                && rest.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x5B && $0 != 0x5D && $0 != ASCII.backslash }
        }
        return isIPv4(inside)
    }

    private static func isIPv4(_ octets: ArraySlice<UInt8>) -> Bool {
        let numbers = octets.split(separator: 0x2E, omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { $0.count <= 3 && ($0.decimalValue ?? 256) <= 255 }
    }

    private static func isIPv6(_ octets: ArraySlice<UInt8>) -> Bool {
        var groups = octets.split(separator: 0x3A, omittingEmptySubsequences: false)
        var wanted = 8
        if let last = groups.last, last.contains(0x2E) {
            guard isIPv4(last) else { return false }
            groups.removeLast()
            wanted = 6
        }
        // `::` stands for the groups that are missing: inside it is one empty group, at an end two.
        if groups.first?.isEmpty == true {
            guard groups.count > 1, groups[1].isEmpty else { return false }
            groups.removeFirst()
        }
        if wanted == 8, groups.last?.isEmpty == true {
            guard groups.count > 1, groups[groups.count - 2].isEmpty else { return false }
            groups.removeLast()
        }
        let empty = groups.count(where: \.isEmpty)
        guard groups.allSatisfy({ $0.count <= 4 && $0.allSatisfy { ASCII.hexValue($0) != nil } }) else { return false }
        return empty == 0 ? groups.count == wanted : empty == 1 && groups.count <= wanted
    }
}

extension ByteCursor {
    /// Takes `"<" [A-d-l ":"] Mailbox ">"`, or `<>`. A source route is read over: RFC 5321 Appendix C and §4.1.1.3
    /// let a server ignore it.
    mutating func takePath() throws(SMTPSyntaxError) -> SMTPPath {
        let start = position
        guard skip(0x3C) else { throw .badPath }
        if skip(0x3E) { return .null }
        try skipRoute()
        let local = try takeLocalPart()
        if skip(0x3E) {
            guard local.equalsIgnoringASCIICase("postmaster".utf8) else { throw .badPath }
            return .postmaster
        }
        guard skip(0x40) else { throw .badPath }
        let domain = Array(take { $0 != 0x3E && $0 > 0x20 })
        guard skip(0x3E) else { throw .badPath }
        guard position - start <= SMTPPath.limit else { throw .pathTooLong }
        guard SMTPPath.isDomain(domain), let local = String(strictUTF8: local) else { throw .badPath }
        return .mailbox(EmailAddress(local: local, domain: String(lossy: domain)))
    }

    private mutating func skipRoute() throws(SMTPSyntaxError) {
        guard peek == 0x40 else { return }
        repeat {
            guard skip(0x40), SMTPPath.isDomain(Array(take { $0 != 0x2C && $0 != 0x3A && $0 != 0x3E && $0 > 0x20 }))
            else { throw .badPath }
        } while skip(0x2C)
        guard skip(0x3A) else { throw .badPath }
    }

    private mutating func takeLocalPart() throws(SMTPSyntaxError) -> [UInt8] {
        guard peek == ASCII.quote else {
            let local = Array(take { SMTPPath.isAtomText($0) || $0 == 0x2E })
            guard SMTPPath.isDotString(local) else { throw .badPath }
            return local
        }
        position += 1
        var local: [UInt8] = []
        while let byte = next() {
            switch byte {
            case ASCII.quote: return local
            case ASCII.backslash:
                guard let escaped = next(), escaped >= 0x20, escaped < 0x7F else { throw .badPath }
                local.append(escaped)
            case let byte where byte >= 0x20 && byte != ASCII.delete: local.append(byte)
            default: throw .badPath
            }
        }
        throw .badPath
    }
}
