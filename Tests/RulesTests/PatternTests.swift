import MailTypes
import Rules
import Testing

@Suite struct PatternTests {
    @Test(arguments: [
        ("carol@example.com", "Carol@EXAMPLE.com", true),
        ("carol@example.com", "carol@mail.example.com", false),
        ("example.com", "x@Example.Com", true),
        ("@example.com", "x@example.com", true),
        ("example.com", "x@mail.example.com", false),
        ("*.example.com", "x@mail.example.com", true),
        ("*.example.com", "x@a.b.example.com", true),
        ("*.example.com", "x@example.com", false),
        ("*.example.com", "x@badexample.com", false),
        ("bücher.example", "x@XN--BCHER-KVA.example", true),
        ("*.xn--bcher-kva.example", "x@post.BÜCHER.example", true),
    ])
    func addressesAndDomains(pattern: String, other: String, matches: Bool) {
        #expect(AddressPattern(pattern)?.matches(address(other)) == matches)
    }

    @Test(arguments: ["", "*", "a b", "*@example.com", "a@", "@", "a@*.example.com", "*.", "example..com", "<a@b>"])
    func whatIsNoAddressPattern(text: String) { #expect(AddressPattern(text) == nil) }

    @Test(arguments: [
        ("newsletter", "Our NEWSLETTER of May", true),
        ("newsletter", "news letter", false),
        ("[SPAM]*", "[spam] Win", true),
        ("[SPAM]*", "Re: [spam] Win", false),
        ("*w?n*", "You WON", true),
        ("a*b*c", "aXXbYYc", true),
        ("a*b*c", "aXXcYYb", false),
        ("*", "", true),
        ("?", "", false),
        ("ŻÓŁW", "żółw", true),
    ])
    func text(pattern: String, text: String, matches: Bool) { #expect(TextPattern(pattern).matches(text) == matches) }

    @Test func aPatternOfStarsIsNoTrap() {
        let pattern = TextPattern(String(repeating: "*a", count: 40) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 4000)))
    }

    @Test func headers() {
        let field = HeaderText(name: "X-Spam-Flag", value: "YES, very")
        #expect(HeaderPattern("x-spam-flag")?.matches(field) == true)
        #expect(HeaderPattern("X-Spam-Flag: yes")?.matches(field) == true)
        #expect(HeaderPattern("X-Spam-Flag: no")?.matches(field) == false)
        #expect(HeaderPattern("X-Spam: yes")?.matches(field) == false)
        #expect(HeaderPattern(": yes") == nil)
        #expect(HeaderPattern("X Spam: yes") == nil)
    }

    @Test(arguments: [
        ("from now", StartPoint.fromNow), ("Everything", .everything), ("since 2026-01-31", .since(1_769_817_600)),
        ("since 2026-01-31 08:30", .since(1_769_848_200)), ("since 2026-01-31T08:30:05Z", .since(1_769_848_205)),
    ])
    func startPoints(text: String, point: StartPoint) {
        #expect(StartPoint(text) == point)
        #expect(StartPoint(point.description) == point)
    }

    @Test(arguments: [
        "", "since", "since yesterday", "since 2026-02-30", "since 2026-1", "since 2026-01-31 25:00", "later",
    ])
    func whatIsNoStartPoint(text: String) { #expect(StartPoint(text) == nil) }

    @Test(arguments: [
        ("[T-", "]", "Re: [T-123] and [t-7]", ["T-123", "t-7"]),
        ("[T-", "]", "[T-] [T-x] T-5 [T-12", []),
        ("P{YYYY}/{MM}-", "", "your p2026/05-17, please", ["p2026/05-17"]),
        ("P{YYYY}/{MM}-", "", "P26/05-17", []),
        ("", "", "call 555 or 12a", ["555", "12"]),
        ("#", "", "#9999999999999 #1", ["1"]),
    ])
    func numbers(prefix: String, postfix: String, text: String, labels: [String]) {
        #expect(NumberPattern(prefix: prefix, postfix: postfix).matches(in: text).map(\.label) == labels)
    }

    @Test func numbersAreBounded() {
        let many = (1...100).map { "#\($0)" }.joined(separator: " ")
        #expect(NumberPattern(prefix: "#").matches(in: many).count == NumberPattern.matchLimit)
    }
}

@Suite struct TokenTests {
    let key = testKey()

