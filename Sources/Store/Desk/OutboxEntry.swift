package import MailTypes
package import SMTPSyntax

/// A message that is durably queued for its upstream.
package struct OutboxEntry: Hashable, Sendable {
    /// Where the message is.
    package enum State: String, Sendable, CaseIterable {
        /// For its next attempt.
        case waiting
        /// Kept back until an administrator releases it.
        case held
        /// The upstream has accepted recipients and may be getting the message right now. Found at a start it means that
        /// nobody knows who of them will get it.
        case sending
        /// Nothing more is tried. It is kept for a while, since not everybody got it.
        case finished
    }

    /// One recipient, and what came of the message for her.
    package struct Recipient: Hashable, Sendable {
        package enum State: String, Sendable, CaseIterable {
            case waiting
            /// The upstream has accepted her, and the message is on its way.
            case sending
            case delivered
            /// Refused for good, or given up.
            case failed
            /// The upstream's answer is lost, so the message may have been sent. It is not sent again unasked.
            case unknown
        }

        /// Nil for `<postmaster>`, which has no domain.
        package var address: EmailAddress?
        package var state = State.waiting
        /// The upstream's last answer, or why there is none.
        package var answer: String?
        /// Whether the sender has been told what there is to tell of her: that she did not get it, or that the message
        /// went on to where no reports come from.
        package var isReported = false
        /// Of what the sender wants to hear (RFC 3461 §4.1); empty for never, nil when nothing was said.
        package var notify: RecipientParameters.Notify?
        /// Who the sender meant (RFC 3461 §4.2).
        package var original: OriginalRecipient?
        /// Whether the upstream was asked for the reports that the sender wants, and makes them.
        package var isPassedOn = false

        package init(_ address: EmailAddress?) { self.address = address }

        /// The address as people read it.
        package var name: String { address?.description ?? "postmaster" }
    }

    /// The time after which the sender hears that a message still waits.
    package static let warningTime: Int64 = 4 * 3600
    /// The time after which no more is tried (RFC 5321 §4.5.4.1: at least 4 days).
    package static let patience: Int64 = 5 * 86_400
    /// How long a message that not everybody got is kept.
    package static let keptTime: Int64 = 7 * 86_400

    package var account: AccountID
    /// The journal's identity digest.
    package var identity: [UInt8]
    /// Without angle brackets.
    package var messageID: String
    /// The login name of who sent it.
    package var actor: String
    /// The envelope's sender; nil for the null return path.
    package var sender: EmailAddress?
    /// Whether the transaction uses SMTPUTF8 (RFC 6531).
    package var usesSMTPUTF8: Bool
    /// Whether the body may hold any octets (BODY=BINARYMIME, RFC 3030 §3).
    package var isBinary: Bool
    package var recipients: [Recipient]
    /// Whether it may go on over TLS alone, to servers that keep it so (RFC 8689).
    package var requiresTLS = false
    /// How much of the message a report of a failure brings back (RFC 3461 §4.3); nil when nothing was said.
    package var returns: MailParameters.Return?
    /// The sender's name for the transaction (RFC 3461 §4.4).
    package var envelopeID: String?
    /// Where the message's octets are stored (`Store.putContent`).
    package var content: ContentDigest
    /// Octets of the message.
    package var size: Int
    /// The Received field of its arrival here; empty for none.
    package var trace: [UInt8]
    package var state = State.waiting
    /// How often the upstream was asked.
    package var attempts = 0
    /// When a waiting message is tried next, and a finished one dropped.
    package var nextAttempt: Moment
    /// When the sender is told that it still waits; nil once she has been.
    package var warnAt: Moment?
    /// When no more is tried.
    package var giveUpAt: Moment
    /// When the sender is told of those who did not get it; nil when there is nothing to tell.
    package var reportAt: Moment?
    package var lastError: String?
    package var created: Moment

    /// - Parameters:
    ///   - messageID: without angle brackets.
    ///   - held: when it may be sent first (RFC 4865); nil for at once. All times count from then.
    package init(
        account: AccountID, identity: [UInt8], messageID: String, actor: String, sender: EmailAddress?,
        usesSMTPUTF8: Bool = false, isBinary: Bool = false, recipients: [EmailAddress?], content: ContentDigest,
        size: Int, trace: [UInt8] = [], created: Moment, until held: Moment? = nil
    ) {
        self.account = account
        self.identity = identity
        self.messageID = messageID
        self.actor = actor
        self.sender = sender
        self.usesSMTPUTF8 = usesSMTPUTF8
        self.isBinary = isBinary
        self.recipients = recipients.map { Recipient($0) }
        self.content = content
        self.size = size
        self.trace = trace
        self.created = created
        nextAttempt = created
        giveUpAt = created
        wait(from: held ?? created)
    }

    /// Waits to be tried at `moment`; the times of the warning and of giving up begin anew.
    package mutating func wait(from moment: Moment) {
        state = .waiting
        nextAttempt = moment
        warnAt = Moment(seconds: moment.seconds + Self.warningTime)
        giveUpAt = Moment(seconds: moment.seconds + Self.patience)
    }

    /// When there is something to be done about it next; nil when it waits for somebody.
    package var due: Moment? {
        switch state {
        case .waiting: [nextAttempt, warnAt, giveUpAt, reportAt].compactMap(\.self).min { $0.seconds < $1.seconds }
        case .held: reportAt
        case .sending: nil
        case .finished: reportAt ?? nextAttempt
        }
    }

    /// Whether somebody may still get it.
    package var isLive: Bool { state != .finished }
}

/// A queued message with its number.
package struct OutboxRow: Hashable, Sendable {
    package let id: OutboxID
    package var entry: OutboxEntry
    package init(id: OutboxID, entry: OutboxEntry) {
        self.id = id
        self.entry = entry
    }
}

/// How much of an account is queued.
package struct OutboxLoad: Hashable, Sendable {
    /// Messages that somebody may still get.
    package var count: Int
    /// Their octets.
    package var octets: Int
    package init(count: Int, octets: Int) {
        self.count = count
        self.octets = octets
    }
}
