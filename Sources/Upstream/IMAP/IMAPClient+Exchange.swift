internal import Bytes
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import TLS

/// Sending commands and reading what comes back.
extension IMAPClient {
    /// Sends a command and reads until its tagged answer.
    ///
    /// - Parameters:
    ///   - messages: give the octets of an APPEND's literals.
    ///   - stream: takes body literals that stream.
    ///   - take: is shown every untagged response first; true keeps it from being taken as unasked news.
    /// - Returns: the text of the OK.
    @discardableResult
    func run(
        _ command: Command, messages: [OutgoingMessage] = [], stream: BodyStream? = nil,
        take: (UntaggedResponse) async -> Bool = { (_) in false }
    ) async throws(UpstreamError) -> ResponseText {
        if let failure { throw failure }
        let tag = nextTag()
        for segment in encoder.encode(TaggedCommand(tag: tag, command: command)) {
            switch segment {
            case .bytes(let bytes): connection.output.append(contentsOf: bytes)
            case .awaitContinuation:
                try await flush()
                if let refusal = try await continuation(of: tag, command) { throw refusal }
            case .message(let index): try await send(messages[index])
            }
        }
        try await flush()
        var responses = 0
        while true {
            let answer = try await receive(stream, take: take)
            responses += 1
            guard responses <= IMAPLimits.responses else { throw endless() }
            guard let answer, answer.tag == tag else { continue }
            guard answer.condition == .ok else { throw refusal(of: command, answer.condition, answer.text) }
            return answer.text
        }
    }

    /// What ends a command.
    struct Answer {
        let tag: [UInt8]
        let condition: Condition
        let text: ResponseText
    }

    /// Reads the next response, and the body that streams in the middle of it.
    /// - Returns: nil for one that ends no command.
    func receive(
        _ stream: BodyStream?, take: (UntaggedResponse) async -> Bool
    ) async throws(UpstreamError) -> Answer? {
        var isStreaming = false
        while true {
            switch try await nextEvent() {
            case .bodyStarted(let body): isStreaming = try await begin(body, stream)
            case .bodyBytes(let bytes): if isStreaming { await stream?.take(bytes) }
            case .bodyEnded: isStreaming = false
            case .response(let framed): return await dispatch(framed, take)
            case .lost: throw fail(.connectionLost("\(peerName) sent a response that is too long"))
            }
        }
    }

    /// The end of a connection whose responses have none.
    func endless() -> UpstreamError { fail(.connectionLost("\(peerName) does not come to an end")) }

    /// Puts a command where it goes out with the next one; unless somebody waits for its answer, that is passed over.
    /// - Returns: its tag.
    @discardableResult
    func mention(_ command: Command) -> [UInt8] {
        let tag = nextTag()
        for case .bytes(let bytes) in encoder.encode(TaggedCommand(tag: tag, command: command)) {
            connection.output.append(contentsOf: bytes)
        }
        return tag
    }

    private func begin(
        _ body: ResponseFramer.Body, _ stream: BodyStream?
    ) async throws(UpstreamError) -> Bool {
        if let stream, let uid = body.uid ?? numbers.uid(at: body.sequenceNumber) {
            if await stream.begin(uid, size: body.size) { return true }
        }
        guard body.size <= IMAPLimits.unwantedBody else {
            let reason = stream?.failure
            _ = fail(.connectionLost("the connection to \(peerName) was given up in the middle of a message"))
            throw reason ?? .connectionLost("\(peerName) sends a message that nobody asked for")
        }
        return false
    }

    private func dispatch(_ framed: FramedResponse, _ take: (UntaggedResponse) async -> Bool) async -> Answer? {
        switch parse(framed) {
        case .tagged(let tag, let condition, let text):
            note(text.code)
            if case .alert = text.code { append(.alert(String(lossy: text.text))) }
            return Answer(tag: tag, condition: condition, text: text)
        case .untagged(let response):
            note(response)
            if await !take(response) { report(response) }
            return nil
        case .continuation, nil: return nil
        }
    }

    /// NO says what the server thinks; BAD that it did not understand, which is for those who write this.
    func refusal(of command: Command, _ condition: Condition, _ text: ResponseText) -> UpstreamError {
        let words = String(lossy: text.text)
        guard condition == .bad else { return .refused(code: text.code?.name, text: words) }
        return .refused(
            code: text.code?.name ?? "BAD", text: "\(peerName) does not understand \(command.word): \(words)")
    }

    /// What every untagged response means for the connection itself.
    func note(_ response: UntaggedResponse) {
        switch response {
        case .capability(let names): capabilities = Set(names)
        case .condition(_, let text): note(text.code)
        case .fetch(let fetched):
            // A number that is not there at all names no message; one that is taken makes all of them doubtful.
            if let uid = fetched.uid, !numbers.set(uid, at: fetched.sequenceNumber), numbers.hasLostTrack {
                append(.outOfStep)
            }
        default: break
        }
    }

    private func note(_ code: ResponseCode?) {
        if case .capability(let names) = code { capabilities = Set(names) }
    }

    /// EXISTS. True when there are new messages.
    func grow(to count: UInt32) -> Bool {
        guard count <= IMAPLimits.messages else {
            _ = fail(.connectionLost("\(peerName) says that a mailbox has \(count) messages"))
            return false
        }
        let isNew = numbers.grow(to: count)
        if numbers.hasLostTrack { append(.outOfStep) }
        return isNew
    }