    @Test func aSubjectTokenIsReadBack() {
        let token = key.subjectToken(ticket: 123)
        #expect(token.hasPrefix("[#123-") && token.hasSuffix("]") && token.utf8.count == 11)
        let found = key.subjectTokens(in: "AW: \(token.uppercased()) Printer")
        #expect(found.map(\.ticket) == [123])
        #expect(found.map(\.isGenuine) == [true])
    }

    @Test func anotherKeyOrNumberIsForged() {
        let tag = key.subjectToken(ticket: 123).dropFirst(6)
        #expect(key.subjectTokens(in: "[#124-\(tag)").map(\.isGenuine) == [false])
        #expect(testKey(2).subjectTokens(in: key.subjectToken(ticket: 123)).map(\.isGenuine) == [false])
    }

    @Test(arguments: [
        "[#123]", "[#-kx7f]", "[#123-kx7]", "[#123-kx7f2]", "[#12x-kx7f]", "#123-kx7f", "[#123-kx1f]", "[#",
    ])
    func whatIsNoToken(text: String) { #expect(key.subjectTokens(in: text).isEmpty) }

    @Test func aKeyedIdentifierIsReadBack() {
        let identifier = key.messageID(ticket: 42, message: "9f2c", domain: "ours.example")
        #expect(identifier.hasPrefix("42.9f2c.") && identifier.hasSuffix("@ours.example"))
        #expect(key.ticket(ofMessageID: identifier) == 42)
        #expect(key.ticket(ofMessageID: identifier.replacing("@ours.example", with: "@relay.example")) == 42)
        #expect(key.ticket(ofMessageID: "43" + identifier.dropFirst(2)) == nil)
        #expect(testKey(2).ticket(ofMessageID: identifier) == nil)
        for text in ["", "@", "a@b", "42.9f2c@ours.example", "042." + identifier.dropFirst(3), "..@x"] {
            #expect(key.ticket(ofMessageID: text) == nil)
        }
    }

    @Test func aMarkIsOurs() {
        #expect(key.isMark(key.mark(unique: "abc")))
        #expect(!testKey(2).isMark(key.mark(unique: "abc")))
        #expect(!key.isMark("abc.def") && !key.isMark("") && !key.isMark("."))
    }
}

@Suite struct MessageIdentityTests {
    func bytes(_ id: String, _ date: String, _ from: String, _ subject: String) -> [UInt8] {
        MessageIdentity.canonicalBytes(
            messageID: Array(id.utf8), date: Array(date.utf8), from: Array(from.utf8), subject: Array(subject.utf8))
    }

    @Test func foldingDoesNotCount() {
        #expect(
            bytes("<a@b>", "Mon, 1 Jan 2026 10:00:00 +0000", "Carol <c@x>", "one two three")
                == bytes(" <a@b>", "Mon,  1 Jan 2026\t10:00:00 +0000\r\n", "Carol\r\n <c@x>", "one\r\n\ttwo  three "))
    }

    @Test func fieldsDoNotRunIntoEachOther() {
        #expect(bytes("a", "b", "", "") != bytes("ab", "", "", ""))
        #expect(bytes("a", "", "b", "") != bytes("a", "b", "", ""))
        #expect(bytes("a", "1:b", "", "") != bytes("a", "", "b", ""))
    }

    @Test func contentIsAnotherKind() {
        #expect(MessageIdentity.canonicalBytes(contentDigest: [1, 2]) != bytes("", "", "", ""))
    }
}
