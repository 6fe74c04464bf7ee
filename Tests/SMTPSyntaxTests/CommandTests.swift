import Bytes
import MailTypes
import SMTPSyntax
import Testing

@Suite("Commands")
struct CommandTests {
    static func mail(
        _ path: SMTPPath, _ fill: (inout MailParameters) -> Void = { _ in }
    ) -> Result<SMTPCommand, SMTPSyntaxError> {
        var parameters = MailParameters()
        fill(&parameters)
        return .success(.mail(path, parameters))
    }

    static func rcpt(
        _ path: SMTPPath, _ fill: (inout RecipientParameters) -> Void = { _ in }
    ) -> Result<SMTPCommand, SMTPSyntaxError> {
        var parameters = RecipientParameters()
        fill(&parameters)
        return .success(.rcpt(path, parameters))
    }

    static func box(_ local: String, _ domain: String = "example.com") -> SMTPPath {
        .mailbox(EmailAddress(local: local, domain: domain))
    }

    typealias Row = (line: String, expected: Result<SMTPCommand, SMTPSyntaxError>)

    static let plain: [Row] = [
        ("EHLO client.example", .success(.ehlo("client.example"))),
        ("ehlo [127.0.0.1]", .success(.ehlo("[127.0.0.1]"))),
        ("EhLo my_pc", .success(.ehlo("my_pc"))), ("HELO x ", .success(.helo("x"))),
        ("EHLO", .failure(.badArguments)), ("HELO ", .failure(.badArguments)), ("EHLO a b", .failure(.badDomain)),
        ("DATA", .success(.data)), ("data ", .success(.data)), ("DATA x", .failure(.badArguments)),
        ("RSET", .success(.rset)), ("RSET now", .failure(.badArguments)), ("QUIT", .success(.quit)),
        ("QUIT please", .failure(.badArguments)), ("NOOP", .success(.noop)), ("NOOP and so on", .success(.noop)),
        ("HELP", .success(.help(""))), ("HELP MAIL", .success(.help("MAIL"))),
        ("VRFY alice", .success(.vrfy("alice"))), ("VRFY", .failure(.badArguments)),
        ("EXPN staff", .success(.expn("staff"))), ("STARTTLS", .success(.startTLS)),
        ("STARTTLS now", .failure(.badArguments)), ("BDAT 0 LAST", .success(.bdat(size: 0, isLast: true))),
        ("BDAT 1000", .success(.bdat(size: 1000, isLast: false))),
        ("bdat 7 last", .success(.bdat(size: 7, isLast: true))),
        ("BDAT", .failure(.badChunk)), ("BDAT x", .failure(.badChunk)), ("BDAT -1", .failure(.badChunk)),
        ("BDAT 1 FIRST", .failure(.badChunk)), ("BDAT 99999999999999999999999", .failure(.badChunk)),
        ("BDAT 18446744073709551616", .failure(.badChunk)), ("BDAT 0x10 LAST", .failure(.badChunk)),
        ("BDAT 1 LAST LAST", .failure(.badChunk)),
        ("BURL imap://x/y LAST", .success(.burl(url: octets("imap://x/y"), isLast: true))),
        ("burl imap://x/y last", .success(.burl(url: octets("imap://x/y"), isLast: true))),
        ("BURL imap://x/y", .success(.burl(url: octets("imap://x/y"), isLast: false))),
        ("BURL", .failure(.badArguments)), ("BURL imap://x/y FIRST", .failure(.badArguments)),
        ("BURL imap://x/y LAST LAST", .failure(.badArguments)), ("BURL imap://x/ż", .failure(.badArguments)),
        ("BURL imap://x/\u{1}", .failure(.badArguments)),
        ("", .failure(.unknownCommand)), (" NOOP", .failure(.unknownCommand)), ("NOOPE", .failure(.unknownCommand)),
        ("GET / HTTP/1.1", .failure(.unknownCommand)), ("MAIL", .failure(.badArguments)),
        ("NOOP;", .failure(.unknownCommand)), ("\u{FF}\u{FE}", .failure(.unknownCommand)),
    ]

