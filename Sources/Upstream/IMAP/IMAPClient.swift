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
    /// While connecting and signing in: when that must be done.
    var connectDeadline: MonotonicTime?

    var framer = ResponseFramer()
    var parser = ResponseParser()
    private var lastTag = 0
    private(set) var failure: UpstreamError?

    /// In upper case.
    var capabilities: Set<String> = []
    var encoder = CommandEncoder()
    var names = HierarchyNames(delimiter: "/")
    /// Which UID each sequence number of the selected mailbox has.
    var numbers = SequenceMap()
    private(set) var events: [IMAPEvent] = []
    /// QRESYNC is enabled: the server tells what has happened in a mailbox since it was selected last, and of messages
    /// that go by their UIDs (RFC 7162 §3.2).
    var usesQuickResync = false
    private var news = MailboxesNews()
    /// The server tells of other mailboxes than the selected one.
    package internal(set) var isNotifying = false

    init(_ connection: Connection, on loop: EventLoop, peerName: String, replyTimeout: Duration) {
        self.connection = connection
        self.loop = loop
        self.peerName = peerName
        self.replyTimeout = replyTimeout
    }

    /// Octets received and sent since the connection was made, TLS's own not counted.
    package var octets: (received: Int, sent: Int) { (connection.receivedCount, connection.sentCount) }

    /// False once the connection has failed or was closed.
    package var isUsable: Bool { failure == nil && !connection.isClosed }

    /// Looks, without waiting, at what the server has said since the last command: it may have said goodbye. False
    /// when the connection is of no more use. Not to be called while a command is under way.
    package func checkUsable() -> Bool {
        guard isUsable else { return false }
        do throws(UpstreamError) {
            while let event = try readyEvent() { try takeUnasked(event) }
        } catch {
            _ = fail(error)
        }
        return isUsable
    }

    /// Ends `idle` soon. May be called while another task is in it.
    package func interrupt() { connection.signal.raise(.work) }

    /// Tells the client which UIDs the selected mailbox has, ascending, when the caller knows them without asking: so
    /// that EXPUNGE's sequence numbers become UIDs. `fetchAllFlags` and `allUIDs` learn them by themselves. When the
    /// mailbox has changed meanwhile so that this can't be true, `.outOfStep` is reported.
    package func adoptUIDs(_ uids: [UInt32]) { if !numbers.adopt(uids) { append(.outOfStep) } }

    /// What the server has reported unasked since the last call, in order.
    package func takeEvents() -> [IMAPEvent] {
        defer { events = [] }
        return events
    }

    /// What the server has reported of other mailboxes than the selected one since the last call (RFC 5465).
    package func takeNews() -> MailboxesNews {
        defer { news = MailboxesNews() }
        return news
    }

    func noteNews(_ name: MailboxName) {
        if news.counted.count < IMAPLimits.mailboxes { news.counted.insert(name) }
    }

    func noteNewTree() { news.isTreeNew = true }

    package var hasEvents: Bool { !events.isEmpty || !news.isEmpty }

    /// Drops what was reported of a mailbox that is no longer selected, or before TLS.
    func forgetEvents() { events = [] }

    /// Adds an event; one of each that only says "look again".
    func append(_ event: IMAPEvent) {
        switch event {
        case .exists, .outOfStep: if events.contains(event) { return }
        default: break
        }
        guard events.count < IMAPLimits.events else {
            _ = fail(.connectionLost("\(peerName) reports more changes than can be kept"))
            return
        }
        events.append(event)
    }

    /// Closes at once.
    package func close() {
        if failure == nil { failure = .connectionLost("the connection to \(peerName) was closed") }
        connection.close()
    }

    /// LOGOUT, politely but not for long.
    package func logout() async {
        guard isUsable else { return close() }
        connection.output.append(contentsOf: nextTag() + Array(" LOGOUT\r\n".utf8))
        await connection.finish(until: loop.now + .seconds(2))
        close()
    }

    func nextTag() -> [UInt8] {
        lastTag += 1
        var tag = [UInt8(ascii: "P")]
        tag.append(decimal: lastTag)
        return tag
    }

    /// Remembers why the connection can't be used any more, and closes it.
    func fail(_ error: UpstreamError) -> UpstreamError {
        failure = failure ?? error
        connection.close()
        return error
    }

    /// The server has announced the end: what comes before it is still read.
    func noteGoodbye(_ text: ResponseText) {
        failure = failure ?? .connectionLost("\(peerName) says goodbye: \(String(lossy: text.text))")
    }

    func fail(_ error: ConnectionError, during work: String) -> UpstreamError {
        if let failure { return fail(failure) }
        let text =
            switch error {
            case .deadline where connectDeadline != nil: "\(peerName) did not answer in time"
            case .deadline: "\(peerName) gave no answer for \(replyTimeout.components.seconds) s"
            case .ended: "\(peerName) closed the connection"
            default: "\(peerName), \(work): \(error)"
            }
        return fail(.connectionLost(text))
    }
}
