import Bytes
import SMTPSyntax

/// The message after DATA, both ways.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzSMTPData(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = octets(start, count)
    let whole = decode(input, every: max(1, input.count))
    for size in [1, 2, 5] {
        let other = decode(input, every: size)
        expect(other.ended == whole.ended && other.rest == whole.rest, "the end does not depend on the network")
        expect(other.verdict == whole.verdict, "the verdict does not depend on the network")
        if whole.verdict == .acceptable { expect(other.message == whole.message, "nor does the message") }
    }
    // The end is CRLF "." CRLF, counted from the CRLF of the command, and nothing else.
    let all = [ASCII.cr, ASCII.lf] + input
    let mark: [UInt8] = [ASCII.cr, ASCII.lf, 0x2E, ASCII.cr, ASCII.lf]
    let end = all.count < 5 ? nil : (0...(all.count - 5)).first { Array(all[$0..<$0 + 5]) == mark }.map { $0 + 3 }
    expect(whole.ended == (end != nil), "it ends where the mark is")
    if let end {
        expect(whole.rest.count == input.count - end, "what is behind the mark stays")
        expect((whole.verdict == .acceptable) == isStrict(Array(input[..<(end - 3)])), "strict or refused")
    }
    checkChunks(input)
    guard whole.ended, whole.verdict == .acceptable else { return 0 }
    var encoder = DotEncoder()
    var wire: [UInt8] = []
    for piece in stride(from: 0, to: whole.message.count, by: 3) {
        encoder.encode(whole.message[piece..<min(piece + 3, whole.message.count)], into: &wire)
    }
    encoder.finish(into: &wire)
    expect(encoder.isStrict, "what was accepted can be sent")
    let again = decode(wire, every: 4)
    expect(again.ended && again.rest.isEmpty && again.message == whole.message, "the message comes back")
    return 0
}

private struct Decoded {
    var message: [UInt8] = []
    var rest: [UInt8] = []
    var ended = false
    var verdict = MessageVerdict.acceptable
}

private func decode(_ input: [UInt8], every size: Int) -> Decoded {
    var stream = DotStream(sizeLimit: 1 << 20)
    var queue = ByteQueue()
    var result = Decoded()
    var rest = input[...]
    while !rest.isEmpty {
        queue.append(contentsOf: rest.prefix(size))
        rest = rest.dropFirst(size)
        if !result.ended { result.ended = stream.decode(&queue, into: &result.message) }
    }
    result.rest = queue.takeAll()
    result.verdict = stream.verdict
    return result
}

/// The same octets in chunks: what is accepted is strict, of a binary message up to the end of its header.
private func checkChunks(_ input: [UInt8]) {
    let mark: [UInt8] = [ASCII.cr, ASCII.lf, ASCII.cr, ASCII.lf]
    let all = [ASCII.cr, ASCII.lf] + input
    let headerEnd = all.count < 4 ? nil : (0...(all.count - 4)).first { Array(all[$0..<$0 + 4]) == mark }.map { $0 + 2 }
    for isBinary in [false, true] {
        let text = isBinary ? Array(input[..<(headerEnd ?? input.count)]) : input
        for size in [1, 2, 5, max(1, input.count)] {
            var stream = ChunkStream(sizeLimit: 1 << 20, isBinary: isBinary)
            for start in stride(from: 0, to: input.count, by: size) {
                _ = stream.take(Array(input[start..<min(start + size, input.count)]))
            }
            stream.finish()
            expect((stream.verdict == .acceptable) == isStrict(text), "strict or refused")
        }
    }
}

private func isStrict(_ octets: [UInt8]) -> Bool {
    octets.indices.allSatisfy { index in
        switch octets[index] {
        case ASCII.nul: false
        case ASCII.cr: index + 1 < octets.count && octets[index + 1] == ASCII.lf
        case ASCII.lf: index > 0 && octets[index - 1] == ASCII.cr
        default: true
        }
    }
}
