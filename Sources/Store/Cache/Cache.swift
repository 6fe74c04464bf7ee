package import MailTypes
package import SQLite

/// `cache.db`: what the upstream can be asked for again. Deleting the file is safe; a file of another version or another
/// key, or a damaged one, is made anew when it is opened.
package final class Cache: Sendable {
    package static let fileName = "cache.db"
    /// Octets in a chunk of a body. A range costs the chunks that it touches.
    package static let chunkSize = 65_536
    /// Expunged UIDs remembered for each mailbox.
    package static let expungeLogLimit = 10_000

    package init(
        path: String, sealing: any Sealing, configuration: Database.Configuration = Cache.configuration
    ) throws(StoreError) { fatalError("not yet") }

    package static var configuration: Database.Configuration { Database.Configuration() }

    /// Whether the file was made anew when it was opened, and why.
    package var startedOver: String? { fatalError("not yet") }

    package func mailboxes(of account: AccountID) async throws(StoreError) -> [CachedMailbox] { fatalError() }
    /// Makes the account's mailboxes those listed: adds, changes, and forgets the ones the upstream no longer has.
    package func setMailboxes(
        _ listings: [MailboxListing], of account: AccountID
    ) async throws(StoreError) -> [CachedMailbox] { fatalError() }
    /// Adds or changes one mailbox.
    package func put(_ listing: MailboxListing, of account: AccountID) async throws(StoreError) -> CachedMailbox {
        fatalError()
    }
    /// Keeps its messages under a new name.
    package func rename(_ id: CachedMailbox.ID, to listing: MailboxListing) async throws(StoreError) { fatalError() }
    package func removeMailbox(_ id: CachedMailbox.ID) async throws(StoreError) { fatalError() }
    package func removeAccount(_ account: AccountID) async throws(StoreError) { fatalError() }

    /// Forgets every message of the mailbox: its UIDs belong to another epoch from now on.
    package func reset(_ id: CachedMailbox.ID, uidValidity: UIDValidity, uidNext: UInt32, highestModSeq: ModSeq)
        async throws(StoreError)
    { fatalError() }
    /// All messages of the mailbox.
    package func index(of id: CachedMailbox.ID) async throws(StoreError) -> MessageIndex { fatalError() }
    package func apply(_ changes: MailboxChanges, to id: CachedMailbox.ID) async throws(StoreError) { fatalError() }
    /// The UIDs expunged after `modSeq`; nil when the log no longer reaches back so far.
    package func expunged(from id: CachedMailbox.ID, after modSeq: ModSeq) async throws(StoreError) -> NumberSet? {
        fatalError()
    }

    /// Remembers what is not nil, of messages that the mailbox has.
    package func save(_ metadata: [MessageMetadata], in id: CachedMailbox.ID) async throws(StoreError) { fatalError() }
    /// What is remembered of these messages, in the order asked for, in one go; unknown ones are left out.
    package func metadata(
        of uids: [UID], in id: CachedMailbox.ID, needs: MessageMetadata.Needs
    ) async throws(StoreError) -> [MessageMetadata] { fatalError() }

    /// The body with this content, if the account has it.
    package func body(_ digest: ContentDigest, of account: AccountID) async throws(StoreError) -> BodyReference? {
        fatalError()
    }
    /// Stores a body once under its digest and gives it to a message. Reads it piece by piece.
    /// - Parameter parts: MIME's structure of it.
    package func saveBody(
        _ digest: ContentDigest, size: Int, parts: [UInt8], of uid: UID, in mailbox: CachedMailbox.ID,
        account: AccountID, piece: (Range<Int>) async throws(StoreError) -> [UInt8]
    ) async throws(StoreError) -> BodyReference { fatalError() }
    /// The octets of a body in `range`, cut to its size. Nil when it was evicted meanwhile.
    package func read(_ body: BodyID, in range: Range<Int>) async throws(StoreError) -> [UInt8]? { fatalError() }
    /// MIME's structure of a body. Nil when it was evicted meanwhile.
    package func parts(of body: BodyID) async throws(StoreError) -> [UInt8]? { fatalError() }

    /// Drops bodies of no message, then those unused for longest, until all together are within `quota` octets.
    /// Returns the octets dropped.
    @discardableResult
    package func evict(toQuota quota: Int) async throws(StoreError) -> Int { fatalError() }

    package func close() { fatalError() }
}
