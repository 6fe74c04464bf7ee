/// What stands behind the path of MAIL.
package struct MailParameters: Hashable, Sendable {
    /// RFC 6152, RFC 3030.
    package enum Body: String, Sendable {
        case sevenBit = "7BIT"
        case eightBitMIME = "8BITMIME"
        case binaryMIME = "BINARYMIME"
    }

    /// RFC 3461 §4.3: how much of the message a report brings back.
    package enum Return: String, Sendable {
        case full = "FULL"
        case headers = "HDRS"
    }

    /// Octets that the sender expects the message to have (RFC 1870).
    package var size: UInt64?
    package var body: Body?
    /// RFC 6531.
    package var smtpUTF8 = false
    /// Who submitted the message first (RFC 4954 §5); `.null` when unknown.
    package var submitter: SMTPPath?
    package var returns: Return?
    /// The envelope identifier, decoded (RFC 3461 §4.4).
    package var envelopeID: String?
    /// Until when the message is to be kept back (RFC 4865).
    package var futureRelease: FutureRelease?

    package init() {}

    /// Whether one of the parameters of delivery status notifications is given.
    package var asksForNotification: Bool { returns != nil || envelopeID != nil }
}

/// What stands behind the path of RCPT.
package struct RecipientParameters: Hashable, Sendable {
    /// RFC 3461 §4.1; an empty set is `NEVER`.
    package struct Notify: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let success = Notify(rawValue: 1)
        package static let failure = Notify(rawValue: 2)
        package static let delay = Notify(rawValue: 4)
    }

    package var notify: Notify?
    /// The recipient that the sender was given, decoded: type and address (RFC 3461 §4.2).
    package var original: OriginalRecipient?

    package init() {}

    /// Whether one of the parameters of delivery status notifications is given.
    package var asksForNotification: Bool { notify != nil || original != nil }
}

/// `ORCPT=type;address`.
package struct OriginalRecipient: Hashable, Sendable {
    /// `rfc822`, `utf-8`, …
    package let kind: String
    package let address: String

    package init(kind: String, address: String) {
        self.kind = kind
        self.address = address
    }
}
