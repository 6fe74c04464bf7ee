package import MailTypes

/// All messages of a mailbox by UID, as arrays side by side.
package struct MessageIndex: Sendable {
    /// Ascending.
    package var uids: [UInt32] = []
    /// For each message its place in `flagSets`.
    package var flags: [Int32] = []
    package var modSeqs: [UInt64] = []
    /// The distinct sets of flags.
    package var flagSets: [[Flag]] = []
    package init() {}
    package var count: Int { uids.count }
}

/// What happened in a mailbox, to be remembered in one commit.
package struct MailboxChanges: Sendable {
    package struct Flags: Sendable {
        package var uid: UID
        package var flags: [Flag]
        package var modSeq: ModSeq
        package init(uid: UID, flags: [Flag], modSeq: ModSeq) {
            self.uid = uid
            self.flags = flags
            self.modSeq = modSeq
        }
    }

    package struct Expunged: Sendable {
        package var uid: UID
        package var modSeq: ModSeq
        package init(uid: UID, modSeq: ModSeq) {
            self.uid = uid
            self.modSeq = modSeq
        }
    }

    /// Mod-sequences that may have been given to changes that are not in the cache.
    package struct Lost: Hashable, Sendable {
        package var after: ModSeq
        package var through: ModSeq
        package init(after: ModSeq, through: ModSeq) {
            self.after = after
            self.through = through
        }
    }

    /// New messages; one that is known gets these flags.
    package var added: [Flags] = []
    /// Of messages that are known; others are left out.
    package var flags: [Flags] = []
    package var expunged: [Expunged] = []
    package var uidNext: UInt32?
    package var highestModSeq: ModSeq
    package var upstreamModSeq: ModSeq?
    /// All of them, ascending; nil leaves those that are stored.
    package var lost: [Lost]?
    package init(highestModSeq: ModSeq) { self.highestModSeq = highestModSeq }
}

/// A mailbox with all its messages, as the cache has them.
package struct MailboxState: Sendable {
    package var mailbox: CachedMailbox
    package var index: MessageIndex
    /// By mod-sequence.
    package var expunged: [MailboxChanges.Expunged]
    /// Expunges up to this mod-sequence may be missing among them.
    package var expungesKnownAfter: ModSeq
    /// Ascending.
    package var lost: [MailboxChanges.Lost]
}

/// What is remembered of a message besides its flags. What is nil was not asked for, or is not known; when saved, nil
/// leaves what is stored.
package struct MessageMetadata: Sendable {
    package var uid: UID
    package var internalDate: Moment?
    /// RFC822.SIZE as the upstream says.
    package var size: Int?
    package var envelope: Envelope?
    package var structure: BodyStructure?
    /// The message's header with its closing empty line.
    package var header: [UInt8]?
    /// The values of the References fields, unfolded; empty when there are none.
    package var references: [[UInt8]]?
    package var body: BodyReference?
    /// The body's octets, when asked for and no longer than `Cache.chunkSize`.
    package var smallBody: [UInt8]?
    /// MIME's structure of the body, when asked for and stored.
    package var parts: [UInt8]?

    package init(uid: UID) { self.uid = uid }

    package struct Needs: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let envelope = Needs(rawValue: 1)
        package static let structure = Needs(rawValue: 2)
        package static let header = Needs(rawValue: 4)
        package static let smallBody = Needs(rawValue: 8)
        package static let parts = Needs(rawValue: 16)
        package static let references = Needs(rawValue: 128)
    }
}

/// A small message to be kept: its body whole, and what is known besides.
package struct KeptMessage: Sendable {
    package let metadata: MessageMetadata
    package let digest: ContentDigest
    package let octets: [UInt8]
    /// MIME's structure.
    package let parts: [UInt8]

    package init(metadata: MessageMetadata, digest: ContentDigest, octets: [UInt8], parts: [UInt8]) {
        self.metadata = metadata
        self.digest = digest
        self.octets = octets
        self.parts = parts
    }
}

/// A cached body.
package struct BodyReference: Hashable, Sendable {
    package let id: BodyID
    package let size: Int
    package init(id: BodyID, size: Int) {
        self.id = id
        self.size = size
    }
}

package typealias BodyID = Identifier<BodyReference>
