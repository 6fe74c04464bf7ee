import MIME
import MailTypes
import Testing

@Suite struct MessageDateTests {
    @Test(arguments: [
        ("Fri, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("Fri, 21 Nov 1997 09:55 -0600", "Fri, 21 Nov 1997 09:55:00 -0600"),
        // The weekday counts for nothing.
        ("Mon, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("Fri,21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("Fri 21 nov 1997 9:55:6 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("Fri, 21 November 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"),
        // Comments, folding, blanks around the colons' neighbours.
        ("Fri, 21 (hm) Nov 1997\r\n 09:55:06 (local) -0600 (CST)", "Fri, 21 Nov 1997 09:55:06 -0600"),
        // Years of two and three digits, zones of letters (RFC 5322 §4.3).
        ("21 Nov 97 09:55:06 GMT", "Fri, 21 Nov 1997 09:55:06 +0000"),
        ("21 Nov 49 09:55:06 GMT", "Sun, 21 Nov 2049 09:55:06 +0000"),
        ("21 Nov 097 09:55:06 UT", "Fri, 21 Nov 1997 09:55:06 +0000"),
        ("21 Nov 1997 09:55:06 EST", "Fri, 21 Nov 1997 09:55:06 -0500"),
        ("21 Nov 1997 09:55:06 PDT", "Fri, 21 Nov 1997 09:55:06 -0700"),
        ("21 Nov 1997 09:55:06 CEST", "Fri, 21 Nov 1997 09:55:06 +0200"),
        // Unknown letters and the military ones mean UTC.
        ("21 Nov 1997 09:55:06 K", "Fri, 21 Nov 1997 09:55:06 +0000"),
        ("21 Nov 1997 09:55:06 XYZ", "Fri, 21 Nov 1997 09:55:06 +0000"),
        ("21 Nov 1997 09:55:06", "Fri, 21 Nov 1997 09:55:06 +0000"),
        ("21 Nov 1997", "Fri, 21 Nov 1997 00:00:00 +0000"),
        ("21 Nov 1997 09:55:06 -0000", "Fri, 21 Nov 1997 09:55:06 +0000"),
        ("21 Nov 1997 09:55:06 +01:00", "Fri, 21 Nov 1997 09:55:06 +0100"),
        ("21 Nov 1997 09:55:06 +1", "Fri, 21 Nov 1997 09:55:06 +0100"),
        ("21 Nov 1997 09:55:06 GMT+0100", "Fri, 21 Nov 1997 09:55:06 +0100"),
        ("21 Nov 1997 09:55:06 GMT +0100", "Fri, 21 Nov 1997 09:55:06 +0100"),
        ("21 Nov 1997 09:55:06+0100", "Fri, 21 Nov 1997 09:55:06 +0100"),
        ("21 Nov 1997 09:55:06 +0100 CET", "Fri, 21 Nov 1997 09:55:06 +0100"),
        ("21 Nov 1997 09:55:06 +9999", "Fri, 21 Nov 1997 09:55:06 +0000"),
        // Other orders and notations.
        ("Fri Nov 21 09:55:06 1997", "Fri, 21 Nov 1997 09:55:06 +0000"),
        ("Fri Nov 21 09:55:06 EST 1997", "Fri, 21 Nov 1997 09:55:06 -0500"),
        ("Nov 21, 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("1997-11-21 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("1997-11-21T09:55:06-06:00", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("1997-11-21T09:55:06.123Z", "Fri, 21 Nov 1997 09:55:06 +0000"),
        ("21-Nov-1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("21/11/1997 09:55:06", "Fri, 21 Nov 1997 09:55:06 +0000"),
        ("21 Nov 1997 09:55:06 PM", "Fri, 21 Nov 1997 21:55:06 +0000"),
        ("21 Nov 1997 12:55 AM +0100", "Fri, 21 Nov 1997 00:55:00 +0100"),
        // A leap day, a leap second, the ends of the calendar.
        ("29 Feb 2024 23:59:60 +0000", "Thu, 29 Feb 2024 23:59:59 +0000"),
        ("1 Jan 1970 00:00:00 +0000", "Thu, 1 Jan 1970 00:00:00 +0000"),
        ("31 Dec 9999 23:59:59 +0000", "Fri, 31 Dec 9999 23:59:59 +0000"),
    ])
    func dates(value: String, expected: String) {
        #expect(MessageDate.parse(value.utf8).map(MessageDate.text) == expected)
    }

    @Test(arguments: [
        "", "yesterday", "Fri", "21 Nov", "Nov 1997", "32 Nov 1997 09:55:06 -0600", "29 Feb 2023 00:00:00 +0000",
        "21 Nov 1997 25:00:00 +0000", "21 Nov 1997 09:61:00 +0000", "21 Foo 1997 09:55:06 -0600", "0 Nov 1997", "(",
        "\"",
        "99999999999999999999 Nov 1997", "21 Nov 99999999999999999999", "-", "+", ":", "::", "T", "1T1",
    ])
    func noDates(value: String) {
        #expect(MessageDate.parse(value.utf8) == nil)
    }

    /// What is written is read back the same.
    @Test func writtenDatesComeBack() {
        var dice = Dice(4)
        for _ in 0..<2000 {
            let moment = Moment(
                seconds: Int64.random(in: -30_000_000_000...250_000_000_000, using: &dice),
                zone: Int.random(in: -1439...1439, using: &dice))
            #expect(MessageDate.parse(MessageDate.text(moment).utf8) == moment)
        }
    }

    @Test func onlyTheBeginningIsRead() {
        let value = "21 Nov 1997 09:55:06 " + String(repeating: "x", count: 1_000_000)
        #expect(MessageDate.parse(value.utf8)?.seconds == 880_106_106)
    }
}
