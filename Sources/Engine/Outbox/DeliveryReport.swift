internal import Loop
internal import MIME
internal import MailTypes
internal import Store

/// A delivery status notification (RFC 3464) about a queued message, for its sender.
struct DeliveryReport {
    enum Kind: String {
        /// These recipients did not get it, or nobody knows whether they did.
        case failure
        /// These still wait for it.
        case delay
    }

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
    ///   - original: the header of the message that it is about.
    ///   - moment: when it is written.
    func message(_ original: [UInt8], at moment: Moment) -> [UInt8] {
        let subject = MessageHeader(original).subject
        var builder = MessageBuilder(
            from: NamedAddress(
                name: "Mail Delivery System", address: EmailAddress(local: "MAILER-DAEMON", domain: hostName)),
            subject: "\(kind == .failure ? "Not delivered" : "Delayed"): \(subject)", date: moment,
            messageID: messageID)
        builder.to = [NamedAddress(name: "", address: sender)]
        builder.references = entry.messageID.isEmpty ? [] : [entry.messageID]
        builder.inReplyTo = builder.references
        // RFC 3834 §5.
        builder.autoSubmitted = "auto-replied"
        return builder.deliveryReport(
            text: text(subject), reportingHost: hostName, failed: places.map(recipient), boundary: "report-\(unique)",
            originalHeader: original, arrival: entry.created)
    }

    private func recipient(_ place: Int) -> MessageBuilder.FailedRecipient {
        let recipient = entry.recipients[place]
        return MessageBuilder.FailedRecipient(
            address: recipient.address.map { HeaderWriter.text(of: $0) } ?? "postmaster", status: status(recipient),
            diagnostic: recipient.isAnswered ? recipient.answer : nil, action: kind == .failure ? "failed" : "delayed",
            retryUntil: kind == .delay ? entry.giveUpAt : nil)
    }

    /// RFC 3463: the upstream's own where there is one that fits.
    private func status(_ recipient: OutboxEntry.Recipient) -> String {
        let own = recipient.isAnswered ? recipient.answer?.split(separator: " ").dropFirst().first : nil
        let isStatus = own.map { $0.split(separator: ".").count == 3 && $0.allSatisfy { $0.isNumber || $0 == "." } }
        switch (kind, recipient.state) {
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
            kind == .failure
            ? "Your message could not be delivered to everybody."
            : "Your message has not been delivered to everybody yet. You need not send it again: "
                + "it is tried until \(MessageDate.text(entry.giveUpAt))."
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
