internal import Bytes

/// Writes and checks the marks that only Posthouse can make: ticket tokens in subjects, keyed message identifiers, and
/// the mark on its own outgoing mail. The MAC is computed elsewhere (HMAC-SHA-256 under a key that stays there).
package struct TokenKey: Sendable {
    /// Letters of the MAC in a subject: 20 bits. A guess that fails costs a message and makes a ticket, of which a
    /// sender has few an hour.
    package static let subjectTagLength = 4
    /// Letters of the MAC in a message identifier: 80 bits.
    package static let identifierTagLength = 16

    private let mac: @Sendable ([UInt8]) -> [UInt8]

    /// - Parameter mac: at least 10 octets for any message, the same for the same message.
    package init(mac: @escaping @Sendable ([UInt8]) -> [UInt8]) { self.mac = mac }

    // MARK: Subjects

    /// `[#123-kx7f]`.
    package func subjectToken(ticket: Int64) -> String { "[#\(ticket)-\(subjectTag(ticket))]" }

    /// A token found in a subject.
    package struct SubjectToken: Hashable, Sendable {
        package let ticket: Int64
        /// Whether we have written it.
        package let isGenuine: Bool
    }

    /// How many tokens are read from one subject at most.
    package static let subjectTokenLimit = 16

    /// The tokens in a subject, from the left. Letters compare without case.
    package func subjectTokens(in subject: String) -> [SubjectToken] {
        let bytes = subject.utf8.asciiLowercased()
        var found: [SubjectToken] = []
        var cursor = ByteCursor(bytes)
        while !cursor.isAtEnd, found.count < Self.subjectTokenLimit {
            guard cursor.skip(ignoringCase: "[#") else {
                _ = cursor.next()
                continue
            }
            var ahead = cursor
            let digits = ahead.take(while: ASCII.isDigit)
            guard digits.count <= NumberPattern.digitLimit, let number = digits.decimalValue, ahead.skip(0x2D) else {
                continue
            }
            let tag = ahead.take { Self.alphabet.contains($0) }
            guard tag.count == Self.subjectTagLength, ahead.skip(0x5D) else { continue }
            let ticket = Int64(number)
            found.append(SubjectToken(ticket: ticket, isGenuine: Array(subjectTag(ticket).utf8) == Array(tag)))
            cursor = ahead
        }
        return found
    }

    // MARK: Message identifiers

    /// `ticket.message.mac@domain`, without angle brackets. `message` is letters and digits, in lower case.
    /// - Precondition: `message` is not empty and has no other character.
    package func messageID(ticket: Int64, message: String, domain: String) -> String {
        precondition(!message.isEmpty && message.utf8.allSatisfy(Self.isWordCharacter))
        return "\(ticket).\(message).\(identifierTag(ticket, message))@\(domain)"
    }

    /// The ticket that a keyed message identifier (without angle brackets) names; nil when we have not written it.
    package func ticket(ofMessageID identifier: String) -> Int64? {
        guard let at = identifier.lastIndex(of: "@") else { return nil }
        let parts = identifier[..<at].lowercased().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let ticket = Int64(parts[0]), ticket > 0, String(ticket) == parts[0],
            !parts[1].isEmpty, parts[1].utf8.allSatisfy(Self.isWordCharacter),
            identifierTag(ticket, String(parts[1])) == parts[2]
        else { return nil }
        return ticket
    }

    // MARK: Own mail

    /// The header field that marks what we have sent.
    package static let markField = "x-posthouse-mark"

    /// The mark for a message; `unique` is letters and digits, in lower case.
    package func mark(unique: String) -> String { "\(unique).\(tag("posthouse mark \(unique)", length: 16))" }

    /// Whether we have written this mark.
    package func isMark(_ text: String) -> Bool {
        let parts = text.split(separator: ".")
        return parts.count == 2 && mark(unique: String(parts[0])) == text
    }

    // MARK: Tags

    private func subjectTag(_ ticket: Int64) -> String {
        tag("posthouse subject \(ticket)", length: Self.subjectTagLength)
    }

    private func identifierTag(_ ticket: Int64, _ message: String) -> String {
        tag("posthouse message \(ticket).\(message)", length: Self.identifierTagLength)
    }

    // Base 32 in lower case (RFC 4648 §6): no letter is mistaken for another when a token is read out.
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    private func tag(_ text: String, length: Int) -> String {
        var letters: [UInt8] = []
        var bits: UInt32 = 0
        var held = 0
        for byte in mac(Array(text.utf8)) where letters.count < length {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 5, letters.count < length {
                held -= 5
                letters.append(Self.alphabet[Int(bits >> UInt32(held) & 31)])
            }
            bits &= (1 << UInt32(held)) - 1
        }
        precondition(letters.count == length, "the MAC is too short")
        return String(decoding: letters, as: UTF8.self)
    }

    private static func isWordCharacter(_ byte: UInt8) -> Bool {
        ASCII.isDigit(byte) || (byte >= 0x61 && byte <= 0x7A)
    }
}
