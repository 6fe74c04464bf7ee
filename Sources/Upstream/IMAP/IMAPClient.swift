package import IMAPSyntax
package import Loop
package import MailTypes
package import SASL

/// One signed-in connection to an upstream IMAP server. Its methods are called by one task at a time, on the account's
/// loop; a method returns when the server has answered, and throws what went wrong.
///
/// Mailbox names are Unicode with `/` between levels, whatever the server uses. Only UID commands go upstream.
package final class IMAPClient {
    /// Connects, protects the connection as the endpoint says, and signs in.
    ///
    /// - Parameters:
    ///   - signal: the connection's; `.work` on it ends `idle`.
    ///   - pool: where names are resolved and SASL steps run.
    ///   - authenticate: makes the client's side of the exchange from the mechanisms offered, and whether the
    ///     connection is encrypted.
    package static func connect(
        to endpoint: Endpoint, on loop: EventLoop, signal: Signal, pool: WorkerPool,
        authenticate: (_ offered: [String], _ isEncrypted: Bool) throws(UpstreamError) -> SASLClient
    ) async throws(UpstreamError) -> IMAPClient { fatalError("API") }

    /// False once the connection has failed or was closed.
    package var isUsable: Bool { fatalError("API") }

    // MARK: Mailboxes

    /// Every mailbox, with subscription and special use, as few commands as the server allows.
    package func list() async throws(UpstreamError) -> [ListedMailbox] { fatalError("API") }
    package func create(_ name: MailboxName, use: SpecialUse?) async throws(UpstreamError) { fatalError("API") }
    package func delete(_ name: MailboxName) async throws(UpstreamError) { fatalError("API") }
    package func rename(_ name: MailboxName, to newName: MailboxName) async throws(UpstreamError) { fatalError("API") }
    package func subscribe(_ name: MailboxName) async throws(UpstreamError) { fatalError("API") }
    package func unsubscribe(_ name: MailboxName) async throws(UpstreamError) { fatalError("API") }
    package func status(_ name: MailboxName) async throws(UpstreamError) -> MailboxCounts { fatalError("API") }

    // MARK: The selected mailbox

    /// SELECT (with CONDSTORE where offered).
    package func select(_ name: MailboxName) async throws(UpstreamError) -> SelectedState { fatalError("API") }
    /// Tells the client which UIDs the selected mailbox has, ascending, when the caller knows them without asking: so
    /// that EXPUNGE's sequence numbers become UIDs. `fetchAllFlags` and `allUIDs` learn them by themselves.
    package func adoptUIDs(_ uids: [UInt32]) { fatalError("API") }
    /// What the server has reported unasked since the last call, in order.
    package func takeEvents() -> [IMAPEvent] { fatalError("API") }
    /// UID FETCH 1:* (FLAGS).
    package func fetchAllFlags() async throws(UpstreamError) -> [FetchedFlags] { fatalError("API") }
    /// UID FETCH 1:* (FLAGS) (CHANGEDSINCE n), RFC 7162 §3.1.4.
    package func fetchFlags(changedSince modSeq: ModSeq) async throws(UpstreamError) -> [FetchedFlags] {
        fatalError("API")
    }
    /// Those with this UID or a greater one (not the last message that `n:*` gives when there are none).
    package func fetchFlags(fromUID uid: UInt32) async throws(UpstreamError) -> [FetchedFlags] { fatalError("API") }
    /// UID SEARCH ALL.
    package func allUIDs() async throws(UpstreamError) -> NumberSet { fatalError("API") }
    /// Date, size, structure and header of these messages; those that are gone are left out.
    package func fetchMetadata(_ uids: NumberSet) async throws(UpstreamError) -> [FetchedMetadata] { fatalError("API") }
    /// The messages themselves (BODY.PEEK[] with INTERNALDATE), streamed into the sink one after the other, large ones
    /// in partials. A message whose UID is gone is left out.
    package func fetchBodies(_ uids: NumberSet, into sink: any BodySink) async throws(UpstreamError) {
        fatalError("API")
    }
    /// UID STORE; the new flags come as events.
    package func store(_ uids: NumberSet, _ change: StoreChange, _ flags: [Flag]) async throws(UpstreamError) {
        fatalError("API")
    }
    /// UID COPY.
    package func copy(_ uids: NumberSet, to name: MailboxName) async throws(UpstreamError) -> CopiedUIDs? {
        fatalError("API")
    }
    /// UID MOVE, or copy, mark and expunge. The expunges come as events.
    package func move(_ uids: NumberSet, to name: MailboxName) async throws(UpstreamError) -> CopiedUIDs? {
        fatalError("API")
    }
    /// Removes these messages, which are marked `\Deleted`, and no others. The expunges come as events.
    package func expunge(_ uids: NumberSet) async throws(UpstreamError) { fatalError("API") }
    /// UID SEARCH, charset UTF-8; sets of messages in the key are UIDs.
    package func search(_ key: SearchKey) async throws(UpstreamError) -> NumberSet { fatalError("API") }
    /// NOOP: lets the server report.
    package func poll() async throws(UpstreamError) { fatalError("API") }
    /// Waits in IDLE (polls where the server lacks it) until the server has reported something (events wait then to be
    /// taken), `.work` or `.shutdown` is raised on the connection's signal, or `limit` has come; IDLE is ended then.
    package func idle(until limit: MonotonicTime) async throws(UpstreamError) { fatalError("API") }

    // MARK: Saving

    /// APPEND of a message of `size` octets, read piece by piece.
    package func append(
        to name: MailboxName, flags: [Flag], internalDate: Moment?, size: Int,
        read: (Range<Int>) async throws(UpstreamError) -> [UInt8]
    ) async throws(UpstreamError) -> (UIDValidity, UID)? { fatalError("API") }

    /// LOGOUT, politely but not for long.
    package func logout() async { fatalError("API") }
    /// Closes at once.
    package func close() { fatalError("API") }
}

