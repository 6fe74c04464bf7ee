import Bytes
import MIME
import MailTypes

/// The first octet says where the message is cut; small bounds make their edges easy to reach.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzMessage(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = octets(start, count)
    guard let first = input.first else { return 0 }
    let message = Array(input.dropFirst())
    var limits = ScanLimits()
    if first & 1 == 1 {
        limits.depth = 4
        limits.parts = 6
        limits.headerLength = 200
        limits.keptLength = 100
        limits.boundaryLength = 8
    }
    let structure = MessageScanner.scan(message, limits: limits)
    checkCuts(message, structure, limits, place: message.count * Int(first >> 1) / 127)
    checkTree(structure, message)
    expect(MessageStructure(encoded: structure.encoded) == structure, "structure comes back")
    expect(
        BodyStructure(encoded: structure.bodyStructure.encoded) == structure.bodyStructure, "body structure comes back")
    expect(Envelope(encoded: structure.envelope.encoded) == structure.envelope, "envelope comes back")
    _ = MessageStructure(encoded: message)
    _ = BodyStructure(encoded: message)
    _ = Envelope(encoded: message)
    readParts(structure, message)
    checkPreview(structure, message, firstRead: 1 + Int(first))
    return 0
}

/// Whole or in pieces, the preview is one short line, and no more is read than may be.
private func checkPreview(_ structure: MessageStructure, _ message: [UInt8], firstRead: Int) {
    var limits = PreviewLimits()
    for step in [firstRead, limits.firstRead] {
        limits.firstRead = step
        var reader = PreviewReader(structure, limits: limits)
        var count = 0
        while let range = reader.nextRange() {
            count += range.count
            reader.take(Array(message[range]))
        }
        expect(count <= limits.octets, "bounded reading")
        let text = reader.text
        expect(text.unicodeScalars.count <= limits.characters, "length of the preview")
        expect(!text.utf8.contains(where: ASCII.isControl) && !text.contains("  "), "one line, one space at a time")
        expect(!text.hasPrefix(" ") && !text.hasSuffix(" "), "no space at the ends")
    }
}

private func checkCuts(_ message: [UInt8], _ structure: MessageStructure, _ limits: ScanLimits, place: Int) {
    var scanner = MessageScanner(limits: limits)
    scanner.feed(message[..<place])
    scanner.feed(message[place...])
    expect(scanner.finish() == structure, "two pieces")
    var bytewise = MessageScanner(limits: limits)
    for place in message.indices { bytewise.feed(message[place...place]) }
    expect(bytewise.finish() == structure, "octet by octet")
}

private func checkTree(_ structure: MessageStructure, _ message: [UInt8]) {
    expect(structure.size == message.count, "size")
    expect(structure.range(of: .whole) == 0..<message.count, "whole")
    for (index, part) in structure.parts.enumerated() {
        expect(part.header.upperBound == part.body.lowerBound && part.body.upperBound <= message.count, "ranges")
        expect(part.lines == message[part.body].count { $0 == ASCII.lf }, "lines")
        if let parent = part.parent {
            let outer = structure.parts[parent]
            expect(parent < index && outer.kind != .leaf, "parent")
            expect(
                outer.body.lowerBound <= part.header.lowerBound && part.body.upperBound <= outer.body.upperBound,
                "inside")
        }
        if part.kind == .leaf { expect(structure.index(of: structure.numbers(of: index)) == index, "numbers") }
    }
}

private func readParts(_ structure: MessageStructure, _ message: [UInt8]) {
    for attachment in structure.attachments() {
        expect(!attachment.name.contains("/") && !attachment.name.utf8.contains { $0 < 0x20 }, "name")
    }
    for part in structure.parts where part.kind == .leaf {
        let encoding = TransferEncoding(part.fields.encoding)
        let body = Array(message[part.body])
        let decoded = TransferDecoder.decode(body, encoding)
        expect(decoded.count <= body.count, "decoded length")
        var decoder = TransferDecoder(encoding)
        var output: [UInt8] = []
        for place in body.indices { decoder.decode(body[place...place], into: &output) }
        decoder.finish(into: &output)
        expect(output == decoded, "decoded in pieces")
        let text = Charset(label: part.fields.parameter("charset") ?? "").decode(decoded)
        _ = FlowedText.unflowed(text, deletingSpaces: true)
    }
    for (part, section) in [([], .header), ([1], .mime), ([2, 1], .text)] as [([UInt32], BodySection.Text)] {
        guard let range = structure.range(of: BodySection(part: part, text: section)) else { continue }
        let octets = Array(message[range])
        let names = [Array("subject".utf8)]
        let chosen = HeaderSelection(names, isWanted: true).fields(of: octets)
        let others = HeaderSelection(names, isWanted: false).fields(of: octets)
        expect(chosen.count + others.count >= octets.count, "selections")
    }
}
