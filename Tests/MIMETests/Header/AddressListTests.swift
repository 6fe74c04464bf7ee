import Bytes
import MIME
import MailTypes
import Testing

@Suite struct AddressListTests {
    /// `name|route|mailbox|host` of each entry, `-` for nil.
    private func raw(_ value: String) -> [String] {
        AddressList.envelopeAddresses([UInt8](value)).map { address in
            [address.name, address.route, address.mailbox, address.host].map { $0.text ?? "-" }.joined(separator: "|")
        }
    }

    @Test(
        arguments: [
            ("", []),
            ("ann@a.example", ["-|-|ann|a.example"]),
            ("Ann <ann@a.example>", ["Ann|-|ann|a.example"]),
            ("<ann@a.example>", ["-|-|ann|a.example"]),
            ("\"Archer, Ann\" <ann@a.example>", ["Archer, Ann|-|ann|a.example"]),
            ("\"say \\\"hi\\\" \\\\\" <a@b.example>", ["say \"hi\" \\|-|a|b.example"]),
            ("Ann  B.\tArcher <ann@a.example>", ["Ann B. Archer|-|ann|a.example"]),
            ("a@b.example, c@d.example", ["-|-|a|b.example", "-|-|c|d.example"]),
            ("a@b.example,,\r\n c@d.example,", ["-|-|a|b.example", "-|-|c|d.example"]),
            // RFC 822's way of naming, and comments elsewhere.
            ("ann@a.example (Ann Archer)", ["Ann Archer|-|ann|a.example"]),
            ("(away) Ann (still) <ann@a.example> (really)", ["Ann|-|ann|a.example"]),
            ("ann(one)@(two)a.(three)example", ["-|-|ann|a.example"]),
            ("a@b.example ((nested) \\) (one))", ["(nested) ) (one)|-|a|b.example"]),
            // Quoted local parts, literals, routes, blanks around dots and signs (RFC 5322 §4.4).
            ("\"ann archer\"@a.example", ["-|-|ann archer|a.example"]),
            ("\"a@b\" <\"a@b\"@c.example>", ["a@b|-|a@b|c.example"]),
            ("ann@[192.0.2.1]", ["-|-|ann|[192.0.2.1]"]),
            ("Ann <ann@[IPv6:2001:db8::1]>", ["Ann|-|ann|[IPv6:2001:db8::1]"]),
            ("Ann <@x.example,@y.example:ann@a.example>", ["Ann|@x.example,@y.example|ann|a.example"]),
            ("ann . archer @ a . example", ["-|-|ann.archer|a.example"]),
            ("Ann < ann @ a.example >", ["Ann|-|ann|a.example"]),
            // Groups.
            ("undisclosed-recipients:;", ["-|-|undisclosed-recipients|-", "-|-|-|-"]),
            (
                "Team A: a@b.example, Bea <b@b.example>;, c@d.example",
                [
                    "-|-|Team A|-", "-|-|a|b.example", "Bea|-|b|b.example", "-|-|-|-", "-|-|c|d.example",
                ]
            ),
            ("Team: a@b.example", ["-|-|Team|-", "-|-|a|b.example", "-|-|-|-"]),
            ("\"A: b\": a@b.example;", ["-|-|A: b|-", "-|-|a|b.example", "-|-|-|-"]),
            // What is missing is empty, for nil means a group.
            ("ann", ["-|-|ann|"]),
            ("Ann Archer", ["Ann Archer|-||"]),
            ("Ann <ann>", ["Ann|-|ann|"]),
            ("Ann <>", ["Ann|-||"]),
            ("<>", ["-|-||"]),
            ("ann@", ["-|-|ann|"]),
            ("Ann <ann@>", ["Ann|-|ann|"]),
            // The usual junk.
            ("ann@a.example <ann@b.example>", ["ann@a.example|-|ann|b.example"]),
            ("Ann Archer ann@a.example", ["Ann Archer|-|ann|a.example"]),
            ("a@b.example c@d.example", ["-|-|a|b.example", "-|-|c|d.example"]),
            ("a@b.example; c@d.example", ["-|-|a|b.example", "-|-|c|d.example"]),
            ("Ann <<ann@a.example>>", ["Ann|-|ann|a.example"]),
            ("Ann <ann@a.example", ["Ann|-|ann|a.example"]),
            ("Ann <ann@a.example, Bea <b@b.example>", ["Ann|-|ann|a.example", "Bea|-|b|b.example"]),
            ("\"Ann <ann@a.example>", ["Ann|-|ann|a.example"]),
            ("Ann (oh <ann@a.example>", ["Ann (oh|-|ann|a.example"]),
            ("[Tracker] Ann <t@a.example>", ["[Tracker] Ann|-|t|a.example"]),
            ("a@b@c.example", ["-|-|a@b|c.example"]),
            ("<a@b@c.example>", ["-|-|a@b|c.example"]),
            ("mailto:a@b.example", ["-|-|mailto|-", "-|-|a|b.example", "-|-|-|-"]),
            ("Ann <ann@a.example> archer, b@c.example", ["Ann|-|ann|a.example", "-|-|b|c.example"]),
            ("O'Hara & Sons <o@h.example>", ["O'Hara & Sons|-|o|h.example"]),
            (">", []), (":", ["-|-|:|"]), (";", []), ("@", ["-|-|@|"]), ("(", ["-|-|(|"]), ("\"", []),
        ] as [(String, [String])])
    func lists(value: String, expected: [String]) {
        #expect(raw(value) == expected)
    }

