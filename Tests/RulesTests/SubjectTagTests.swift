import Rules
import Testing

/// The token in a subject, and a message's identity with and without it.
@Suite struct SubjectTagTests {
    private static let token = "[#123-kx7f]"

    @Test(arguments: [
        (" Printer", " [#123-kx7f] Printer"), (" Re: Printer", " Re: [#123-kx7f] Printer"),
        ("AW:Printer", "AW:[#123-kx7f] Printer"), ("", " [#123-kx7f]"), (" Re:", " Re: [#123-kx7f]"),
        (" Antw: x", " Antw: [#123-kx7f] x"), (" Reminder: x", " [#123-kx7f] Reminder: x"),
        (" =?utf-8?q?Za=C5=BC?=", " [#123-kx7f] =?utf-8?q?Za=C5=BC?="),
        (" Re: =?utf-8?q?Za=C5=BC?=\r\n =?utf-8?q?b?=", " Re: [#123-kx7f] =?utf-8?q?Za=C5=BC?=\r\n =?utf-8?q?b?="),
        (
            " \(String(repeating: "x", count: 60))",
            " [#123-kx7f]\r\n \(String(repeating: "x", count: 60))"
        ),
        (" Re: żółw", " Re: [#123-kx7f] żółw"),
    ])
    func theTokenStandsBehindRe(_ value: String, _ tagged: String) {
        let result = SubjectTag.inserting(Self.token, into: Array(value.utf8))
        #expect(String(decoding: result, as: UTF8.self) == tagged)
        #expect(identity(value) == identity(tagged))
        // In another subject it counts.
        #expect(identity(value + " y") != identity(tagged))
    }

    @Test(arguments: [" x [#123-kx7f]", " [#123-kx7f]x", " [#-kx7f] x", " [#123-kx7] x", " [#123] x", " [#123-kx7f"])
    func whatIsNoTokenThereCounts(_ value: String) {
        #expect(identity(value) != identity(" x"))
        #expect(identity(value) != identity(""))
    }

    private func identity(_ subject: String) -> [UInt8] {
        MessageIdentity.canonicalBytes(messageID: [], date: [], from: [], subject: Array(subject.utf8))
    }
}
