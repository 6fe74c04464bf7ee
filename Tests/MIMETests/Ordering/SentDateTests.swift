import MIME
import MailTypes
import Testing

@Suite struct SentDateTests {
    private static let arrival = Moment(seconds: 1_000_000_000, zone: 120)

    @Test(arguments: [
        // RFC 5256 §2.2's own example.
        ("31 Dec 2000 16:01:33 -0800", "Mon, 1 Jan 2001 00:01:33 +0000"),
        ("Fri, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 15:55:06 +0000"),
        // No zone, or none that is one; no time, or none that is one.
        ("21 Nov 1997 09:55:06 +9999", "Fri, 21 Nov 1997 09:55:06 +0000"),
        ("21 Nov 1997 25:00:00 +0100", "Fri, 21 Nov 1997 00:00:00 +0000"),
        ("21 Nov 1997 09:61", "Fri, 21 Nov 1997 00:00:00 +0000"),
        ("21 Nov 1997", "Fri, 21 Nov 1997 00:00:00 +0000"),
        // No date: when the message arrived.
        ("32 Nov 1997 09:55:06 -0600", "Sun, 9 Sep 2001 01:46:40 +0000"),
        ("yesterday", "Sun, 9 Sep 2001 01:46:40 +0000"), ("", "Sun, 9 Sep 2001 01:46:40 +0000"),
    ])
    func dates(value: String, expected: String) {
        #expect(MessageDate.text(MessageDate.sent(Array(value.utf8), arrival: Self.arrival)) == expected)
        let header = MessageHeader([UInt8]("Date: \(value)\r\n\r\n"))
        #expect(MessageDate.text(header.sentDate(arrival: Self.arrival)) == expected)
        #expect(MessageDate.text(Envelope(header: header).sentDate(arrival: Self.arrival)) == expected)
    }

    @Test func missing() {
        #expect(MessageDate.sent(nil, arrival: Self.arrival) == Moment(seconds: 1_000_000_000))
        #expect(MessageHeader([]).sentDate(arrival: Self.arrival).zone == 0)
    }
}
