package import MailTypes

/// What a client that was away remembers of a mailbox (RFC 7162 §3.2.5).
package struct ClientMemory: Hashable, Sendable {
    /// Some of the sequence numbers the client knows and their UIDs: two sets of one size, in the same order
    /// (RFC 7162 §3.2.5.2).
    package struct Landmarks: Hashable, Sendable {
        package let numbers: NumberSet
        package let uids: NumberSet

        /// Nil when the sets are not of one size.
        package init?(numbers: NumberSet, uids: NumberSet) {
            guard numbers.count == uids.count else { return nil }
            self.numbers = numbers
            self.uids = uids
        }
    }

    /// The mod-sequence up to which it knows everything.
    package var modSeq: ModSeq
    /// The messages it knows of; nil stands for every UID below UIDNEXT.
    package var knownUIDs: NumberSet?
    package var landmarks: Landmarks?

    package init(modSeq: ModSeq, knownUIDs: NumberSet? = nil, landmarks: Landmarks? = nil) {
        self.modSeq = modSeq
        self.knownUIDs = knownUIDs
        self.landmarks = landmarks
    }
}

/// What such a client has missed.
package struct MissedChanges: Hashable, Sendable {
    /// UIDs that are gone; some of them the client may never have heard of (RFC 7162 §3.2.10.1).
    package var vanished: NumberSet
    /// Messages that came or whose flags changed, ascending.
    package var changed: [UID]
}

extension MailboxMirror {
    /// What a client with this memory has to be told to know the mailbox as it is.
    ///
    /// What the log no longer tells is found by comparing UIDs, as RFC 7162 §3.2.5.2 allows. A client whose
    /// mod-sequence belongs to a past that was lost here is told everything.
    package func missed(_ memory: ClientMemory) -> MissedChanges {
        let changed = uids(allChangedAfter: memory.modSeq)
        var candidates = memory.knownUIDs ?? NumberSet(1...UInt32.max)
        if let agreed = lastAgreed(memory.landmarks, below: changed.first), memory.modSeq < expunges.completeAfter {
            candidates = candidates.subtracting(NumberSet(1...agreed))
        }
        return MissedChanges(
            vanished: vanished(after: memory.modSeq, among: candidates),
            changed: changed.filter { memory.knownUIDs?.contains($0) ?? true })
    }

    /// Whether what a client knows up to this mod-sequence is known here as well.
    package func remembers(_ modSeq: ModSeq) -> Bool { modSeq <= highestModSeq && !lost.contains(modSeq) }

    /// The messages that changed after `modSeq`, by UID; all when it is not remembered what was before.
    private func uids(allChangedAfter modSeq: ModSeq) -> [UID] {
        remembers(modSeq) ? uids(changedAfter: modSeq) : uids.map { UID($0) }
    }

    /// The UIDs of `set` that were expunged after `modSeq`; all that are not there when the log no longer tells.
    /// None from UIDNEXT on: messages may still come under them.
    package func vanished(after modSeq: ModSeq, among set: NumberSet) -> NumberSet {
        guard uidNext > 1 else { return NumberSet() }
        let set = set.intersection(NumberSet(1...uidNext - 1))
        if remembers(modSeq), let expunged = uids(expungedAfter: modSeq) { return expunged.intersection(set) }
        return set.subtracting(uidSet)
    }

    /// The UID up to which the client's landmarks show that it knows what is there and nothing else. The first that is
    /// wrong ends it, since the numbers after it have moved; so does the first change, which may be a message that came
    /// late and stands in for one that is gone.
    private func lastAgreed(_ landmarks: ClientMemory.Landmarks?, below firstChange: UID?) -> UInt32? {
        guard let landmarks else { return nil }
        var agreed: UInt32?
        for (number, uid) in zip(landmarks.numbers.numbers, landmarks.uids.numbers) {
            guard Int(number) <= uids.count, uids[Int(number) - 1] == uid, uid < firstChange?.rawValue ?? .max else {
                break
            }
            agreed = uid
        }
        return agreed
    }
}