    static let auth: [Row] = [
        ("AUTH PLAIN", .success(.auth(mechanism: "PLAIN", initialResponse: nil))),
        ("auth plain AGEAYg==", .success(.auth(mechanism: "PLAIN", initialResponse: [0, 0x61, 0, 0x62]))),
        ("AUTH SCRAM-SHA-256 =", .success(.auth(mechanism: "SCRAM-SHA-256", initialResponse: []))),
        ("AUTH", .failure(.badArguments)), ("AUTH PLAIN A B", .failure(.badArguments)),
        ("AUTH PLAIN A", .failure(.badBase64)), ("AUTH PLAIN AGEAYg", .failure(.badBase64)),
        ("AUTH PLAIN ==", .failure(.badBase64)), ("AUTH PL:AIN", .failure(.badArguments)),
        ("AUTH AAAAAAAAAAAAAAAAAAAAAAA", .failure(.badArguments)),
    ]

    static let paths: [Row] = [
        ("MAIL FROM:<>", mail(.null)), ("mail from:<alice@example.com>", mail(box("alice"))),
        ("MAIL FROM: <alice@example.com>", mail(box("alice"))),
        ("MAIL FROM:<\"alice smith\"@example.com>", mail(box("alice smith"))),
        ("MAIL FROM:<\"a\\\"b\\\\c>\"@example.com>", mail(box("a\"b\\c>"))),
        ("MAIL FROM:<\"\"@example.com>", mail(box(""))),
        ("MAIL FROM:<a.b+c=d@example.com>", mail(box("a.b+c=d"))),
        ("MAIL FROM:<@one.example,@two.example:alice@example.com>", mail(box("alice"))),
        ("MAIL FROM:<alice@[192.0.2.1]>", mail(box("alice", "[192.0.2.1]"))),
        ("MAIL FROM:<alice@[IPv6:2001:db8::1]>", mail(box("alice", "[IPv6:2001:db8::1]"))),
        ("MAIL FROM:<alice@[IPv6:::]>", mail(box("alice", "[IPv6:::]"))),
        ("MAIL FROM:<alice@[ipv6:1:2:3:4:5:6:7:8]>", mail(box("alice", "[ipv6:1:2:3:4:5:6:7:8]"))),
        ("MAIL FROM:<alice@[IPv6:::ffff:192.0.2.1]>", mail(box("alice", "[IPv6:::ffff:192.0.2.1]"))),
        ("MAIL FROM:<alice@[x400:c=de]>", mail(box("alice", "[x400:c=de]"))),
        ("MAIL FROM:<alice@my_host>", mail(box("alice", "my_host"))),
        ("MAIL FROM:<alice@[192.0.2.256]>", .failure(.badPath)), ("MAIL FROM:<alice@[192.0.2]>", .failure(.badPath)),
        ("MAIL FROM:<alice@[IPv6:1:2:3]>", .failure(.badPath)),
        ("MAIL FROM:<alice@[IPv6:1::2::3]>", .failure(.badPath)),
        ("MAIL FROM:<alice@[IPv6:1:2:3:4:5:6:7:8:9]>", .failure(.badPath)),
        ("MAIL FROM:<alice@[IPv6::1:2:3:4:5:6:7]>", .failure(.badPath)), ("MAIL FROM:<alice@[]>", .failure(.badPath)),
        ("MAIL FROM:<alice@[IPv6:12345::]>", .failure(.badPath)),
        ("MAIL FROM:alice@example.com", .failure(.badPath)), ("MAIL FROM:<alice@example.com", .failure(.badPath)),
        ("MAIL FROM:<alice@>", .failure(.badPath)), ("MAIL FROM:<@example.com>", .failure(.badPath)),
        ("MAIL FROM:<alice>", .failure(.badPath)), ("MAIL FROM:<a@b@c>", .failure(.badPath)),
        ("MAIL FROM:<.a@b>", .failure(.badPath)), ("MAIL FROM:<a..b@c>", .failure(.badPath)),
        ("MAIL FROM:<a@.b>", .failure(.badPath)), ("MAIL FROM:<a@b..c>", .failure(.badPath)),
        ("MAIL FROM:<a@b.>", .failure(.badPath)), ("MAIL FROM:<a@-b>", .failure(.badPath)),
        ("MAIL FROM:<a@b-.c>", .failure(.badPath)), ("MAIL FROM:<a b@c>", .failure(.badPath)),
        ("MAIL FROM:<\"a@c>", .failure(.badPath)), ("MAIL FROM:<\"a\\\u{1}\"@c>", .failure(.badPath)),
        ("MAIL FROM:< a@b>", .failure(.badPath)), ("MAIL FROM:<a@b >", .failure(.badPath)),
        ("MAIL FROM:<a@b>x", .failure(.badParameter)), ("MAIL TO:<a@b>", .failure(.badArguments)),
        ("MAIL FROM:<postmaster>", .failure(.badPath)), ("MAIL FROM", .failure(.badArguments)),
        ("MAIL FROM:<żółw@example.com>", .failure(.needsSMTPUTF8)),
        ("MAIL FROM:<a@żółw.example>", .failure(.needsSMTPUTF8)),
        ("MAIL FROM:<żółw@example.com> SMTPUTF8", mail(box("żółw")) { $0.smtpUTF8 = true }),
        ("MAIL FROM:<a@żółw.example> smtputf8", mail(box("a", "żółw.example")) { $0.smtpUTF8 = true }),
        ("RCPT TO:<bob@example.com>", rcpt(box("bob"))), ("RCPT TO:<Postmaster>", rcpt(.postmaster)),
        ("RCPT TO:<>", .failure(.badPath)), ("RCPT FROM:<a@b>", .failure(.badArguments)),
        ("RCPT TO:<@a,@b:bob@example.com>", rcpt(box("bob"))), ("RCPT TO:<@a@b:bob@c>", .failure(.badPath)),
        ("RCPT TO:<żółw@example.com>", rcpt(box("żółw"))),
    ]

