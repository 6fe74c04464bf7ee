internal import Bytes
package import MailTypes

extension MessageBuilder {
    /// One recipient of a delivery report (RFC 3464 §2.3).
    package struct FailedRecipient: Hashable, Sendable {
        package var address: String
        /// `5.1.1` (RFC 3463).
        package var status: String
        /// The remote server's reply, one line.
        package var diagnostic: String?
        /// `failed` or `delayed` (RFC 3464 §2.3.3).
        package var action: String
        /// Until when it is tried again (RFC 3464 §2.3.9), for one that is delayed.
        package var retryUntil: Moment?

        package init(
            address: String, status: String, diagnostic: String? = nil, action: String = "failed",
            retryUntil: Moment? = nil
        ) {
            self.address = address
            self.status = status
            self.diagnostic = diagnostic
            self.action = action
            self.retryUntil = retryUntil
        }
    }

    /// A delivery report (RFC 3464) about `failed`, with the header of the message that was not delivered.
    /// - Parameters:
    ///   - boundary: a text that occurs nowhere in what is sent.
    ///   - arrival: when the message came; nil leaves it out.
    package func deliveryReport(
        text: String, reportingHost: String, failed: [FailedRecipient], boundary: String, originalHeader: [UInt8],
        arrival: Moment? = nil
    ) -> [UInt8] {
        var header = fields
        header.append(
            "Content-Type", value: "multipart/report",
            parameters: [
                DecodedParameter(name: "report-type", value: "delivery-status"),
                DecodedParameter(name: "boundary", value: boundary),
            ])
        header.finish()

        var explanation = HeaderWriter()
        let body = Self.textPart(text, into: &explanation)
        let status = Self.status(reportingHost, failed, arrival)
        // RFC 6533 §3 and §6: what may hold UTF-8 has types of its own.
        let isGlobal = (status + originalHeader).contains { $0 >= 0x80 }
        let parts = [
            explanation.bytes + body,
            Self.partHeader(isGlobal ? "message/global-delivery-status" : "message/delivery-status", isGlobal) + status,
            Self.partHeader(isGlobal ? "message/global-headers" : "text/rfc822-headers", isGlobal) + originalHeader,
        ]
        var message = header.bytes
        for part in parts {
            message.append(contentsOf: "--\(boundary)\r\n".utf8)
            message.append(contentsOf: part)
            if part.last != ASCII.lf { message.append(contentsOf: [ASCII.cr, ASCII.lf]) }
        }
        message.append(contentsOf: "--\(boundary)--\r\n".utf8)
        return message
    }

    private static func partHeader(_ type: String, _ isGlobal: Bool) -> [UInt8] {
        var header = HeaderWriter()
        header.append("Content-Type", raw: type)
        if isGlobal { header.append("Content-Transfer-Encoding", raw: "8bit") }
        header.finish()
        return header.bytes
    }

    /// The fields about the message, then those about each recipient (RFC 3464 §2.1).
    private static func status(_ reportingHost: String, _ failed: [FailedRecipient], _ arrival: Moment?) -> [UInt8] {
        var status = HeaderWriter()
        status.append("Reporting-MTA", raw: "dns; \(reportingHost)")
        if let arrival { status.append("Arrival-Date", date: arrival) }
        for recipient in failed {
            status.finish()
            let kind = recipient.address.utf8.contains { $0 >= 0x80 } ? "utf-8" : "rfc822"
            status.append("Final-Recipient", raw: "\(kind); \(recipient.address)")
            status.append("Action", raw: recipient.action)
            status.append("Status", raw: recipient.status)
            if let diagnostic = recipient.diagnostic { status.append("Diagnostic-Code", raw: "smtp; \(diagnostic)") }
            if let retryUntil = recipient.retryUntil { status.append("Will-Retry-Until", date: retryUntil) }
        }
        return status.bytes
    }
}
