import Bytes
import MIME
import MailTypes
import Testing

@Suite struct ParameterListTests {
    private func raw(_ value: String, limits: ScanLimits = .standard) -> [String] {
        ParameterList.parse([UInt8](value), limits: limits).map { "\($0.name.text)=\($0.value.text)" }
    }

    private func decoded(_ value: String) -> [String] {
        ParameterList.decode(ParameterList.parse([UInt8](value))).map { "\($0.name)=\($0.value)" }
    }

    @Test(arguments: [
        ("", []), ("; a=b", ["a=b"]), (";a=b;c=d", ["a=b", "c=d"]), ("a=b", ["a=b"]), ("; A=B", ["A=B"]),
        ("; a = b ; c\t=\t\"d\"", ["a=b", "c=d"]), ("; a=\"b; c=\\\"d\\\"\"; e=f", ["a=b; c=\"d\"", "e=f"]),
        ("; a=b (comment) ; (another) c=d", ["a=b", "c=d"]), ("; charset=us-ascii (Plain text)", ["charset=us-ascii"]),
        ("; a=\"\"", ["a="]), ("; a=", ["a="]), ("; a; b=c", ["b=c"]), ("; =a; b=c", ["b=c"]), (";;;a=b;", ["a=b"]),
        // Senders that forget the quotation marks, or the semicolon.
        ("; name=my file.txt", ["name=my file.txt"]), ("; name=a/b?c=d", ["name=a/b?c=d"]),
        ("; name=my file.txt; size=4", ["name=my file.txt", "size=4"]), ("; a=b c=d", ["a=b", "c=d"]),
        ("; a=\"b\" c=d", ["a=b", "c=d"]), ("; a=b \"c\"", ["a=b \"c\""]), ("; a=\"b", ["a=\"b"]),
        ("; a=b(c", ["a=b(c"]), ("; a=\"b\"junk; c=d", ["a=b", "c=d"]), ("; x\"y=z", []),
    ])
    func lists(value: String, expected: [String]) {
        #expect(raw(value) == expected)
    }

    /// RFC 2231 §3 and §4.
    @Test(arguments: [
        ("; a*0=b; a*1=c", ["a=bc"]), ("; a*1=c; a*0=b", ["a=bc"]), ("; A*0=b; a*1=c", ["A=bc"]),
        ("; a*=utf-8''b%20c", ["a*=utf-8''b%20c"]),
        ("; a*0*=utf-8''%C3%A9; a*1=\" x\"; a*2*=%21", ["a*=utf-8''%C3%A9%20x%21"]),
        ("; a*0=b; a*1*=%20c", ["a*=''b%20c"]),
        // Gaps leave the pieces as they came.
        ("; a*0=b; a*2=c", ["a*0=b", "a*2=c"]), ("; a*1=c", ["a*1=c"]), ("; a*0=b; a*0=c", ["a*0=b", "a*0=c"]),
        ("; *0=b", ["*0=b"]), ("; a*x=b", ["a*x=b"]), ("; a*99999=b", ["a*99999=b"]),
        ("; b=1; a*0=x; c=2; a*1=y", ["b=1", "c=2", "a=xy"]),
    ])
    func continuations(value: String, expected: [String]) {
        #expect(raw(value) == expected)
    }

    @Test(arguments: [
        ("; Filename=a.txt", ["filename=a.txt"]), ("; a*=utf-8'en'caf%C3%A9", ["a=café"]),
        ("; a*=iso-8859-1''caf%E9", ["a=café"]), ("; a*=''caf%E9", ["a=café"]), ("; a*=caf%C3%A9", ["a=café"]),
        ("; a*=utf-8''100%; b=c", ["b=c", "a=100%"]),
        ("; a*0*=utf-8''caf%C3; a*1*=%A9", ["a=café"]), ("; a=\"=?utf-8?q?caf=C3=A9?=\"", ["a=café"]),
        // The encoded form wins over the plain one, whatever their order; else the first counts.
        ("; a=plain; a*=utf-8''b%20c", ["a=b c"]), ("; a*=utf-8''b%20c; a=plain", ["a=b c"]), ("; a=1; A=2", ["a=1"]),
        ("; a*=utf-8''x%0D%0Ay", ["a=x  y"]),
    ])
    func decoding(value: String, expected: [String]) {
        #expect(decoded(value).sorted() == expected.sorted())
    }

    @Test func limits() {
        var limits = ScanLimits()
        limits.parameters = 2
        limits.parameterLength = 4
        #expect(raw("; a=12345; b=1234; c=1; d=1", limits: limits) == ["b=1234", "c=1"])
        // What continuations join counts as one.
        #expect(raw("; a*0=123; a*1=456", limits: limits) == [])
    }

    @Test(arguments: [
        ("a", "b", ["a=b"]), ("a", "", ["a=\"\""]), ("a", "b c", ["a=\"b c\""]), ("a", "b\"c", ["a=\"b\\\"c\""]),
        ("a", "é", ["a*=utf-8''%C3%A9"]), ("a", "x\r\ny", ["a*=utf-8''x%0D%0Ay"]),
    ])
    func encoding(name: String, value: String, expected: [String]) {
        #expect(ParameterList.encode(name: name, value: value) == expected)
    }

    @Test func writtenParametersComeBack() {
        var dice = Dice(6)
        let stock = [Character]("ab .;=\"\\'%*é漢🎉()/?")
        for _ in 0..<500 {
            let value = String(
                (0..<Int.random(in: 0...90, using: &dice)).map { _ in stock.randomElement(using: &dice) ?? "x" })
            var writer = HeaderWriter()
            writer.append("Content-Type", value: "a/b", parameters: [DecodedParameter(name: "name", value: value)])
            for line in writer.bytes.text.split(separator: "\r\n") {
                #expect(line.utf8.count <= HeaderWriter.lineLength)
                #expect(line.utf8.allSatisfy { $0 < 0x7F })
            }
            #expect(MessageHeader(writer.bytes).contentType?.parameter("NAME") == value)
        }
    }

    @Test(.timeLimit(.minutes(20)), arguments: ["\"", "(", ";", "=", "a=", "a=(", "a=\"", "*", "a*0=;", "a=b ", "\\"])
    func hostileValues(unit: String) {
        let value = [UInt8](String(repeating: unit, count: 100_000 / unit.utf8.count))
        #expect(ParameterList.parse(value).count <= ScanLimits.standard.parameters)
    }
}
