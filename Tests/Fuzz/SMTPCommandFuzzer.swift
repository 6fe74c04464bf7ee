import Bytes
import MailTypes
import SMTPSyntax

/// What a mail client sends: lines, commands and their paths.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzSMTPCommand(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = octets(start, count)
    let lines = cut(input, every: input.count)
    expect(lines == cut(input, every: 1), "lines do not depend on the network")
    expect(lines == cut(input, every: 7), "lines do not depend on the network")
    for case .complete(let line) in lines {
        expect(!line.contains { $0 == ASCII.cr || $0 == ASCII.lf || $0 == ASCII.nul }, "a line is a line")
        guard let command = try? SMTPCommand(parsing: line) else { continue }
        switch command {
        case .mail(let path, _): checkPath(path, "MAIL FROM:", suffix: " SMTPUTF8")
        case .rcpt(let path, _): checkPath(path, "RCPT TO:", suffix: "")
        default: break
        }
    }
    expect(XText.decode(XText.encode(input)) == input, "extended text comes back")
    return 0
}

private func cut(_ input: [UInt8], every size: Int) -> [SMTPLineFramer.Line] {
    var framer = SMTPLineFramer(limit: 200)
    var queue = ByteQueue()
    var lines: [SMTPLineFramer.Line] = []
    var rest = input[...]
    while !rest.isEmpty {
        queue.append(contentsOf: rest.prefix(max(1, size)))
        rest = rest.dropFirst(max(1, size))
        while let line = framer.next(from: &queue) { lines.append(line) }
        expect(queue.count <= 200, "the queue is bounded")
    }
    return lines
}

/// A path that was read is written on one line, and read back the same.
private func checkPath(_ path: SMTPPath, _ verb: String, suffix: String) {
    guard let written = path.encoded else { fatalError("a path that was read can be written") }
    expect(!written.contains { $0 < 0x20 || $0 == ASCII.delete }, "a path has no controls")
    let line = Array(verb.utf8) + written + Array(suffix.utf8)
    switch try? SMTPCommand(parsing: line) {
    case .mail(let again, _): expect(again == path, "the sender comes back")
    case .rcpt(let again, _): expect(again == path, "the recipient comes back")
    default: fatalError("the path is read back")
    }
}