    static let parameters: [Row] = [
        (
            "MAIL FROM:<a@b> SIZE=1000 BODY=8BITMIME",
            mail(box("a", "b")) {
                $0.size = 1000
                $0.body = .eightBitMIME
            }
        ),
        ("MAIL FROM:<a@b> body=7bit", mail(box("a", "b")) { $0.body = .sevenBit }),
        ("MAIL FROM:<a@b>  BODY=BINARYMIME ", mail(box("a", "b")) { $0.body = .binaryMIME }),
        ("MAIL FROM:<a@b> AUTH=<>", mail(box("a", "b")) { $0.submitter = .null }),
        ("MAIL FROM:<a@b> AUTH=e+3Dmc2@example.com", mail(box("a", "b")) { $0.submitter = box("e=mc2") }),
        (
            "MAIL FROM:<a@b> RET=HDRS ENVID=QQ+2B1",
            mail(box("a", "b")) {
                $0.returns = .headers
                $0.envelopeID = "QQ+1"
            }
        ),
        ("MAIL FROM:<a@b> HOLDFOR=999999999", mail(box("a", "b")) { $0.futureRelease = .after(999_999_999) }),
        ("MAIL FROM:<a@b> holdfor=60", mail(box("a", "b")) { $0.futureRelease = .after(60) }),
        (
            "MAIL FROM:<a@b> HOLDUNTIL=2026-11-20T10:00:00.25Z",
            mail(box("a", "b")) { $0.futureRelease = .at(Moment(seconds: 1_795_168_800, zone: 0)) }
        ),
        (
            "MAIL FROM:<a@b> HOLDUNTIL=2026-11-20t10:00:00+01:30",
            mail(box("a", "b")) { $0.futureRelease = .at(Moment(seconds: 1_795_163_400, zone: 90)) }
        ),
        ("MAIL FROM:<a@b> HOLDFOR", .failure(.badParameter)), ("MAIL FROM:<a@b> HOLDFOR=0", .failure(.badParameter)),
        ("MAIL FROM:<a@b> HOLDFOR=1000000000", .failure(.badParameter)),
        ("MAIL FROM:<a@b> HOLDFOR=-1", .failure(.badParameter)), ("MAIL FROM:<a@b> HOLDUNTIL", .failure(.badParameter)),
        ("MAIL FROM:<a@b> HOLDFOR=5 HOLDFOR=5", .failure(.badParameter)),
        ("MAIL FROM:<a@b> HOLDFOR=5 HOLDUNTIL=2026-11-20T10:00:00Z", .failure(.badParameter)),
        ("MAIL FROM:<a@b> HOLDUNTIL=2026-11-20T10:00:00", .failure(.badParameter)),
        ("MAIL FROM:<a@b> HOLDUNTIL=2026-11-20T10:00:00.Z", .failure(.badParameter)),
        ("MAIL FROM:<a@b> HOLDUNTIL=2026-02-30T10:00:00Z", .failure(.badParameter)),
        ("MAIL FROM:<a@b> HOLDUNTIL=2026-11-20T10:00:00Zx", .failure(.badParameter)),
        ("MAIL FROM:<a@b> HOLDUNTIL=2026-11-20T25:00:00Z", .failure(.badParameter)),
        ("RCPT TO:<a@b> HOLDFOR=5", .failure(.unknownParameter)),
        ("RCPT TO:<a@b> NOTIFY=NEVER", rcpt(box("a", "b")) { $0.notify = [] }),
        ("RCPT TO:<a@b> NOTIFY=success,DELAY", rcpt(box("a", "b")) { $0.notify = [.success, .delay] }),
        (
            "RCPT TO:<a@b> ORCPT=rfc822;Bob+2B1@example.com",
            rcpt(box("a", "b")) { $0.original = OriginalRecipient(kind: "rfc822", address: "Bob+1@example.com") }
        ),
        (
            "MAIL FROM:<a@b> ENVID=a+20b RET=full",
            mail(box("a", "b")) {
                $0.returns = .full
                $0.envelopeID = "a b"
            }
        ),
        (
            "RCPT TO:<a@b> NOTIFY=FAILURE ORCPT=utf-8;żółw@example.com",
            rcpt(box("a", "b")) {
                $0.notify = .failure
                $0.original = OriginalRecipient(kind: "utf-8", address: "żółw@example.com")
            }
        ),
        (
            "RCPT TO:<a@b> ORCPT=utf-8;\\x{17C}@example.com",
            rcpt(box("a", "b")) { $0.original = OriginalRecipient(kind: "utf-8", address: "\\x{17C}@example.com") }
        ),
        // No lower-case digits, no line end or other control in what is decoded, at most 100 octets.
        ("MAIL FROM:<a@b> ENVID=a+2b", .failure(.badParameter)),
        ("MAIL FROM:<a@b> ENVID=a+0D+0AStatus", .failure(.badParameter)),
        ("MAIL FROM:<a@b> ENVID=+C3+A9", .failure(.badParameter)), ("MAIL FROM:<a@b> ENVID=é", .failure(.badParameter)),
        ("MAIL FROM:<a@b> ENVID=a=b", .failure(.badParameter)), ("MAIL FROM:<a@b> ENVID", .failure(.badParameter)),
        ("MAIL FROM:<a@b> ENVID=\(String(repeating: "x", count: 101))", .failure(.badParameter)),
        ("MAIL FROM:<a@b> ENVID=a ENVID=b", .failure(.badParameter)),
        ("MAIL FROM:<a@b> RET=FULL RET=FULL", .failure(.badParameter)),
        ("MAIL FROM:<a@b> RET", .failure(.badParameter)), ("MAIL FROM:<a@b> RET=", .failure(.badParameter)),
        ("MAIL FROM:<a@b> RET=FULL,HDRS", .failure(.badParameter)),
        ("RCPT TO:<a@b> NOTIFY=", .failure(.badParameter)), ("RCPT TO:<a@b> NOTIFY=,", .failure(.badParameter)),
        ("RCPT TO:<a@b> NOTIFY=NEVER,NEVER", .failure(.badParameter)),
        ("RCPT TO:<a@b> NOTIFY=SUCCESS,", .failure(.badParameter)),
        ("RCPT TO:<a@b> NOTIFY=SUCCESS,SUCCESS", .failure(.badParameter)),
        ("RCPT TO:<a@b> NOTIFY=SUCCESS,NEVER", .failure(.badParameter)),
        ("RCPT TO:<a@b> NOTIFY=ALWAYS", .failure(.badParameter)),
        ("RCPT TO:<a@b> NOTIFY=NEVER NOTIFY=NEVER", .failure(.badParameter)),
        ("RCPT TO:<a@b> ORCPT=rfc822;", .failure(.badParameter)),
        ("RCPT TO:<a@b> ORCPT=rfc(822);x", .failure(.badParameter)),
        ("RCPT TO:<a@b> ORCPT=rfc822;a+0Ab", .failure(.badParameter)),
        ("RCPT TO:<a@b> ORCPT=rfc822;żółw@example.com", .failure(.badParameter)),
        ("RCPT TO:<a@b> ORCPT=utf-8;+FF", .failure(.badParameter)),
        ("RCPT TO:<a@b> ORCPT=rfc822;\(String(repeating: "x", count: 500))", .failure(.badParameter)),
        ("RCPT TO:<a@b> ORCPT=rfc822;x ORCPT=rfc822;x", .failure(.badParameter)),
        ("RCPT TO:<a@b> RET=FULL", .failure(.unknownParameter)),
        ("MAIL FROM:<a@b> requiretls", mail(box("a", "b")) { $0.requiresTLS = true }),
        ("MAIL FROM:<a@b> REQUIRETLS=1", .failure(.badParameter)),
        ("RCPT TO:<a@b> REQUIRETLS", .failure(.unknownParameter)),
        ("MAIL FROM:<a@b> SIZE", .failure(.badParameter)), ("MAIL FROM:<a@b> SIZE=", .failure(.badParameter)),
        ("MAIL FROM:<a@b> SIZE=-1", .failure(.badParameter)),
        ("MAIL FROM:<a@b> SIZE=1 SIZE=2", .failure(.badParameter)),
        ("MAIL FROM:<a@b> SIZE=99999999999999999999999", .failure(.badParameter)),
        ("MAIL FROM:<a@b> BODY=9BIT", .failure(.badParameter)), ("MAIL FROM:<a@b> SMTPUTF8=1", .failure(.badParameter)),
        ("MAIL FROM:<a@b> RET=SOME", .failure(.badParameter)), ("MAIL FROM:<a@b> ENVID=+4", .failure(.badParameter)),
        ("MAIL FROM:<a@b> AUTH=nobody", .failure(.badParameter)), ("MAIL FROM:<a@b> =1", .failure(.badParameter)),
        ("MAIL FROM:<a@b> NOTIFY=NEVER", .failure(.unknownParameter)),
        ("MAIL FROM:<a@b> X", .failure(.unknownParameter)),
        ("RCPT TO:<a@b> NOTIFY=NEVER,DELAY", .failure(.badParameter)),
        ("RCPT TO:<a@b> NOTIFY", .failure(.badParameter)),
        ("RCPT TO:<a@b> ORCPT=rfc822", .failure(.badParameter)), ("RCPT TO:<a@b> ORCPT=;x", .failure(.badParameter)),
        ("RCPT TO:<a@b> SIZE=1", .failure(.unknownParameter)),
    ]

