import Bytes
import MIME
import MailTypes
import Testing

/// Beyond each bound a message is still read, only less of it is told apart.
@Suite struct ScanLimitsTests {
    /// A message of multiparts inside each other, none of them closed.
    static func tower(_ height: Int) -> [UInt8] {
        var message = ""
        for level in 0..<height {
            message += "Content-Type: multipart/mixed; boundary=b\(level)-\r\n\r\n--b\(level)-\r\n"
        }
        return [UInt8](message + "\r\nat the bottom\r\n")
    }

    @Test func depth() {
        var limits = ScanLimits()
        limits.depth = 5
        let message = Self.tower(9)
        let structure = MessageScanner.scan(message, limits: limits)
        #expect(structure.parts.count == 5)
        #expect(structure.parts[4].isOpaque)
        #expect(structure.parts[4].kind == .leaf)
        #expect(structure.parts[4].body.upperBound == message.count)
        var body = structure.bodyStructure
        for _ in 0..<4 {
            guard case .multipart(let multipart) = body else { break }
            body = multipart.parts[0]
        }
        guard case .single(let single) = body else {
            Issue.record("no leaf")
            return
        }
        #expect(single.type.text + "/" + single.subtype.text == "application/octet-stream")
        #expect(scanBytewise(message, limits: limits) == structure)
    }

    @Test func depthOfEnclosedMessages() {
        var limits = ScanLimits()
        limits.depth = 4
        let message = [UInt8](String(repeating: "Content-Type: message/rfc822\r\n\r\n", count: 9))
        let structure = MessageScanner.scan(message, limits: limits)
        #expect(structure.parts.count == 4)
        #expect(structure.parts[3].isOpaque)
    }

    @Test func parts() {
        var limits = ScanLimits()
        limits.parts = 4
        let message = [UInt8](
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                + String(repeating: "--b\r\n\r\nx\r\n", count: 10) + "--b--\r\nend")
        let structure = MessageScanner.scan(message, limits: limits)
        #expect(structure.parts.count == 4)
        #expect(structure.parts.map(\.isOpaque) == [false, false, false, true])
        #expect(structure.parts[3].body.upperBound == message.count)
        #expect(scanBytewise(message, limits: limits) == structure)
    }

    @Test func headerLength() {
        var limits = ScanLimits()
        limits.headerLength = 100
        let message = [UInt8](
            "Subject: seen\r\nX: " + String(repeating: "x", count: 200) + "\r\nFrom: a@b.example\r\n\r\nbody")
        let structure = MessageScanner.scan(message, limits: limits)
        #expect(structure.envelope.subject.text == "seen")
        #expect(structure.envelope.from.isEmpty)
        #expect(Array(message[structure.root.body]).text == "body")
        #expect(scanBytewise(message, limits: limits) == structure)
    }

    @Test func fieldAndParameterLengths() {
        var limits = ScanLimits()
        limits.fieldLength = 60
        limits.parameterLength = 10
        limits.parameters = 2
        let long = String(repeating: "x", count: 70)
        let message = [UInt8](
            "Content-Type: text/html; a=12345678901; b=1; c=2; d=3\r\nContent-Description: \(long)\r\n\r\nbody")
        let fields = MessageScanner.scan(message, limits: limits).root.fields
        #expect(fields.parameters.map(\.name.text) == ["b", "c"])
        #expect(fields.description == nil)
        #expect(fields.essence == "text/html")
    }

    @Test func keptLength() {
        var limits = ScanLimits()
        limits.keptLength = 50
        let part = "--b\r\nContent-Description: twenty octets of it\r\n\r\nx\r\n"
        let message = [UInt8](
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + String(repeating: part, count: 10) + "--b--\r\n")
        let structure = MessageScanner.scan(message, limits: limits)
        #expect(structure.parts.count < 6)
        #expect(structure.parts.last?.isOpaque == true)
        #expect(structure.parts.last?.body.upperBound == message.count)
    }

    @Test func addresses() {
        var limits = ScanLimits()
        limits.addresses = 3
        let message = [UInt8]("To: " + (0..<9).map { "a\($0)@b.example" }.joined(separator: ", ") + "\r\n\r\n")
        #expect(MessageScanner.scan(message, limits: limits).envelope.to.count == 3)
    }

    @Test(arguments: [(998, 2), (999, 1)]) func boundaryLength(length: Int, parts: Int) {
        let boundary = String(repeating: "z", count: length)
        let message = [UInt8](
            "Content-Type: multipart/mixed; boundary=\(boundary)\r\n\r\n--\(boundary)\r\n\r\nx\r\n--\(boundary)--")
        let structure = MessageScanner.scan(message)
        #expect(structure.parts.count == parts)
        #expect(structure.root.isOpaque == (parts == 1))
    }

    /// A line as long as the message is not kept.
    @Test func endlessLine() {
        var scanner = MessageScanner()
        scanner.feed([UInt8]("Content-Type: multipart/mixed; boundary=b\r\n\r\n--"))
        for _ in 0..<1000 { scanner.feed([UInt8](repeating: 0x2D, count: 4096)) }
        #expect(scanner.finish().size == 47 - 2 + 2 + 4_096_000)
    }

    // MARK: Work grows with the message alone

    private func comparisons(_ message: [UInt8]) -> Int {
        var scanner = MessageScanner()
        scanner.feed(message)
        return scanner.comparisons
    }

    @Test func nestedPartsCostInProportion() {
        let half = comparisons(Self.tower(5000))
        let whole = comparisons(Self.tower(10_000))
        #expect(whole <= half * 2 + 10_000)
        let structure = MessageScanner.scan(Self.tower(10_000))
        #expect(structure.parts.count == ScanLimits.standard.depth)
        #expect(MessageStructure(encoded: structure.encoded) == structure)
    }

    @Test func siblingsCostInProportion() {
        func message(_ count: Int) -> [UInt8] {
            [UInt8](
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + String(repeating: "--b\r\n\r\n\r\n", count: count)
            )
        }
        #expect(comparisons(message(8000)) == comparisons(message(4000)) * 2)
        let structure = MessageScanner.scan(message(20_000))
        #expect(structure.parts.count == ScanLimits.standard.parts)
        guard case .multipart(let body) = structure.bodyStructure else {
            Issue.record("no multipart")
            return
        }
        #expect(body.parts.count == ScanLimits.standard.parts - 1)
    }
}
