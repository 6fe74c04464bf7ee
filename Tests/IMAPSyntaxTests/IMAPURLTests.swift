import Bytes
import IMAPSyntax
import MailTypes
import Testing

@Suite struct IMAPURLTests {
    private static let inbox = MailboxName.inbox
    private static let token = "91354a473744909de610943775f92038"

    struct Row: Sendable {
        var text: String
        var url: IMAPURL
        init(_ text: String, _ url: IMAPURL) {
            self.text = text
            self.url = url
        }
    }

    /// What is read, and written the same again.
    static let canonical: [Row] = [
        Row("imap://minbari.example.org/", IMAPURL(server: .init(host: "minbari.example.org"))),
        Row(
            "imap://michael;AUTH=*@minbari.example.org:1430/users.*",
            IMAPURL(
                server: .init(user: "michael", mechanism: "*", host: "minbari.example.org", port: 1430),
                mailbox: MailboxName("users.*"))),
        Row(
            "imap://psicorp.example.org/~peter/%E6%97%A5%E6%9C%AC%E8%AA%9E/%E5%8F%B0%E5%8C%97",
            IMAPURL(server: .init(host: "psicorp.example.org"), mailbox: MailboxName("~peter/日本語/台北"))),
        Row(
            "imap://;AUTH=GSSAPI@[2001:db8::1]/gray%20council;UIDVALIDITY=385759045/;UID=20/;PARTIAL=0.1024",
            IMAPURL(
                server: .init(mechanism: "GSSAPI", host: "[2001:db8::1]"), mailbox: MailboxName("gray council"),
                uidValidity: UIDValidity(rawValue: 385_759_045), uid: UID(20), range: .init(offset: 0, count: 1024))),
        Row(
            "imap://m@h/gray%20council?SUBJECT%20shadows",
            IMAPURL(
                server: .init(user: "m", host: "h"), mailbox: MailboxName("gray council"),
                search: "SUBJECT shadows".octets)),
        Row(
            "/INBOX;UIDVALIDITY=785799047/;UID=113330/;SECTION=1.5.9",
            IMAPURL(
                mailbox: inbox, uidValidity: UIDValidity(rawValue: 785_799_047), uid: UID(113330),
                section: BodySection(part: [1, 5, 9]))),
        Row(
            "/a/b/;UID=1/;SECTION=2.HEADER.FIELDS%20(From%20To)/;PARTIAL=7",
            IMAPURL(
                mailbox: MailboxName("a/b"), uid: UID(1),
                section: BodySection(part: [2], text: .headerFields(["From".octets, "To".octets])),
                range: .init(offset: 7))),
        Row(";UID=20/;SECTION=TEXT", IMAPURL(uid: UID(20), section: BodySection(text: .text))),
        Row(
            "imap://joe@example.com/INBOX/;UID=20/;SECTION=1.2;URLAUTH=submit+fred%40x:INTERNAL:\(token)",
            IMAPURL(
                server: .init(user: "joe", host: "example.com"), mailbox: inbox, uid: UID(20),
                section: BodySection(part: [1, 2]),
                authorization: .init(
                    access: .submission(user: "fred@x"), verifier: .init(mechanism: "INTERNAL", token: token)))),
        Row(
            "imap://joe@h/INBOX/;UID=20;EXPIRE=2006-01-02T03:04:05+01:30;URLAUTH=user+fred",
            IMAPURL(
                server: .init(user: "joe", host: "h"), mailbox: inbox, uid: UID(20),
                authorization: .init(
                    expires: Moment(
                        .init(year: 2006, month: 1, day: 2, hour: 3, minute: 4, second: 5), zone: 90),
                    access: .user("fred")))),
        Row(
            "/x/;UID=1;URLAUTH=authuser",
            IMAPURL(mailbox: MailboxName("x"), uid: UID(1), authorization: .init(access: .authenticated))),
        Row(
            "/x/;UID=1;URLAUTH=anonymous",
            IMAPURL(mailbox: MailboxName("x"), uid: UID(1), authorization: .init(access: .anonymous))),
        Row(
            "/x/;UID=1;URLAUTH=stream",
            IMAPURL(
                mailbox: MailboxName("x"), uid: UID(1), authorization: .init(access: .application("stream", user: nil)))
        ),
        Row(
            "/x/;UID=1;URLAUTH=stream+a",
            IMAPURL(
                mailbox: MailboxName("x"), uid: UID(1), authorization: .init(access: .application("stream", user: "a")))
        ),
    ]

    @Test(arguments: canonical.indices)
    func readsAndWrites(_ index: Int) {
        let row = Self.canonical[index]
        #expect(IMAPURL(row.text.octets) == row.url, "\(row.text)")
        #expect(String(lossy: row.url.octets) == row.text)
    }

    /// What is read, and written in another form.
    @Test func readsOtherForms() {
        let rows: [(String, String)] = [
            ("IMAP://h", "imap://h/"), ("imap://a;auth=gssapi@h/", "imap://a;AUTH=GSSAPI@h/"),
            ("/inbox/;uid=1/;section=header", "/INBOX/;UID=1/;SECTION=HEADER"),
            ("inbox/;UID=1", "/INBOX/;UID=1"), ("/;UID=4", ";UID=4"),
            ("/a;uidvalidity=5;uid=6", "/a;UIDVALIDITY=5/;UID=6"),
            ("/%61/;UID=1", "/a/;UID=1"), ("/a%2f/;UID=1", "/a%2F/;UID=1"), ("/%2Fa", "/%2Fa"),
            ("/a//;UID=1", "/a%2F/;UID=1"),
            (
                "/a/;UID=1;EXPIRE=2006-01-02t03:04:05.25z;URLAUTH=Anonymous:internal:\(Self.token.uppercased())",
                "/a/;UID=1;EXPIRE=2006-01-02T03:04:05Z;URLAUTH=anonymous:INTERNAL:\(Self.token)"
            ),
        ]
        for (text, written) in rows {
            #expect(IMAPURL(text.octets).map { String(lossy: $0.octets) } == written, "\(text)")
        }
    }

