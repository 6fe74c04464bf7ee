package import IMAPSyntax
package import MailTypes

/// What an upstream reports unasked of the selected mailbox.
package enum IMAPEvent: Hashable, Sendable {
    /// There may be messages with UIDs above those known.
    case exists
    case expunged(UID)
    case flags(FetchedFlags)
    /// The mailbox has changed in a way that could not be followed: its UIDs and flags are to be read anew.
    case outOfStep
    /// ALERT: for a person to read.
    case alert(String)
}

/// What a server has said unasked of mailboxes that are not selected.
package struct MailboxesNews: Hashable, Sendable {
    /// Mailboxes whose counts, or flags, are not what they were.
    package var counted: Set<MailboxName> = []
    /// Mailboxes were made, renamed, removed, or subscribed to.
    package var isTreeNew = false

    package var isEmpty: Bool { counted.isEmpty && !isTreeNew }
    package init() {}
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
    /// MAILBOXID (RFC 8474 §4.2); nil where the server tells none.
    package var objectID: ObjectID?
    /// What has happened since the state that was remembered; nil when the server was not asked, or can't tell.
    package var missed: Missed?

    /// RFC 7162 §3.2.5.1.
    package struct Missed: Hashable, Sendable {
        /// Maybe with some that were never there.
        package var vanished = NumberSet()
        /// Messages that came or changed.
        package var changed: [FetchedFlags] = []
        package init() {}
    }
}

/// What somebody remembers of a mailbox that was selected before.
package struct MailboxMemory: Hashable, Sendable {
    package var uidValidity: UIDValidity
    package var modSeq: ModSeq
    package init(uidValidity: UIDValidity, modSeq: ModSeq) {
        self.uidValidity = uidValidity
        self.modSeq = modSeq
    }
}

package struct FetchedMetadata: Sendable {
    package var uid: UID
    package var internalDate: Moment?
    package var size: Int?
    package var envelope: Envelope?
    package var structure: BodyStructure?
    /// With its closing empty line.
    package var header: [UInt8]?
    /// The References fields of the header, when they were fetched without the rest.
    package var referenceFields: [UInt8]?
}

/// What STATUS answered.
package struct MailboxCounts: Hashable, Sendable {
    package var messages: Int
    package var unseen: Int
    package var uidNext: UInt32
    package var uidValidity: UIDValidity
    /// Nil when it was not asked for, or the mailbox has none.
    package var highestModSeq: ModSeq?
    /// Nil when it was not asked for, or the server has none.
    package var objectID: ObjectID?
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
