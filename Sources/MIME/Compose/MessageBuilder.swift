internal import Bytes
package import MailTypes

/// Writes complete messages: acknowledgements, notices, delivery reports. Lines end in CRLF.
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
    package func message(text: String) -> [UInt8] {
        var header = fields
        let body = Self.textPart(text, into: &header)
        return header.bytes + body
    }

    /// The fields that every message of this builder has, the empty line not yet written.
    var fields: HeaderWriter {
        var header = HeaderWriter()
        header.append("Date", date: date)
        header.append("From", addresses: [from])
        header.append("Reply-To", addresses: replyTo)
        header.append("To", addresses: to)
        header.append("Cc", addresses: cc)
        header.append("Subject", text: subject)
        header.append("Message-ID", messageIDs: [messageID])
        header.append("In-Reply-To", messageIDs: inReplyTo)
        header.append("References", messageIDs: references)
        if let autoSubmitted { header.append("Auto-Submitted", raw: autoSubmitted) }
        for field in extraFields { header.append(field.name, text: field.text) }
        header.append("MIME-Version", raw: "1.0")
        return header
    }

    /// Ends a header with the fields for `text` and returns the body: as it is when ASCII and short lines allow, else
    /// quoted-printable.
    static func textPart(_ text: String, into header: inout HeaderWriter) -> [UInt8] {
        let octets = canonical(text)
        header.append(
            "Content-Type", value: "text/plain", parameters: [DecodedParameter(name: "charset", value: "utf-8")])
        let isPlain =
            octets.allSatisfy { $0 < ASCII.delete && ($0 >= ASCII.space || $0 == ASCII.tab || isBreak($0)) }
            && octets.split(separator: ASCII.lf).allSatisfy { $0.count < HeaderWriter.lineLength + 2 }
        header.append("Content-Transfer-Encoding", raw: isPlain ? "7bit" : "quoted-printable")
        header.finish()
        return isPlain ? octets : TransferEncoder.quotedPrintable(octets)
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == ASCII.cr || byte == ASCII.lf }

    /// The text with every line ended by CRLF, the last one too.
    private static func canonical(_ text: String) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(text.utf8.count + text.utf8.count / 32)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == ASCII.lf, previous == ASCII.cr {
                previous = byte
                continue
            }
            if isBreak(byte) { octets.append(contentsOf: [ASCII.cr, ASCII.lf]) } else { octets.append(byte) }
            previous = byte
        }
        if let last = octets.last, last != ASCII.lf { octets.append(contentsOf: [ASCII.cr, ASCII.lf]) }
        return octets
    }
}