    @Test(arguments: [
        "", "/", "imap:", "imap://", "imap:///INBOX", "http://h/", "imap://h:0/", "imap://h:99999/", "imap://h:x/",
        "imap://@h/", "imap://a b@h/", "imap://a;AUTH=@h/", "imap://a;FOO=x@h/", "imap://a@b@h/", "imap://[::1/",
        "imap://[x]/", "imap://h_/", "imap://h/;UID=1", "imap://h/;UIDVALIDITY=1", "imap://h/?ALL", ";UIDVALIDITY=1",
        "/a;UIDVALIDITY=0", "/a/;UID=0", "/a/;UID=x", "/a/;UID=4294967296", "/a/;UID=1/;UID=2",
        "/a/;UID=1;UIDVALIDITY=2", "/a/;SECTION=1", "/a/;PARTIAL=1", "/a/;UID=1/;SECTION=", "/a/;UID=1/;SECTION=x",
        "/a/;UID=1/;SECTION=1]x", "/a/;UID=1/;PARTIAL=1.0", "/a/;UID=1/;PARTIAL=.1", "/a/;UID=1?ALL", "/a?",
        "/a/;UID=1;FOO=2", "/a/;UID=1;", "/a%", "/a%2", "/a%zz", "/a%00", "/a%FF", "/a b", "/ü", "/a#b", "/a\"",
        "/a/;UID=1;EXPIRE=2006-01-02T03:04:05Z", "/a/;UID=1;EXPIRE=2006-13-02T03:04:05Z;URLAUTH=anonymous",
        "/a/;UID=1;EXPIRE=2006-01-02T03:04:05.Z;URLAUTH=anonymous", "/a;URLAUTH=anonymous", "/a/;UID=1;URLAUTH=",
        "/a/;UID=1;URLAUTH=user+", "/a/;UID=1;URLAUTH=a-b", "/a/;UID=1;URLAUTH=user+a/b",
        "/a/;UID=1;URLAUTH=anonymous:INTERNAL", "/a/;UID=1;URLAUTH=anonymous:INTERNAL:abc",
        "/a/;UID=1;URLAUTH=anonymous::91354a473744909de610943775f92038",
        "/a/;UID=1;URLAUTH=anonymous:INTERNAL:91354a473744909de610943775f9203x",
    ])
    func refuses(_ text: String) { #expect(IMAPURL(text.octets) == nil) }

    @Test func boundsLength() {
        let longest = "/" + String(repeating: "a", count: IMAPURL.longest - 1)
        #expect(IMAPURL(longest.octets) != nil)
        #expect(IMAPURL((longest + "a").octets) == nil)
    }

    @Test func findsWhatWasAuthorised() {
        let rump = "imap://joe@h/INBOX/;uid=20;urlauth=submit+fred"
        #expect(IMAPURL.rump(of: "\(rump):internal:\(Self.token)".octets).map { String(lossy: $0) } == rump)
        #expect(IMAPURL.rump(of: rump.octets) == nil)
        #expect(IMAPURL.rump(of: "x:y:z".octets) == nil)
    }

    @Test func readsWhatWasWritten() {
        var dice = Dice(seed: 5092)
        let names = ["INBOX", "a/b", "/x/", "Entwürfe", "R&D", "a;b?c", "日本", "a b%20", "~"]
        for _ in 0..<2_000 {
            var url = IMAPURL()
            if dice.chance(2) {
                url.server = .init(
                    user: dice.chance(2) ? nil : dice.pick(names),
                    mechanism: dice.chance(2) ? nil : dice.pick(["*", "PLAIN"]),
                    host: dice.pick(["h", "mail.example.org", "[::1]"]), port: dice.chance(2) ? nil : 143)
            }
            url.mailbox = MailboxName(dice.pick(names))
            if dice.chance(2) { url.uidValidity = UIDValidity(rawValue: UInt32(1 + dice.below(9999))) }
            if dice.chance(4) {
                url.search = dice.pick(["ALL", "SUBJECT \"é/\"", "OR 1 2"]).octets
            } else {
                url.uid = UID(UInt32(1 + dice.below(9999)))
                if dice.chance(2) {
                    url.section = dice.pick([
                        BodySection(part: [1, 2]), BodySection(part: [3], text: .mime), BodySection(text: .header),
                        BodySection(text: .headerFieldsNot(["a b".octets, "\"x\\".octets, "é\r\n".octets])),
                    ])
                }
                if dice.chance(2) {
                    url.range = .init(offset: dice.next(), count: dice.chance(2) ? nil : 1 + dice.next() / 2)
                }
                if dice.chance(2) {
                    url.authorization = .init(
                        expires: dice.chance(2)
                            ? nil : Moment(seconds: Int64(dice.below(1 << 32)), zone: dice.below(2879) - 1439),
                        access: dice.pick([
                            .submission(user: "ü+:@/"), .user("a"), .authenticated, .anonymous,
                            .application("stream", user: nil),
                        ]), verifier: dice.chance(2) ? nil : .init(mechanism: "INTERNAL", token: Self.token))
                }
            }
            let read = IMAPURL(url.octets)
            #expect(read == url, "\(String(lossy: url.octets))")
            if read != url { return }
        }
    }
}
