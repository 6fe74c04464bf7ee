internal import MailTypes

/// Which UID each sequence number of a selected mailbox has, as far as it is known: EXPUNGE speaks in sequence numbers.
struct SequenceMap {
    /// Zero where the UID is not known yet.
    private var uids: [UInt32] = []

    var count: Int { uids.count }

    func uid(at number: UInt32) -> UID? {
        guard number > 0, number <= uids.count else { return nil }
        return UID(rawValue: uids[Int(number) - 1])
    }

    /// Another mailbox is selected.
    mutating func reset() { uids = [] }

    /// Takes what somebody else knows; messages above those stay unknown.
    mutating func adopt(_ known: [UInt32]) {
        for (place, uid) in known.enumerated() where place < uids.count { uids[place] = uid }
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
        guard number > 0, number <= uids.count else { return nil }
        return UID(rawValue: uids.remove(at: Int(number) - 1))
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