    @Test func rawOctetsAndEncodedWordsStay() {
        let value = Array("=?utf-8?q?J=C3=BCrgen?= ".utf8) + [0xFC] + Array(" <j@b.example>".utf8)
        let address = AddressList.envelopeAddresses(value)[0]
        #expect(address.name == Array("=?utf-8?q?J=C3=BCrgen?= ".utf8) + [0xFC])
        #expect(address.named?.name == "Jürgen ü")
    }

    @Test func decoded() {
        let value = "=?utf-8?b?xYF1a2Fzeg==?= =?utf-8?q?_Nowak?= <l@n.example>, Gäste: \"ö\" <ö@bücher.example>;, x"
        let addresses = AddressList.parse([UInt8](value))
        #expect(addresses.map(\.name) == ["Łukasz Nowak", "ö"])
        #expect(addresses.map(\.address.description) == ["l@n.example", "ö@bücher.example"])
    }

    /// What nobody can see is no part of an address.
    @Test func controlCharacters() {
        #expect(
            AddressList.parse([UInt8]("a\u{0}\u{7F}b@c\u{1}.example, x@\u{0}")).map(\.address.description) == [
                "ab@c.example"
            ])
    }

    @Test func limit() {
        let value = [UInt8]((0..<50).map { "a\($0)@b.example" }.joined(separator: ","))
        #expect(AddressList.parse(value, limit: 7).count == 7)
        let group = [UInt8]("g: " + (0..<50).map { "a\($0)@b.example" }.joined(separator: ",") + ";")
        // The group's end is there even when its members are cut off.
        #expect(AddressList.envelopeAddresses(group, limit: 7).last?.mailbox == nil)
    }

    /// What could make a reader go back again and again is read in one pass.
    @Test(
        .timeLimit(.minutes(20)),
        arguments: [
            "\"", "(", "<", "@", ":", ",", "\\", "\"\\", "a@", "<@a", "a <", "a,", "((", "a@b <", ".", "[", "@[",
        ])
    func hostileLists(unit: String) {
        let value = [UInt8](String(repeating: unit, count: 200_000 / unit.utf8.count))
        #expect(AddressList.envelopeAddresses(value).count <= ScanLimits.standard.addresses + 1)
    }

    /// What is written is read back the same.
    @Test func writtenAddressesComeBack() {
        var dice = Dice(3)
        let names = [
            "", "Ann", "Ann Archer", "Archer, Ann", "\"x\"", "Łukasz", "a (b)", "=?x?=", "J. Q. Public", " edge ",
        ]
        let locals = ["ann", "a.b", "ann archer", "a\"b", "a@b", ".x", "+tag", "ö"]
        for _ in 0..<200 {
            let addresses = (0..<Int.random(in: 1...5, using: &dice)).map { _ in
                NamedAddress(
                    name: names.randomElement(using: &dice) ?? "",
                    address: EmailAddress(local: locals.randomElement(using: &dice) ?? "", domain: "b.example"))
            }
            var writer = HeaderWriter()
            writer.append("To", addresses: addresses)
            let read = MessageHeader(writer.bytes).to
            #expect(read.map(\.name) == addresses.map(\.name))
            #expect(read.map(\.address) == addresses.map(\.address))
        }
    }
}
