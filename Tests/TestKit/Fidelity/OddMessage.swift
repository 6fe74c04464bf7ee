/// A message that a client may submit, however odd, and what is to become of it.
package struct OddMessage: Sendable {
    /// What becomes of a message.
    package enum Outcome: Sendable {
        /// It arrives as it was sent.
        case arrives
        /// It is refused at the end of data, by a reply that begins like this.
        case refused(String)
    }

    /// For failure messages.
    package let name: String
    /// With line ends, without stuffing.
    package let octets: [UInt8]
    package let outcome: Outcome

    package init(_ name: String, _ octets: [UInt8], _ outcome: Outcome = .arrives) {
        self.name = name
        self.octets = octets
        self.outcome = outcome
    }

    /// As it follows DATA: stuffed, and with the end of data (RFC 5321 §4.5.2).
    package var dotted: [UInt8] {
        var dotted: [UInt8] = []
        dotted.reserveCapacity(octets.count + octets.count / 16 + 8)
        var (isLineStart, isAfterReturn) = (true, false)
        for octet in octets {
            if isLineStart, octet == 0x2E { dotted.append(0x2E) }
            dotted.append(octet)
            isLineStart = isAfterReturn && octet == 10
            isAfterReturn = octet == 13
        }
        return dotted + [0x2E, 13, 10]
    }
}