    @Test("Read as RFC 5321 and its extensions write them", arguments: plain + auth + paths + parameters)
    func parses(_ row: Row) {
        let parsed = Result { () throws(SMTPSyntaxError) in try SMTPCommand(parsing: octets(row.line)) }
        #expect(parsed == row.expected, "\(row.line)")
    }

    @Test("A path of any length above the limit is too long, not a crash")
    func longPath() {
        let line = octets("RCPT TO:<\(String(repeating: "a", count: 2000))@example.com>")
        #expect(throws: SMTPSyntaxError.pathTooLong) { _ = try SMTPCommand(parsing: line) }
        #expect(throws: SMTPSyntaxError.pathTooLong) {
            _ = try SMTPCommand(parsing: octets("RCPT TO:<a@\(String(repeating: "b.", count: 2000))example.com>"))
        }
    }

    @Test("Random lines are read or refused, and never trap", arguments: 0..<500)
    func random(_ seed: Int) {
        var dice = Dice(UInt64(seed))
        let pieces = [
            "MAIL FROM:", "RCPT TO:", "<", ">", "@", "\"", "\\", ",", ":", ".", "a", "[", "]", "IPv6:", " ", "SIZE=",
            "AUTH",
            "=", "+", "NOTIFY=", "\u{FF}", "\0", "1", "::", "ORCPT=", ";",
        ]
        let line = (0..<Int.random(in: 0..<20, using: &dice)).map { _ in pieces.randomElement(using: &dice) ?? "" }
        _ = try? SMTPCommand(parsing: octets(line.joined()))
        _ = try? SMTPCommand(parsing: octets("MAIL FROM:" + line.joined()))
        _ = try? SMTPCommand(parsing: octets("RCPT TO:<" + line.joined()))
    }

    @Test(
        "A path that was read is written so that it reads the same",
        arguments: [
            "<>", "<a@b>", "<\"a b\"@c>", "<\"\"@c>", "<\"a\\\"\\\\\"@c>", "<a.b@[192.0.2.1]>", "<żółw@example.com>",
            "<\".a\"@b>", "<\"a@b\"@c>",
        ])
    func pathRoundTrip(_ text: String) throws {
        guard case .mail(let path, _) = try SMTPCommand(parsing: octets("MAIL FROM:\(text) SMTPUTF8")) else {
            Issue.record("not a MAIL")
            return
        }
        let written = try #require(path.encoded)
        guard case .mail(let again, _) = try SMTPCommand(parsing: octets("MAIL FROM:") + written + octets(" SMTPUTF8"))
        else {
            Issue.record("not a MAIL")
            return
        }
        #expect(again == path)
    }

    @Test("An address that would break the line is not written", arguments: ["a\r\nRSET", "a\nb", "a\u{7F}", "\0"])
    func unwritable(_ local: String) {
        #expect(SMTPPath.mailbox(EmailAddress(local: local, domain: "b")).encoded == nil)
        #expect(SMTPPath.mailbox(EmailAddress(local: "a", domain: local)).encoded == nil)
        #expect(SMTPPath.mailbox(EmailAddress(local: "a", domain: "b> SIZE=1")).encoded == nil)
    }

    @Test("Extended text")
    func xtext() {
        for text in [[], octets("plain"), octets("a+b=c d"), [0, 255, 13, 10]] {
            #expect(XText.decode(XText.encode(text)) == text)
        }
        for bad in ["+", "+4", "+4G", "+2b", "a=b", "a b"] { #expect(XText.decode(octets(bad)) == nil) }
        #expect(XText.decode(octets("e+3d"), takesLowerCase: true) == octets("e="))
    }

    @Test(
        "The parameters of notifications are written so that they read the same",
        arguments: [
            ("MAIL FROM:<a@b>", " RET=FULL ENVID=QQ+2B1+20x"), ("MAIL FROM:<a@b>", " RET=HDRS"),
            ("RCPT TO:<a@b>", " NOTIFY=NEVER"), ("RCPT TO:<a@b>", " NOTIFY=SUCCESS,FAILURE,DELAY"),
            ("RCPT TO:<a@b>", " NOTIFY=DELAY ORCPT=rfc822;Bob+2B1+3D@example.com"),
            ("RCPT TO:<a@b>", " ORCPT=utf-8;żółw@example.com"),
        ])
    func notificationRoundTrip(_ command: String, _ parameters: String) throws {
        switch try SMTPCommand(parsing: octets(command + parameters)) {
        case .mail(_, let read): #expect(read.notificationText == octets(parameters))
        case .rcpt(_, let read): #expect(read.notificationText == octets(parameters))
        default: Issue.record("neither MAIL nor RCPT")
        }
    }
}
