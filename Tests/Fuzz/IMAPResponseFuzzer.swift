import Bytes
import IMAPSyntax
import MailTypes

/// What a server may send: framed the same however it arrives, always read, and what is read can be passed on.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzIMAPResponse(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = octets(start, count)
    let whole = events([input])
    expect(whole == events(input.map { [$0] }), "the same events octet by octet")
    var parser = ResponseParser(utf8: input.first == 0x75)
    for case .response(let framed) in whole {
        guard case .untagged(.fetch(let fetch))? = try? parser.parse(framed) else { continue }
        checkWriters(fetch)
    }
    return 0
}

private func events(_ portions: [[UInt8]]) -> [ResponseFramer.Event] {
    var limits = ResponseFramer.Limits()
    limits.inlineBody = 8
    limits.response = 1_000
    limits.streamed = 3
    var framer = ResponseFramer(limits: limits)
    var queue = ByteQueue()
    var events: [ResponseFramer.Event] = []
    for portion in portions {
        queue.append(contentsOf: portion)
        while let event = framer.next(from: &queue) {
            switch (event, events.last) {
            case (.bodyBytes(let more), .bodyBytes(let some)?): events[events.count - 1] = .bodyBytes(some + more)
            case (.lost, _): return events + [event]
            default: events.append(event)
            }
        }
    }
    return events
}

/// The large values reach a form in which they come back as they were.
private func checkWriters(_ fetch: FetchResponse) {
    let once = passedOn(fetch)
    expect(once.unread.isEmpty, "what is written can be read")
    expect((once.envelope == nil) == (fetch.envelope == nil), "the envelope is there")
    expect((once.bodyStructure == nil) == (fetch.bodyStructure == nil), "the structure is there")
    expect(passedOn(once) == once, "the same values")
}

private func passedOn(_ fetch: FetchResponse) -> FetchResponse {
    var output: [UInt8] = []
    output.appendFetchStart(fetch.sequenceNumber, uid: fetch.uid)
    if let date = fetch.internalDate { output.appendFetchInternalDate(date) }
    if let size = fetch.size { output.appendFetchSize(size) }
    if let envelope = fetch.envelope { output.appendFetchEnvelope(envelope) }
    if let structure = fetch.bodyStructure { output.appendFetchStructure(structure, isExtended: true) }
    for section in fetch.sections {
        guard case .inline(let octets) = section.content, !section.isBinary else { continue }
        output.appendFetchSection(
            .section(section.section, partial: section.origin.map { Partial(offset: $0, count: 1) }, peek: true))
        output.appendLiteral(octets)
    }
    output.appendFetchEnd()
    var limits = ResponseFramer.Limits()
    limits.inlineBody = 1 << 20
    var framer = ResponseFramer(limits: limits)
    var queue = ByteQueue()
    queue.append(contentsOf: output)
    var parser = ResponseParser()
    guard case .response(let framed)? = framer.next(from: &queue),
        case .untagged(.fetch(let read))? = try? parser.parse(framed)
    else { fatalError("what is written is a response") }
    return read
}