/// What an upstream reports unasked of the selected mailbox.
package enum IMAPEvent: Hashable, Sendable {
    /// There may be messages with UIDs above those known.
    case exists
    case expunged(UID)
    case flags(FetchedFlags)
    /// ALERT: for a person to read.
    case alert(String)
}

package struct FetchedFlags: Hashable, Sendable {
    package var uid: UID
    package var flags: [Flag]
    package var modSeq: ModSeq?
    package init(uid: UID, flags: [Flag], modSeq: ModSeq? = nil) {
        self.uid = uid
        self.flags = flags
        self.modSeq = modSeq
    }
}

/// What SELECT answered.
package struct SelectedState: Hashable, Sendable {
    package var exists: Int
    package var uidValidity: UIDValidity
    package var uidNext: UInt32
    /// Nil without CONDSTORE or with NOMODSEQ.
    package var highestModSeq: ModSeq?
    package var flags: [Flag]
    /// `\*` stands as a flag of that name.
    package var permanentFlags: [Flag]
    package var isReadOnly: Bool
}

package struct FetchedMetadata: Sendable {
    package var uid: UID
    package var internalDate: Moment?
    package var size: Int?
    package var envelope: Envelope?
    package var structure: BodyStructure?
    /// With its closing empty line.
    package var header: [UInt8]?
}

/// What STATUS answered.
package struct MailboxCounts: Hashable, Sendable {
    package var messages: Int
    package var unseen: Int
    package var uidNext: UInt32
    package var uidValidity: UIDValidity
}

package struct ListedMailbox: Hashable, Sendable {
    package var name: MailboxName
    /// As on the wire.
    package var upstreamName: [UInt8]
    package var delimiter: UInt8?
    package var isSelectable: Bool
    package var hasChildren: Bool?
    package var isSubscribed: Bool
    package var specialUse: SpecialUse?
}

/// COPYUID: both lists in the same order.
package struct CopiedUIDs: Hashable, Sendable {
    package var uidValidity: UIDValidity
    package var source: [UID]
    package var copies: [UID]
}

package enum StoreChange: Hashable, Sendable {
    case add
    case remove
    case replace
}

/// Takes the messages of `fetchBodies`. What it throws ends the fetch.
package protocol BodySink: AnyObject {
    func begin(_ uid: UID, size: UInt64) async throws(UpstreamError)
    func take(_ bytes: [UInt8]) async throws(UpstreamError)
    /// - Parameter internalDate: when the server gave it.
    func end(internalDate: Moment?) async throws(UpstreamError)
}

/// Why something upstream was not done. Each says the host and what was asked.
package enum UpstreamError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No connection could be made: name resolution, refused, timed out, TLS.
    case unreachable(String)
    /// The connection broke, timed out or lost its way in the middle; it is of no more use.
    case connectionLost(String)
    /// The server refused the credentials.
    case authenticationFailed(String)
    /// The server said NO (or refused by BAD) to a command: its response code's name and its text.
    case refused(code: String?, text: String)
    /// The caller's reader or sink failed.
    case local(String)

    /// Whether the connection can't be used any more.
    package var endsConnection: Bool {
        switch self {
        case .unreachable, .connectionLost, .authenticationFailed: true
        case .refused, .local: false
        }
    }

    package var description: String {
        switch self {
        case .unreachable(let text), .connectionLost(let text), .authenticationFailed(let text), .local(let text): text
        case .refused(let code, let text): code.map { "[\($0)] \(text)" } ?? text
        }
    }
}
