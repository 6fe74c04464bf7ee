internal import Bytes
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import TLS

/// One signed-in connection to an upstream IMAP server. Its methods are called by one task at a time, on the account's
/// loop; a method returns when the server has answered, and throws what went wrong.
///
/// Mailbox names are Unicode with `/` between levels, whatever the server uses. Only UID commands go upstream.
package final class IMAPClient {
    let connection: Connection
    let loop: EventLoop
    /// Host and port, for messages.
    let peerName: String
    /// Silence after which a command counts as lost.
    let replyTimeout: Duration

    private var framer = ResponseFramer()
    private var parser = ResponseParser()
    private var lastTag = 0
    private var failure: UpstreamError?

    /// In upper case.
    var capabilities: Set<String> = []
    var encoder = CommandEncoder()
    var names = HierarchyNames(delimiter: "/")
    /// Which UID each sequence number of the selected mailbox has.
    var numbers = SequenceMap()
    var events: [IMAPEvent] = []

    init(_ connection: Connection, on loop: EventLoop, peerName: String, replyTimeout: Duration) {
        self.connection = connection
        self.loop = loop
        self.peerName = peerName
        self.replyTimeout = replyTimeout
    }

    /// False once the connection has failed or was closed.
    package var isUsable: Bool { failure == nil && !connection.isClosed }

    /// Ends `idle` soon. May be called while another task is in it.
    package func interrupt() { connection.signal.raise(.work) }

    /// Tells the client which UIDs the selected mailbox has, ascending, when the caller knows them without asking: so
    /// that EXPUNGE's sequence numbers become UIDs. `fetchAllFlags` and `allUIDs` learn them by themselves.
    package func adoptUIDs(_ uids: [UInt32]) { numbers.adopt(uids) }

    /// What the server has reported unasked since the last call, in order.
    package func takeEvents() -> [IMAPEvent] {
        defer { events = [] }
        return events
    }

    /// Closes at once.
    package func close() {
        if failure == nil { failure = .connectionLost("the connection to \(peerName) was closed") }
        connection.close()
    }

    /// LOGOUT, politely but not for long.
    package func logout() async {
        guard isUsable else { return close() }
        do {
            connection.output.append(contentsOf: nextTag() + Array(" LOGOUT\r\n".utf8))
            try connection.send()
            await connection.finish(until: loop.now + .seconds(2))
        } catch {
            // It is ending anyway.
        }
        close()
    }

    // MARK: Exchanges

    /// Sends a command and reads until its tagged answer.
    ///
    /// - Parameters:
    ///   - message: gives the octets of an APPEND's literal.
    ///   - sink: takes body literals that stream.
    ///   - take: is shown every untagged response first; true keeps it from being taken as unasked news.
    /// - Returns: the text of the OK.
    @discardableResult
    func run(
        _ command: Command, message: MessageSource? = nil, sink: (any BodySink)? = nil,
        take: (UntaggedResponse) async throws(UpstreamError) -> Bool = { (_) in false }
    ) async throws(UpstreamError) -> ResponseText {
        if let failure { throw failure }
        let tag = nextTag()
        for segment in encoder.encode(TaggedCommand(tag: tag, command: command)) {
            switch segment {
            case .bytes(let bytes): connection.output.append(contentsOf: bytes)
            case .awaitContinuation:
                try await flush()
                if let refusal = try await continuation(of: tag) { throw refusal }
            case .message: try await send(message)
            }
        }
        try await flush()
        var isStreaming = false
        while true {
            switch try await nextEvent() {
            case .bodyStarted(let body):
                isStreaming = sink != nil
                if let sink, let uid = body.uid ?? numbers.uid(at: body.sequenceNumber) {
                    try await guarding { () async throws(UpstreamError) in try await sink.begin(uid, size: body.size) }
                } else {
                    isStreaming = false
                }
            case .bodyBytes(let bytes):
                if isStreaming, let sink {
                    try await guarding { () async throws(UpstreamError) in try await sink.take(bytes) }
                }
            case .bodyEnded: break
            case .response(let framed):
                if let text = try await dispatch(framed, tag, take) { return text }
            case .lost: throw fail(.connectionLost("\(peerName) sent a response that is too long"))
            }
        }
    }

    /// A local failure in the middle of a stream leaves octets on the connection that nobody will read: it ends.
    private func guarding(_ work: () async throws(UpstreamError) -> Void) async throws(UpstreamError) {
        do { try await work() } catch {
            connection.close()
            failure = .connectionLost("the connection to \(peerName) was given up in the middle of a message")
            throw error
        }
    }

    private func dispatch(
        _ framed: FramedResponse, _ tag: [UInt8], _ take: (UntaggedResponse) async throws(UpstreamError) -> Bool
    ) async throws(UpstreamError) -> ResponseText? {
        switch try parse(framed) {
        case .tagged(let answered, let condition, let text):
            guard answered == tag else { return nil }
            note(text.code)
            guard condition == .ok else { throw .refused(code: text.code?.name, text: String(lossy: text.text)) }
            return text
        case .untagged(let response):
            note(response)
            if try await !take(response) { report(response) }
            return nil
        case .continuation, nil: return nil
        }
    }

    /// What every untagged response means for the connection itself.
    private func note(_ response: UntaggedResponse) {
        switch response {
        case .capability(let names): capabilities = Set(names)
        case .condition(_, let text): note(text.code)
        case .fetch(let fetched): if let uid = fetched.uid { numbers.set(uid, at: fetched.sequenceNumber) }
        default: break
        }
    }

    private func note(_ code: ResponseCode?) {
        if case .capability(let names) = code { capabilities = Set(names) }
    }

    /// Turns an unasked response into an event.
    private func report(_ response: UntaggedResponse) {
        switch response {
        case .exists(let count): if numbers.grow(to: count) { events.append(.exists) }
        case .expunge(let number): if let uid = numbers.remove(at: number) { events.append(.expunged(uid)) }
        case .vanished(let uids, _):
            for uid in numbers.remove(uids) { events.append(.expunged(uid)) }
        case .fetch(let fetched):
            guard let flags = fetched.flags else { return }
            if let uid = fetched.uid ?? numbers.uid(at: fetched.sequenceNumber) {
                events.append(.flags(FetchedFlags(uid: uid, flags: flags, modSeq: fetched.modSeq)))
            } else {
                events.append(.exists)
            }
        case .condition(.bye, let text):
            failure = .connectionLost("\(peerName) says goodbye: \(String(lossy: text.text))")
        case .condition(_, let text):
            if case .alert = text.code { events.append(.alert(String(lossy: text.text))) }
        default: break
        }
    }

    /// Waits for a continuation request; gives the refusal when the tagged answer comes instead.
    func continuation(of tag: [UInt8]) async throws(UpstreamError) -> UpstreamError? {
        while true {
            guard case .response(let framed) = try await nextEvent() else { continue }
            switch try parse(framed) {
            case .continuation: return nil
            case .tagged(let answered, _, let text) where answered == tag:
                return .refused(code: text.code?.name, text: String(lossy: text.text))
            case .untagged(let response):
                note(response)
                report(response)
            default: break
            }
        }
    }

    // MARK: Octets

    func nextTag() -> [UInt8] {
        lastTag += 1
        var tag = [UInt8(ascii: "P")]
        tag.append(decimal: lastTag)
        return tag
    }

    func parse(_ framed: FramedResponse) throws(UpstreamError) -> Response? {
        // A response that makes no sense is passed over: the stream is still in step (D5).
        do throws(IMAPSyntaxError) { return try parser.parse(framed) } catch { return nil }
    }

    /// The next event of the stream; waits for it no longer than the reply timeout.
    func nextEvent() async throws(UpstreamError) -> ResponseFramer.Event {
        while true {
            if let event = framer.next(from: &connection.input) { return event }
            if let failure { throw failure }
            do throws(ConnectionError) {
                try await connection.receiveMore(until: loop.now + replyTimeout)
            } catch { throw fail(error, during: "waiting for an answer") }
        }
    }

    /// What is in the stream already, or nil: never waits.
    func readyEvent() throws(UpstreamError) -> ResponseFramer.Event? {
        while true {
            if let event = framer.next(from: &connection.input) { return event }
            do throws(ConnectionError) {
                switch try connection.receive() {
                case .data: continue
                case .nothing: return nil
                case .end: throw ConnectionError.ended
                }
            } catch { throw fail(error, during: "idling") }
        }
    }

    /// An untagged response that came without being asked for.
    func takeUnasked(_ event: ResponseFramer.Event) throws(UpstreamError) {
        guard case .response(let framed) = event, case .untagged(let response) = try parse(framed) else { return }
        note(response)
        report(response)
        if let failure { throw failure }
    }

    func flush() async throws(UpstreamError) { try await flush(below: 1) }

    func flush(below count: Int) async throws(UpstreamError) {
        do throws(ConnectionError) {
            try await connection.flush(below: count, until: loop.now + replyTimeout)
        } catch { throw fail(error, during: "sending") }
    }

    private func send(_ message: MessageSource?) async throws(UpstreamError) {
        guard let message else { return }
        var offset = 0
        while offset < message.size {
            let piece: [UInt8]
            do { piece = try await message.read(offset..<min(offset + MessageSource.pieceSize, message.size)) } catch {
                close()
                throw error
            }
            guard !piece.isEmpty else {
                close()
                throw .local("the message to save is shorter than announced")
            }
            connection.output.append(contentsOf: piece)
            offset += piece.count
            try await flush(below: MessageSource.unsentLimit)
        }
    }

    func fail(_ error: UpstreamError) -> UpstreamError {
        failure = failure ?? error
        connection.close()
        return error
    }

    func fail(_ error: ConnectionError, during work: String) -> UpstreamError {
        let text: String
        switch error {
        case .deadline: text = "\(peerName) gave no answer for \(replyTimeout.components.seconds) s"
        case .ended: text = "\(peerName) closed the connection"
        default: text = "\(peerName), \(work): \(error)"
        }
        return fail(.connectionLost(text))
    }
}

/// The octets of a message to save.
struct MessageSource {
    static let pieceSize = 65536
    /// Octets that may wait to be sent before the next piece is read.
    static let unsentLimit = 256 * 1024

    let size: Int
    let read: (Range<Int>) async throws(UpstreamError) -> [UInt8]
}
