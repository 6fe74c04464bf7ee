internal import Bytes
package import MailTypes

extension MessageBuilder {
    /// One recipient of a delivery report (RFC 3464 §2.3).
    package struct ReportedRecipient: Hashable, Sendable {
        /// What became of the message for her (RFC 3464 §2.3.3).
        package enum Action: String, Sendable {
            case failed, delayed, relayed
        }

        package var address: String
        /// Who the sender meant (RFC 3464 §2.3.1): type and address.
        package var original: String?
        /// `5.1.1` (RFC 3463).
        package var status: String
        /// The remote server's reply, one line.
        package var diagnostic: String?
        package var action: Action
        /// Until when it is tried again (RFC 3464 §2.3.9), for one that is delayed.
        package var retryUntil: Moment?

        package init(
            address: String, original: String? = nil, status: String, diagnostic: String? = nil,
            action: Action = .failed, retryUntil: Moment? = nil
        ) {
            self.address = address
            self.original = original
            self.status = status
            self.diagnostic = diagnostic
            self.action = action
            self.retryUntil = retryUntil
        }
    }

    /// What a report brings back of the message that it is about.
    package enum ReturnedContent: Hashable, Sendable {
        case header([UInt8])
        /// All of it, whose lines end with CRLF.
        case message([UInt8])
    }

    /// A delivery report (RFC 3464).
    /// - Parameters:
    ///   - envelopeID: the sender's name for the transaction (RFC 3464 §2.2.1).
    ///   - boundary: a text that occurs nowhere in what is sent.
    ///   - arrival: when the message came; nil leaves it out.
    package func deliveryReport(
        text: String, reportingHost: String, envelopeID: String? = nil, recipients: [ReportedRecipient],
        boundary: String, original: ReturnedContent, arrival: Moment? = nil
    ) -> [UInt8] {
        var header = fields
        header.append(
            "Content-Type", value: "multipart/report",
            parameters: [
                DecodedParameter(name: "report-type", value: "delivery-status"),
                DecodedParameter(name: "boundary", value: boundary),
            ])
        var explanation = HeaderWriter()
        let body = Self.textPart(text, into: &explanation)
        let status = Self.status(reportingHost, envelopeID, recipients, arrival)
        let returned: [UInt8]
        let returnedHeader: ArraySlice<UInt8>
        let types: (plain: String, global: String)
        switch original {
        case .header(let octets):
            (returned, returnedHeader) = (octets, octets[...])
            types = ("text/rfc822-headers", "message/global-headers")
        case .message(let octets):
            let end = octets.firstRange(of: Array("\r\n\r\n".utf8))?.lowerBound ?? octets.count
            (returned, returnedHeader) = (octets, octets[..<end])
            types = ("message/rfc822", "message/global")
        }
        // RFC 6533 §3 and §6: what may hold UTF-8 has types of its own.
        let isGlobal = status.contains { $0 >= 0x80 } || returnedHeader.contains { $0 >= 0x80 }
        let parts = [
            explanation.bytes + body,
            Self.partHeader(isGlobal ? "message/global-delivery-status" : "message/delivery-status", isGlobal) + status,
            Self.partHeader(isGlobal ? types.global : types.plain, returned.contains { $0 >= 0x80 }) + returned,
        ]
        // RFC 2045 §6.4: what holds eight bits says so on every level.
        if parts.contains(where: { $0.contains { $0 >= 0x80 } }) {
            header.append("Content-Transfer-Encoding", raw: "8bit")
        }
        header.finish()
        var message = header.bytes
        for part in parts {
            message.append(contentsOf: "--\(boundary)\r\n".utf8)
            message.append(contentsOf: part)
            if part.last != ASCII.lf { message.append(contentsOf: [ASCII.cr, ASCII.lf]) }
        }
        message.append(contentsOf: "--\(boundary)--\r\n".utf8)
        return message
    }

    private static func partHeader(_ type: String, _ hasEightBits: Bool) -> [UInt8] {
        var header = HeaderWriter()
        header.append("Content-Type", raw: type)
        if hasEightBits { header.append("Content-Transfer-Encoding", raw: "8bit") }
        header.finish()
        return header.bytes
    }

    /// The fields about the message, then those about each recipient (RFC 3464 §2.1).
    private static func status(
        _ reportingHost: String, _ envelopeID: String?, _ recipients: [ReportedRecipient], _ arrival: Moment?
    ) -> [UInt8] {
        var status = HeaderWriter()
        if let envelopeID { status.append("Original-Envelope-Id", raw: envelopeID) }
        status.append("Reporting-MTA", raw: "dns; \(reportingHost)")
        if let arrival { status.append("Arrival-Date", date: arrival) }
        for recipient in recipients {
            status.finish()
            let kind = recipient.address.utf8.contains { $0 >= 0x80 } ? "utf-8" : "rfc822"
            if let original = recipient.original { status.append("Original-Recipient", raw: original) }
            status.append("Final-Recipient", raw: "\(kind); \(recipient.address)")
            status.append("Action", raw: recipient.action.rawValue)
            status.append("Status", raw: recipient.status)
            if let diagnostic = recipient.diagnostic { status.append("Diagnostic-Code", raw: "smtp; \(diagnostic)") }
            if let retryUntil = recipient.retryUntil { status.append("Will-Retry-Until", date: retryUntil) }
        }
        return status.bytes
    }
}
