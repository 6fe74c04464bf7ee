package import MailTypes

/// The sequence numbers that one client knows: its own place in a mailbox's changes.
///
/// It shares the mirror's UID array as long as both are the same; only a client that was shown new messages while
/// expunges are held back from it has an array of its own. About 48 bytes besides.
package struct SequenceView: Sendable {
    /// How many silent changes a view remembers; of more it is simply told.
    package static let silencedLimit = 4096

    /// The epoch in which the numbers hold.
    package internal(set) var epoch: MailboxMirror.Epoch
    /// Additions and flags up to here were reported.
    package internal(set) var seen: ModSeq
    /// Expunges up to here were reported; never after `seen`.
    package internal(set) var expungesSeen: ModSeq
    /// Ascending; the message with sequence number n is at n - 1.
    var uids: [UInt32]
    /// The client's own changes it asked not to be told of; all after `seen`.
    var silenced: Set<ModSeq> = []

    /// The view of a client that has just selected the mailbox.
    package init(_ mirror: MailboxMirror) {
        epoch = mirror.epoch
        seen = mirror.highestModSeq
        expungesSeen = mirror.highestModSeq
        uids = mirror.uids
    }

    /// How many messages the client knows of.
    package var exists: Int { uids.count }
    /// The largest UID the client knows of, for `*` in a UID set; 0 when there is none.
    package var lastUID: UInt32 { uids.last ?? 0 }

    /// The UID of the message with this sequence number; nil when there is none.
    package func uid(at sequenceNumber: Int) -> UID? {
        sequenceNumber >= 1 && sequenceNumber <= uids.count ? UID(uids[sequenceNumber - 1]) : nil
    }

    /// The sequence number of this message; nil when the client does not know of it.
    package func sequenceNumber(of uid: UID) -> Int? {
        let place = uids.firstIndex(notBelow: uid.rawValue)
        return place < uids.count && uids[place] == uid.rawValue ? place + 1 : nil
    }

    /// The messages with these sequence numbers, ascending; nil when the largest is beyond the last message, which a
    /// client may not name (RFC 9051 §9, `seq-number`).
    package func uids(atSequenceNumbers numbers: NumberSet) -> [UID]? {
        guard Int(numbers.max ?? 0) <= uids.count else { return nil }
        return numbers.numbers.map { UID(uids[Int($0) - 1]) }
    }

    /// The messages with these UIDs that the client knows of, ascending; others are left out (RFC 9051 §6.4.9).
    package func uids(in set: NumberSet) -> [UID] { uids.members(of: set).map { UID(uids[$0]) } }

    /// The sequence numbers of those of these messages that the client knows of.
    package func sequenceNumbers(of set: NumberSet) -> NumberSet {
        NumberSet(uids.members(of: set).lazy.map { UInt32($0 + 1) })
    }

    /// All UIDs the client knows of.
    package var uidSet: NumberSet { NumberSet(uids) }

    /// Marks a change that this client made itself, and asked not to be told of (`.SILENT`), as known to it.
    /// Other changes to the same message are still reported.
    package mutating func silence(_ modSeq: ModSeq) {
        guard modSeq > seen, silenced.count < Self.silencedLimit else { return }
        silenced.insert(modSeq)
    }

    /// Whether a step could report something.
    package func isBehind(_ mirror: MailboxMirror) -> Bool {
        epoch != mirror.epoch || seen != mirror.highestModSeq || expungesSeen != mirror.highestModSeq
    }
}
