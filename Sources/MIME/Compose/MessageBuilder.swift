package import MailTypes

/// Writes complete messages: acknowledgements, notices, delivery reports.
package struct MessageBuilder: Sendable {
    package var from: NamedAddress
    package var to: [NamedAddress] = []
    package var cc: [NamedAddress] = []
    package var replyTo: [NamedAddress] = []
    package var subject: String
    package var date: Moment
    /// Without angle brackets.
    package var messageID: String
    package var inReplyTo: [String] = []
    package var references: [String] = []
    /// `auto-replied` or `auto-generated` (RFC 3834 §5); nil for none.
    package var autoSubmitted: String?
    /// Further fields: name and unstructured text.
    package var extraFields: [(name: String, text: String)] = []

    package init(from: NamedAddress, subject: String, date: Moment, messageID: String) {
        self.from = from
        self.subject = subject
        self.date = date
        self.messageID = messageID
    }

    /// A message of plain text in UTF-8.
    package func message(text: String) -> [UInt8] { fatalError("API") }

    /// A delivery report (RFC 3464) about `failed`, with the header of the message that was not delivered.
    package func deliveryReport(
        text: String, reportingHost: String, failed: [FailedRecipient], boundary: String, originalHeader: [UInt8]
    ) -> [UInt8] { fatalError("API") }

    /// One recipient of a delivery report.
    package struct FailedRecipient: Hashable, Sendable {
        package var address: String
        /// `5.1.1` (RFC 3463).
        package var status: String
        /// The remote server's reply, one line.
        package var diagnostic: String?
        /// `failed` or `delayed` (RFC 3464 §2.3.3).
        package var action: String
        package init(address: String, status: String, diagnostic: String? = nil, action: String = "failed") {
            self.address = address
            self.status = status
            self.diagnostic = diagnostic
            self.action = action
        }
    }
}
