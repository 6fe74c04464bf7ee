import MIME
import MailTypes
import Testing

@Suite struct ThreadIdentifiersTests {
    private func identifiers(_ header: String) -> ThreadIdentifiers {
        ThreadIdentifiers(header: MessageHeader(crlf(header + "\n\n")))
    }

    @Test(arguments: [
        // RFC 5256 §3's own examples: all of them are one identifier.
        ("01KF8JCEOCBS0045PS@xxx.yyy.com", "01KF8JCEOCBS0045PS@xxx.yyy.com"),
        ("\"01KF8JCEOCBS0045PS\"@xxx.yyy.com", "01KF8JCEOCBS0045PS@xxx.yyy.com"),
        ("\"01KF8JCEOCBS\"0045PS@xxx.yyy.com", "01KF8JCEOCBS0045PS@xxx.yyy.com"),
        // Case counts, the right side stays.
        ("AbC@Xyz", "AbC@Xyz"), ("a@[\"1\"]", "a@[\"1\"]"), ("\"a\"@[1.2]", "a@[1.2]"),
        ("\"a\\b\"@c", "ab@c"), ("\"a\\\"\\\\b\"@c", "a\"\\b@c"), ("\"a@b\"@c", "a@b@c"), ("\"a\".\"b\"@c", "a.b@c"),
        ("a\\b@c", "a\\b@c"),
        // No quotation, or none that ends.
        ("\"a@c", "\"a@c"), ("\"\"@c", "\"\"@c"), ("\"a\"", "\"a\""), ("", ""), ("\"a\\\"@c", "\"a\\\"@c"),
    ])
    func normalised(id: String, expected: String) {
        #expect(MessageIDList.normalised(id) == expected)
        #expect(MessageIDList.normalised(expected) == expected || expected.contains("\""))
    }

    @Test func references() {
        let found = identifiers(
            """
            Message-ID: <"c"@x>
            References: <a@x>
             <"b"@x> (comment) <a@x>
            In-Reply-To: <z@x>
            """)
        #expect(found.messageID == "c@x")
        #expect(found.references == ["a@x", "b@x", "a@x"])
    }

    @Test func inReplyToStandsIn() {
        #expect(identifiers("In-Reply-To: <\"z\"@x> <y@x>").references == ["z@x"])
        #expect(identifiers("References: none\nIn-Reply-To: your mail of <z@x>").references == ["z@x"])
        #expect(identifiers("In-Reply-To: Your message of Monday").references == [])
        #expect(identifiers("Subject: x").messageID == nil)
    }

    /// From what a cache holds, an envelope and the values of References, comes what comes from the header.
    @Test(arguments: [
        "Message-ID: <a@x>\nReferences: <b@x> <c@x>\nReferences: <d@x>\nIn-Reply-To: <e@x>",
        "Message-ID: a@x\nIn-Reply-To: <e@x> <f@x>", "Message-ID: x y\nReferences:", "Subject: x",
    ])
    func fromAnEnvelope(text: String) {
        let header = MessageHeader(crlf(text + "\n\n"))
        let found = ThreadIdentifiers(
            envelope: Envelope(header: header), references: header.all("References").map(\.value))
        #expect(found == ThreadIdentifiers(header: header))
    }
}

@Suite struct AddressOrderTests {
    private func envelope(_ from: String) -> Envelope {
        Envelope(header: MessageHeader(crlf("From: \(from)\n\n")))
    }

    @Test(arguments: [
        ("Ann Archer <ann@x.example>, bob@x.example", "ann", "Ann Archer"),
        ("=?utf-8?q?J=C3=BCrgen?= <j@x.example>", "j", "Jürgen"), ("ann@x.example", "ann", "ann@x.example"),
        ("\"\" <ann@x.example>", "ann", "ann@x.example"), ("<ann>", "ann", "ann"), ("", "", ""),
        ("ann@x.example (Ann)", "ann", "Ann"), ("Team: ann@x.example, bob@x.example;", "Team", "Team"),
        ("Name <>", "", "Name"),
    ])
    func texts(from: String, mailbox: String, display: String) {
        #expect(envelope(from).from.sortText == mailbox)
        #expect(envelope(from).from.displaySortText == display)
    }

    @Test func missing() {
        #expect(Envelope().to.sortText == "" && Envelope().to.displaySortText == "")
        #expect(Envelope().baseSubject == BaseSubject(decoded: ""))
        let envelope = Envelope(header: MessageHeader(crlf("Subject: Re: =?utf-8?q?=C3=A9?=\n\n")))
        #expect(envelope.baseSubject.text == "é" && envelope.baseSubject.isReplyOrForward)
    }
}