    /// Turns an unasked response into an event.
    func report(_ response: UntaggedResponse) {
        switch response {
        case .exists(let count): if grow(to: count) { append(.exists) }
        case .expunge(let number): append(numbers.remove(at: number).map { .expunged($0) } ?? .outOfStep)
        case .vanished(let uids, _):
            for uid in numbers.remove(uids) { append(.expunged(uid)) }
            if numbers.hasLostTrack { append(.outOfStep) }
        case .fetch(let fetched):
            guard let flags = fetched.flags else { return }
            // Unasked, most servers leave the UID out (RFC 9051 §7.5.2 lets them).
            let uid = fetched.uid ?? numbers.uid(at: fetched.sequenceNumber)
            append(uid.map { .flags(FetchedFlags(uid: $0, flags: flags, modSeq: fetched.modSeq)) } ?? .outOfStep)
        case .condition(.bye, let text): noteGoodbye(text)
        case .condition(_, let text):
            switch text.code {
            case .alert: append(.alert(String(lossy: text.text)))
            // RFC 5465 §5.8.
            case .notificationOverflow: isNotifying = false
            default: break
            }
        // There are servers that say such things without having been asked to.
        case .status(let status) where isNotifying: noteNews(names.local(status.name))
        case .list where isNotifying: noteNewTree()
        default: break
        }
    }

    /// An untagged response that came without being asked for.
    func takeUnasked(_ event: ResponseFramer.Event) throws(UpstreamError) {
        if case .lost = event { throw fail(.connectionLost("\(peerName) sent a response that is too long")) }
        guard case .response(let framed) = event, case .untagged(let response) = parse(framed) else { return }
        note(response)
        report(response)
        if let failure { throw failure }
    }

    /// Waits for a continuation request; gives the refusal when the tagged answer comes instead.
    func continuation(of tag: [UInt8], _ command: Command) async throws(UpstreamError) -> UpstreamError? {
        while true {
            let event = try await nextEvent()
            if case .response(let framed) = event {
                switch parse(framed) {
                case .continuation: return nil
                case .tagged(tag, let condition, let text): return refusal(of: command, condition, text)
                default: break
                }
            }
            try takeUnasked(event)
        }
    }

    // MARK: Octets

    func parse(_ framed: FramedResponse) -> Response? {
        // A response that makes no sense is passed over: the stream is still in step (D5).
        do throws(IMAPSyntaxError) { return try parser.parse(framed) } catch { return nil }
    }

    /// When silence has lasted too long.
    var replyDeadline: MonotonicTime { min(loop.now + replyTimeout, connectDeadline ?? .distantFuture) }

    /// The next event of the stream; waits for it no longer than the reply timeout.
    func nextEvent() async throws(UpstreamError) -> ResponseFramer.Event {
        while true {
            if let event = framer.next(from: &connection.input) { return event }
            if let failure { throw fail(failure) }
            do throws(ConnectionError) {
                try await connection.receiveMore(until: replyDeadline)
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

    func flush() async throws(UpstreamError) { try await flush(below: 1) }

    func flush(below count: Int) async throws(UpstreamError) {
        do throws(ConnectionError) {
            try await connection.flush(below: count, until: replyDeadline)
        } catch {
            // A server that hangs up says why before it does; that is worth more than "broken pipe".
            if case .broken = error { lookForGoodbye() }
            throw fail(error, during: "sending")
        }
    }

    private func lookForGoodbye() {
        while case .response(let framed)? = framer.next(from: &connection.input) {
            if case .untagged(.condition(.bye, let text)) = parse(framed) { noteGoodbye(text) }
        }
    }
}

extension Command {
    /// The command's first words, for messages: never its arguments, which may be secret.
    var word: String {
        switch self {
        case .capability: "CAPABILITY"
        case .noop: "NOOP"
        case .logout: "LOGOUT"
        case .id: "ID"
        case .startTLS: "STARTTLS"
        case .authenticate: "AUTHENTICATE"
        case .login: "LOGIN"
        case .enable: "ENABLE"
        case .select(let select): select.isReadOnly ? "EXAMINE" : "SELECT"
        case .create: "CREATE"
        case .delete: "DELETE"
        case .rename: "RENAME"
        case .subscribe: "SUBSCRIBE"
        case .unsubscribe: "UNSUBSCRIBE"
        case .list: "LIST"
        case .lsub: "LSUB"
        case .namespace: "NAMESPACE"
        case .status: "STATUS"
        case .append: "APPEND"
        case .idle: "IDLE"
        case .check: "CHECK"
        case .close: "CLOSE"
        case .unselect: "UNSELECT"
        case .expunge(nil): "EXPUNGE"
        case .expunge: "UID EXPUNGE"
        case .search: "UID SEARCH"
        case .fetch: "UID FETCH"
        case .store: "UID STORE"
        case .copy: "UID COPY"
        case .move: "UID MOVE"
        case .sort: "UID SORT"
        case .thread: "UID THREAD"
        case .cancelUpdate: "CANCELUPDATE"
        case .replace: "UID REPLACE"
        case .compress: "COMPRESS"
        case .unauthenticate: "UNAUTHENTICATE"
        case .setACL: "SETACL"
        case .deleteACL: "DELETEACL"
        case .getACL: "GETACL"
        case .listRights: "LISTRIGHTS"
        case .myRights: "MYRIGHTS"
        case .getQuota: "GETQUOTA"
        case .getQuotaRoot: "GETQUOTAROOT"
        case .setQuota: "SETQUOTA"
        case .getMetadata: "GETMETADATA"
        case .setMetadata: "SETMETADATA"
        case .notify: "NOTIFY"
        case .multiSearch: "ESEARCH"
        case .generateURLs: "GENURLAUTH"
        case .resetKey: "RESETKEY"
        case .fetchURLs: "URLFETCH"
        }
    }
}
