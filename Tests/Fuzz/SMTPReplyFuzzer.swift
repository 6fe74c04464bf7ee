import Bytes
import SMTPSyntax

/// What a server sends.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzSMTPReply(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = octets(start, count)
    let replies = read(input, every: max(1, input.count))
    expect(replies == read(input, every: 1), "replies do not depend on the network")
    for reply in replies {
        _ = SMTPCapabilities(reply).mechanisms
        var wire: [UInt8] = []
        reply.append(to: &wire)
        for line in wire.split(separator: ASCII.lf) {
            expect(line.count < SMTPReply.lineLimit && line.last == ASCII.cr, "a line is a line")
            expect(!line.dropLast().contains { $0 < 0x20 || $0 >= 0x7F }, "nothing breaks out of it")
        }
        let again = read(wire, every: wire.count)
        expect(again.count == 1 && again[0].code == reply.code, "the reply comes back")
        if reply.enhanced != nil { expect(again[0].enhanced == reply.enhanced, "with its status") }
    }
    return 0
}

private func read(_ input: [UInt8], every size: Int) -> [SMTPReply] {
    var parser = SMTPReplyParser()
    var queue = ByteQueue()
    var replies: [SMTPReply] = []
    var rest = input[...]
    do throws(SMTPSyntaxError) {
        while !rest.isEmpty {
            queue.append(contentsOf: rest.prefix(size))
            rest = rest.dropFirst(size)
            while let reply = try parser.next(from: &queue) { replies.append(reply) }
        }
    } catch {
        return replies
    }
    return replies
}
