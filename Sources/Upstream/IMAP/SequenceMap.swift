internal import MailTypes

/// Which UID each sequence number of a selected mailbox has, as far as it is known: EXPUNGE speaks in sequence numbers.
struct SequenceMap {
    /// Zero where the UID is not known yet.
    private var uids: [UInt32] = []
    /// A message went whose UID was not known, or that was not there, or the server contradicts itself: what others
    /// know no longer fits.
    private(set) var hasLostTrack = false

    var count: Int { uids.count }
    /// Whether every UID is known.
    var isComplete: Bool { !hasLostTrack && !uids.contains(0) }

    /// Nil while it is not known, and when track was lost: a number may then mean any message.
    func uid(at number: UInt32) -> UID? {
        guard !hasLostTrack, number > 0, number <= uids.count else { return nil }
        return UID(rawValue: uids[Int(number) - 1])
    }

    /// Another mailbox is selected.
    mutating func reset() { self = SequenceMap() }

    /// The UIDs are about to be learnt anew.
    mutating func begin() {
        hasLostTrack = false
        for index in uids.indices { uids[index] = 0 }
    }

    /// Takes what somebody else knows; messages above those stay unknown. False when it can't be true.
    mutating func adopt(_ known: [UInt32]) -> Bool {
        guard !hasLostTrack, known.count <= uids.count else { return false }
        uids.replaceSubrange(0..<known.count, with: known)
        return true
    }

    /// A message has this UID. False when that can't be: UIDs ascend with the numbers (RFC 9051 §2.3.1.1), and no
    /// message changes its own.
    mutating func set(_ uid: UID, at number: UInt32) -> Bool {
        guard number > 0, number <= uids.count else { return false }
        let index = Int(number) - 1
        let new = uid.rawValue
        let fits =
            (uids[index] == 0 || uids[index] == new) && (index == 0 || uids[index - 1] < new)
            && (index + 1 == uids.count || uids[index + 1] == 0 || uids[index + 1] > new)
        if fits { uids[index] = new } else { hasLostTrack = true }
        return fits
    }

    /// EXISTS. True when there are messages whose UID is not known.
    mutating func grow(to count: UInt32) -> Bool {
        guard count > uids.count else {
            // RFC 9051 §7.4.1: EXISTS never makes a mailbox smaller. A server that does so has lost count, or has
            // forgotten to tell of an EXPUNGE.
            if count < uids.count {
                uids.removeLast(uids.count - Int(count))
                hasLostTrack = true
            }
            return false
        }
        uids += [UInt32](repeating: 0, count: Int(count) - uids.count)
        return true
    }

    /// EXPUNGE. Gives the UID that went, when it was known for certain.
    mutating func remove(at number: UInt32) -> UID? {
        guard number > 0, number <= uids.count else {
            hasLostTrack = true
            return nil
        }
        let known = UID(rawValue: uids.remove(at: Int(number) - 1))
        let uid = hasLostTrack ? nil : known
        if uid == nil { hasLostTrack = true }
        return uid
    }

    /// VANISHED. Gives those that were there. Track is lost when one that went may have been of those not known yet.
    mutating func remove(_ set: NumberSet) -> [UID] {
        var gone: [UID] = []
        defer { if gone.count < set.count, uids.contains(0) { hasLostTrack = true } }
        uids.removeAll { uid in
            guard uid > 0, set.contains(uid) else { return false }
            gone.append(UID(uid))
            return true
        }
        return gone
    }
}
