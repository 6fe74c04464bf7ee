import MIME
import MailTypes
import Testing

@Suite struct EnvelopeTests {
    private func envelope(_ header: String) -> Envelope { MessageScanner.scan([UInt8](header + "\r\n\r\n")).envelope }

    @Test func complete() {
        let envelope = envelope(
            """
            Date: Mon, 5 Jan 2026 08:15:00 +0100\r
            Subject: =?utf-8?q?caf=C3=A9?=\r
            From: Ann <ann@a.example>\r
            Sender: desk@a.example\r
            Reply-To: Ann <reply@a.example>\r
            To: One <one@b.example>, two@b.example\r
            Cc: Team: x@c.example, y@c.example;\r
            Bcc: z@d.example\r
            In-Reply-To: <q@b.example>\r
            Message-ID: <r@a.example>
            """)
        #expect(envelope.date.text == "Mon, 5 Jan 2026 08:15:00 +0100")
        // Encoded words stay as they are.
        #expect(envelope.subject.text == "=?utf-8?q?caf=C3=A9?=")
        #expect(envelope.from.map(\.name.text) == ["Ann"])
        #expect(envelope.sender.map(\.mailbox.text) == ["desk"])
        #expect(envelope.replyTo.map(\.mailbox.text) == ["reply"])
        #expect(envelope.to.map(\.mailbox.text) == ["one", "two"])
        #expect(envelope.cc.map(\.mailbox.text) == ["Team", "x", "y", nil])
        #expect(envelope.cc.map(\.host.text) == [nil, "c.example", "c.example", nil])
        #expect(envelope.bcc.map(\.mailbox.text) == ["z"])
        #expect(envelope.inReplyTo.text == "<q@b.example>")
        #expect(envelope.messageID.text == "<r@a.example>")
    }

    @Test func senderAndReplyToDefaultToFrom() {
        let absent = envelope("From: a@b.example")
        #expect(absent.sender == absent.from)
        #expect(absent.replyTo == absent.from)
        let empty = envelope("From: a@b.example\r\nSender:\r\nReply-To: ")
        #expect(empty.sender == empty.from)
        #expect(empty.replyTo == empty.from)
        #expect(envelope("To: a@b.example").sender.isEmpty)
    }

    @Test func absentAndEmptyDiffer() {
        let envelope = envelope("Subject:\r\nTo:")
        #expect(envelope.subject == [])
        #expect(envelope.date == nil)
        #expect(envelope.messageID == nil)
        #expect(envelope.to.isEmpty)
    }

    @Test func repeatedFields() {
        let envelope = envelope("Subject: one\r\nSubject: two\r\nTo: a@b.example\r\nTo: c@d.example")
        #expect(envelope.subject.text == "one")
        #expect(envelope.to.map(\.mailbox.text) == ["a", "c"])
    }

    @Test func foldsBecomeOneSpace() {
        #expect(envelope("Subject: one \r\n\t two\r\n three  four").subject.text == "one two three  four")
    }
}
