internal import Loop
internal import MIME
internal import MailTypes
internal import SMTPSyntax
internal import Store

/// A delivery status notification (RFC 3464) about a queued message, for its sender.
struct DeliveryReport {
    enum Kind: String {
        /// These recipients did not get it, or nobody knows whether they did.
        case failure
        /// These still wait for it.
        case delay
        /// For these it went on, to where no more is reported from (RFC 3461 §5.2.2).
        case relayed
    }

    /// Octets of a message that is brought back whole (RFC 3461 §4.3); of a longer one its header is.
    static let returnLimit = 10 << 20

    let kind: Kind
    let entry: OutboxEntry
    /// The recipients that it is about.
    let places: [Int]
    let sender: EmailAddress
    let hostName: String
    /// The same for the same report, so that it is not saved twice.
    let unique: String

    /// Without angle brackets.
    var messageID: String { MessageIDWriter.text(unique: unique, domain: hostName) }

    /// - Parameters:
    ///   - header: that of the message that it is about.
    ///   - whole: the whole message, for a report that brings it back.
    ///   - moment: when it is written.
    func message(about header: [UInt8], whole: [UInt8]?, at moment: Moment) -> [UInt8] {
        let subject = MessageHeader(header).subject
        var builder = MessageBuilder(
            from: NamedAddress(
                name: "Mail Delivery System", address: EmailAddress(local: "MAILER-DAEMON", domain: hostName)),
            subject: "\(title): \(subject)", date: moment,
            messageID: messageID)
        builder.to = [NamedAddress(name: "", address: sender)]
        builder.references = entry.messageID.isEmpty ? [] : [entry.messageID]
        builder.inReplyTo = builder.references
        // RFC 3834 §5.
        builder.autoSubmitted = "auto-replied"
        return builder.deliveryReport(
            text: text(subject), reportingHost: hostName, envelopeID: entry.envelopeID,
            recipients: places.map(recipient), boundary: "report-\(unique)",
            original: whole.map { .message($0) } ?? .header(header), arrival: entry.created)
    }

    private var title: String {
        switch kind {
        case .failure: "Not delivered"
        case .delay: "Delayed"
        case .relayed: "Passed on"
        }
    }

    private func recipient(_ place: Int) -> MessageBuilder.ReportedRecipient {
        let recipient = entry.recipients[place]
        return MessageBuilder.ReportedRecipient(
            address: recipient.address.map { HeaderWriter.text(of: $0) } ?? "postmaster",
            original: recipient.original.map { "\($0.kind); \($0.address)" }, status: status(recipient),
            diagnostic: recipient.isAnswered ? recipient.answer : nil, action: action,
            retryUntil: kind == .delay ? entry.giveUpAt : nil)
    }

    private var action: MessageBuilder.ReportedRecipient.Action {
        switch kind {
        case .failure: .failed
        case .delay: .delayed
        case .relayed: .relayed
        }
    }

    /// RFC 3463: the upstream's own where there is one that fits.
    private func status(_ recipient: OutboxEntry.Recipient) -> String {
        let own = recipient.isAnswered ? recipient.answer?.split(separator: " ").dropFirst().first : nil
        let isStatus = own.map { $0.split(separator: ".").count == 3 && $0.allSatisfy { $0.isNumber || $0 == "." } }
        switch (kind, recipient.state) {
        case (.relayed, _): return isStatus == true && own?.first == "2" ? own.map(String.init) ?? "2.0.0" : "2.0.0"
        case (.delay, _): return isStatus == true && own?.first == "4" ? own.map(String.init) ?? "4.4.1" : "4.4.1"
        case (.failure, .unknown): return "4.4.2"
        case (.failure, _):
            if isStatus == true, own?.first == "5" { return own.map(String.init) ?? "5.0.0" }
            // Refused for good without a code of its own, or for now until it was given up (§3.5: X.4.7).
            return recipient.answer?.first == "5" && recipient.isAnswered ? "5.0.0" : "4.4.7"
        }
    }

    // MARK: For people

    private func text(_ subject: String) -> String {
        let opening =
            switch kind {
            case .failure: "Your message could not be delivered to everybody."
            case .delay:
                "Your message has not been delivered to everybody yet. You need not send it again: "
                    + "it is tried until \(MessageDate.text(entry.giveUpAt))."
            case .relayed:
                "Your message was passed on. You asked to hear when it is delivered, but the next mail server does not "
                    + "tell: no more is reported unless the delivery fails."
            }
        var lines = [
            "This is the mail program at \(hostName).", "", opening, "", "Subject: \(subject)",
            "Sent: \(MessageDate.text(entry.created))", "",
        ]
        for place in places {
            let recipient = entry.recipients[place]
            lines += ["\(recipient.name):", "    \(explanation(recipient))"]
            if let answer = recipient.answer ?? entry.lastError { lines.append("    \(answer)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func explanation(_ recipient: OutboxEntry.Recipient) -> String {
        switch (kind, recipient.state) {
        case (.relayed, _): "The mail server has taken it."
        case (.delay, _): "The mail server does not take it yet."
        case (.failure, .unknown):
            "The mail server was lost before it answered. The message may have been delivered; it is not sent again."
        case (.failure, _):
            recipient.answer?.first == "5"
                ? "The mail server refused it." : "The mail server did not take it for too long, and it was given up."
        }
    }
}

extension OutboxEntry.Recipient {
    /// Whether `answer` is a server's own.
    var isAnswered: Bool {
        guard let code = answer?.prefix(4) else { return false }
        return code.count == 4 && code.last == " " && code.dropLast().allSatisfy { $0.isASCII && $0.isNumber }
    }
}
