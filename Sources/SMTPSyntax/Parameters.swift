internal import Bytes

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
    /// Whether the message may go on over TLS alone, to servers that keep it so (RFC 8689).
    package var requiresTLS = false
    package var returns: Return?
    /// The envelope identifier, decoded (RFC 3461 §4.4).
    package var envelopeID: String?
    /// Until when the message is to be kept back (RFC 4865).
    package var futureRelease: FutureRelease?

    package init() {}

    /// Octets of ENVID as it is written (RFC 3461 §4.4).
    package static let envelopeIDLimit = 100

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

    /// NOTIFY and ORCPT as RCPT has them, each behind a space; empty for none.
    package var notificationText: [UInt8] {
        var text: [UInt8] = []
        if let notify { text.append(text: " NOTIFY=\(notify.words.joined(separator: ","))") }
        if let original { text += Array(" ORCPT=".utf8) + original.encoded }
        return text
    }
}

extension RecipientParameters.Notify {
    /// As NOTIFY has them.
    package var words: [String] {
        if isEmpty { return ["NEVER"] }
        let all: [(Self, String)] = [(.success, "SUCCESS"), (.failure, "FAILURE"), (.delay, "DELAY")]
        return all.filter { contains($0.0) }.map(\.1)
    }
}

extension MailParameters {
    /// RET and ENVID as MAIL has them, each behind a space; empty for none.
    package var notificationText: [UInt8] {
        var text: [UInt8] = []
        if let returns { text.append(text: " RET=\(returns.rawValue)") }
        if let envelopeID { text += Array(" ENVID=".utf8) + XText.encode(envelopeID.utf8) }
        return text
    }
}

/// A recipient as RCPT names her.
package struct EnvelopeRecipient: Hashable, Sendable {
    package var path: SMTPPath
    package var parameters: RecipientParameters

    package init(_ path: SMTPPath, _ parameters: RecipientParameters = RecipientParameters()) {
        self.path = path
        self.parameters = parameters
    }

    /// Whether the transaction needs SMTPUTF8 for her (RFC 6531 §3.3, RFC 6533 §3).
    package var needsUTF8: Bool {
        path.needsUTF8 || parameters.original.map { !$0.address.utf8.allSatisfy { $0 < 0x80 } } ?? false
    }
}

/// `ORCPT=type;address`.
package struct OriginalRecipient: Hashable, Sendable {
    /// Octets of the value as it is written (RFC 3461 §4.2).
    package static let limit = 500

    /// `rfc822`, `utf-8`, …
    package let kind: String
    package let address: String

    /// Whether the address may go beyond ASCII (RFC 6533 §3).
    var isInternational: Bool { kind.utf8.equalsIgnoringASCIICase("utf-8".utf8) }

    /// As ORCPT has it.
    var encoded: [UInt8] { Array("\(kind);".utf8) + XText.encode(address.utf8, allowsUTF8: isInternational) }

    package init(kind: String, address: String) {
        self.kind = kind
        self.address = address
    }
}
