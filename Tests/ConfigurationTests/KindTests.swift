import Configuration
import MailTypes
import Rules
import Store
import Testing
import YAML

/// What `kind` reads from a plain scalar; nil when it refuses.
private func read<Value>(_ kind: ScalarKind<Value>, _ text: String) -> Value? {
    try? kind.read(Node.Scalar(text))
}

@Suite struct KindTests {
    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("0s", .zero), ("30s", .seconds(30)), ("5m", .seconds(300)),
        ("12h", .seconds(43_200)), ("7d", .seconds(604_800)),
    ])
    func durations(text: String, value: Duration) {
        #expect(read(.duration(in: .zero...(.seconds(604_800))), text) == value)
        #expect(SettingText.duration(value) == text)
    }

    @Test(arguments: ["", "30", "s", "-5s", "1.5h", "5 m", "8d", "99999999999999999999s", "9223372036854775807d", "5M"])
    func notDurations(text: String) {
        #expect(read(.duration(in: .zero...(.seconds(604_800))), text) == nil)
    }

    @Test(arguments: [
        ("0", 0), ("512", 512), ("512B", 512), ("64KiB", 65536), ("50MiB", 52_428_800), ("2GiB", 2_147_483_648),
        ("50MB", 50_000_000), ("1KB", 1000),
    ])
    func sizes(text: String, value: Int) {
        #expect(read(.byteSize(in: 0...(4 << 30)), text) == value)
    }

    @Test(arguments: ["", "MiB", "50 MiB", "-1", "5GiB", "50mib", "99999999999TiB", "1.5MiB"])
    func notSizes(text: String) { #expect(read(.byteSize(in: 0...(4 << 30)), text) == nil) }

    @Test(
        arguments: [
            ("2500MB", 2_500_000_000), ("1MiB", 1 << 20), ("1TiB", 1 << 40), ("1048576", 1 << 20), ("none", nil),
        ] as [(String, Int?)])
    func dailyBudgets(text: String, value: Int?) { #expect(read(.dailyBudget, text) == .some(value)) }

    @Test(arguments: ["", "0", "1MB", "2TiB", "None", "much", "-1MiB"])
    func notDailyBudgets(text: String) { #expect(read(.dailyBudget, text) == nil) }

    @Test func sizesAreWrittenInTheirLargestUnit() {
        #expect(
            [0, 1, 1000, 1024, 50 << 20, 3 << 30].map(SettingText.size) == [
                "0B", "1B", "1000B", "1KiB", "50MiB", "3GiB",
            ])
    }

    @Test(arguments: ["a@example.com", "support+x@żółw.pl", "x@localhost", "a.b@sub.example.com"])
    func addresses(text: String) { #expect(read(.address, text)?.description == text) }

    @Test(arguments: [
        "", "a", "@b.c", "a@", "A <a@b.c>", "a@b.c, d@e.f", "a@b..c", "a@-b.c", "a b@c.d", "a@b c",
    ])
    func notAddresses(text: String) { #expect(read(.address, text) == nil) }

    @Test(arguments: ["alice", "Alice.Adams", "a-b_c+d@example.com", "1st", "żółw"])
    func names(text: String) { #expect(read(.objectName("a user"), text) == text) }

    @Test(arguments: [
        "", "a*b", "a/b", "-a", ".a", "a b", "a\u{7}", "a%b", "\"a\"", String(repeating: "a", count: 129),
    ])
    func notNames(text: String) { #expect(read(.objectName("a user"), text) == nil) }

    @Test(arguments: [
        ("2027-01-31", 1_801_353_600 as Int64?), ("1970-01-01", 0), ("2027-02-29", nil), ("2027-1-31", nil),
        ("31.01.2027", nil), ("tomorrow", nil), ("+027-01-31", nil),
    ])
    func days(text: String, seconds: Int64?) { #expect(read(.day, text)?.seconds == seconds) }

    @Test(arguments: [
        ("10.0.0.0/8", true), ("2001:db8::/32", true), ("192.0.2.1", true), ("10.0.0.0/33", false), ("x", false),
    ])
    func networks(text: String, isOne: Bool) { #expect((read(.network, text) != nil) == isOne) }

    @Test(arguments: [("INBOX", "INBOX"), ("inbox/Sub", "INBOX/Sub"), ("a//b", nil), ("/a", nil)])
    func mailboxes(text: String, name: String?) { #expect(read(.mailbox, text)?.text == name) }

    @Test(arguments: [
        ("/etc/x", "conf", "/etc/x"), ("x.yaml", "conf", "conf/x.yaml"), ("./x", "/etc", "/etc/x"),
        ("../x", "/a/b", "/a/x"),
        ("x", "", "x"), ("../../x", "/a/b", "/x"), ("../../../x", "/a/b", "/../x"), ("../x", "a", "a/../x"),
        ("a/../x", "/b", "/b/a/../x"), ("x", "/", "/x"),
    ])
    func paths(path: String, directory: String, resolved: String) {
        #expect(LocalPath.resolve(path, from: directory) == resolved)
    }

    @Test func directories() {
        #expect(["a/b/c", "/a", "a", "/a/b"].map(LocalPath.directory) == ["a/b", "/", "", "/a"])
    }

    @Test(arguments: [
        ("mail.example.com", "mail.example.com", true), ("mail.example.com", "*.example.com", true),
        ("example.com", "*.example.com", false), ("a.b.example.com", "*.example.com", false),
        ("localhost", "*.x", false),
    ])
    func certificateNames(host: String, pattern: String, fits: Bool) {
        #expect(HostName.matches(host, pattern: pattern) == fits)
    }

    @Test func passwords() throws {
        #expect(try PasswordFile.password(in: Array("s3cret ż\r\n".utf8), of: "x") == Array("s3cret ż".utf8))
        #expect(try PasswordFile.password(in: Array("s3cret".utf8), of: "x") == Array("s3cret".utf8))
        #expect(throws: PasswordFile.Failure.empty(path: "x")) { try PasswordFile.password(in: [0x0A], of: "x") }
        for bad in [Array("a\nb\n".utf8), Array("a\u{0}b".utf8), [0x61, 0xFF]] {
            #expect(throws: PasswordFile.Failure.notOneLine(path: "x")) { try PasswordFile.password(in: bad, of: "x") }
        }
    }
}
