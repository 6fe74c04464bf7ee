internal import MailTypes

/// Which UID each sequence number of a selected mailbox has, as far as it is known: EXPUNGE speaks in sequence numbers.
struct SequenceMap {
    /// Zero where the UID is not known yet.
    private var uids: [UInt32] = []
    /// A message went whose UID was not known, or that was not there: what others know no longer fits.
    private(set) var hasLostTrack = false

    var count: Int { uids.count }

    func uid(at number: UInt32) -> UID? {
        guard number > 0, number <= uids.count else { return nil }
        return UID(rawValue: uids[Int(number) - 1])
    }

    /// Another mailbox is selected.
    mutating func reset() { self = SequenceMap() }

    /// From now on what `adopt` is given is true again.
    mutating func begin() { hasLostTrack = false }

    /// Takes what somebody else knows; messages above those stay unknown. False when it can't be true.
    mutating func adopt(_ known: [UInt32]) -> Bool {
        guard !hasLostTrack, known.count <= uids.count else { return false }
        uids.replaceSubrange(0..<known.count, with: known)
        return true
    }

    mutating func set(_ uid: UID, at number: UInt32) {
        guard number > 0, number <= uids.count else { return }
        uids[Int(number) - 1] = uid.rawValue
    }

    /// EXISTS. True when there are messages whose UID is not known.
    mutating func grow(to count: UInt32) -> Bool {
        // RFC 9051 §7.4.1: EXISTS never makes a mailbox smaller; a server that does so has lost count, and it is left.
        guard count > uids.count else { return false }
        uids += [UInt32](repeating: 0, count: Int(count) - uids.count)
        return true
    }

    /// EXPUNGE. Gives the UID that went, when it was known.
    mutating func remove(at number: UInt32) -> UID? {
        guard number > 0, number <= uids.count else {
            hasLostTrack = true
            return nil
        }
        let uid = UID(rawValue: uids.remove(at: Int(number) - 1))
        if uid == nil { hasLostTrack = true }
        return uid
    }

    /// VANISHED. Gives those that were there.
    mutating func remove(_ set: NumberSet) -> [UID] {
        var gone: [UID] = []
        uids.removeAll { uid in
            guard uid > 0, set.contains(uid) else { return false }
            gone.append(UID(uid))
            return true
        }
        return gone
    }
}
