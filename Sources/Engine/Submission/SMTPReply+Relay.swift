internal import SMTPSyntax
internal import Store
internal import Upstream

/// What is said to a client about its upstream.
extension SMTPReply {
    static let tooMuchAtOnce = SMTPReply(
        451, EnhancedStatus(4, 3, 2), "Too many messages are on their way for this sender; try again later")
    static let connectionLost = SMTPReply(
        451, EnhancedStatus(4, 4, 2), "The connection to the mail server of this sender was lost; try again")
    static let conversionNeeded = SMTPReply(
        554, EnhancedStatus(5, 6, 3), "The mail server of this sender takes 7-bit messages alone")
    static let noBinary = SMTPReply(
        554, EnhancedStatus(5, 6, 3), "The mail server of this sender does not take binary messages after all")

    static let notRelayed = SMTPReply(
        451, EnhancedStatus(4, 4, 2),
        "The mail server of this sender did not take the message; it was not sent; try again")
    static let answerLost = SMTPReply(
        451, EnhancedStatus(4, 4, 2),
        "The mail server of this sender was lost before it answered; the message may have been sent")
    static let notYourAddress = SMTPReply(
        550, EnhancedStatus(5, 7, 1), "You may not send as this address")
    static let notYourAuthor = SMTPReply(
        550, EnhancedStatus(5, 7, 1), "From or Sender names an address that you may not send as from this account")
    static let ambiguousAuthor = SMTPReply(
        550, EnhancedStatus(5, 6, 0), "The message must have one From field and one Sender field at most")
    static let noAuthor = SMTPReply(550, EnhancedStatus(5, 6, 0), "The message has no From field")
    static let senderFine = SMTPReply(250, EnhancedStatus(2, 1, 0), "Sender fine")
    static let recipientFine = SMTPReply(
        250, EnhancedStatus(2, 1, 5), "Recipient fine, as far as can be told before it is sent")
    static let queueFull = SMTPReply(
        452, EnhancedStatus(4, 3, 1), "Too much of this sender waits to be sent; try again later")
    static let noFutureRelease = SMTPReply(
        555, EnhancedStatus(5, 5, 4), "Mail of this sender is sent at once: HOLDFOR and HOLDUNTIL are not known here")
    static let badReleaseTime = SMTPReply(
        501, EnhancedStatus(5, 5, 4), "The time to release the message is past, or too far away")
    static let tooManyHops = SMTPReply(554, EnhancedStatus(5, 4, 6), "The message has been going round in circles")

    /// The message is durable, and its number is what `posthouse queue` knows it by.
    static func queued(_ number: OutboxID) -> SMTPReply {
        SMTPReply(250, EnhancedStatus(2, 0, 0), "Queued as \(number)")
    }

    /// Why a message could not be made ready.
    init(unprepared error: EngineError) {
        switch error {
        case .tooLarge(let limit):
            self.init(552, EnhancedStatus(5, 3, 4), "The message or its header is larger than \(limit) octets")
        case .unavailable:
            self.init(451, EnhancedStatus(4, 3, 0), "The message can't be taken right now; try again later")
        default:
            self.init(452, EnhancedStatus(4, 3, 1), "The message can't be stored right now; try again later")
        }
    }

    /// Why nothing could be asked upstream. A host's own words to Posthouse are for the log, except that it is away.
    init(unusable failure: SMTPFailure) {
        switch failure {
        case .unreachable:
            self.init(
                451, EnhancedStatus(4, 4, 1),
                "The mail server of this sender can't be reached right now; try again later")
        case .refused(.authentication, _), .authentication:
            self.init(
                451, EnhancedStatus(4, 7, 0),
                "The mail server refuses the sign-in of this sender's account; an administrator must look at it")
        case .refused(_, let reply):
            self.init(451, EnhancedStatus(4, 3, 2), "The mail server of this sender says: \(reply.text)")
        case .lost, .unknown: self = .connectionLost
        case .local:
            self.init(
                451, EnhancedStatus(4, 3, 5),
                "This sender's account is not configured for sending; an administrator must look at it")
        }
    }

    /// An upstream's answer as it is passed on: code and text are its own, but 421, which would say that we close, and
    /// an enhanced code is added where it has none (RFC 2034 §4).
    var relayed: SMTPReply {
        var reply = self
        if reply.code == 421 { reply.code = 451 }
        if reply.enhanced == nil, reply.isPositive || reply.isTransient || reply.isPermanent {
            reply.enhanced = .undefined(reply.code / 100)
        }
        return reply
    }
}

extension SMTPClient.EnvelopeAnswer {
    /// With each answer as it is passed on.
    var relayed: SMTPClient.EnvelopeAnswer {
        SMTPClient.EnvelopeAnswer(
            mail: mail.relayed, recipients: recipients.map(\.relayed), passesNotification: passesNotification)
    }
}
