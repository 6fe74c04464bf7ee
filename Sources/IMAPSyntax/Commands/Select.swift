package import MailTypes

/// `SELECT` and `EXAMINE` (RFC 9051 §6.3.2) with the parameters of RFC 4466 §2.2.
package struct SelectCommand: Hashable, Sendable {
    /// `QRESYNC (…)` (RFC 7162 §3.2.5).
    package struct QuickResync: Hashable, Sendable {
        package var uidValidity: UIDValidity
        package var modSeq: ModSeq
        package var knownUIDs: SequenceSet?
        /// Sequence numbers and the UIDs that the client has for them.
        package var match: Match?

        package struct Match: Hashable, Sendable {
            package var numbers: SequenceSet
            package var uids: SequenceSet
            package init(numbers: SequenceSet, uids: SequenceSet) {
                self.numbers = numbers
                self.uids = uids
            }
        }

        package init(uidValidity: UIDValidity, modSeq: ModSeq, knownUIDs: SequenceSet? = nil, match: Match? = nil) {
            self.uidValidity = uidValidity
            self.modSeq = modSeq
            self.knownUIDs = knownUIDs
            self.match = match
        }
    }

    package var mailbox: MailboxName
    /// True for `EXAMINE`.
    package var isReadOnly: Bool
    /// `CONDSTORE` (RFC 7162 §3.1.8).
    package var condStore: Bool
    package var quickResync: QuickResync?

    package init(
        mailbox: MailboxName, isReadOnly: Bool = false, condStore: Bool = false, quickResync: QuickResync? = nil
    ) {
        self.mailbox = mailbox
        self.isReadOnly = isReadOnly
        self.condStore = condStore
        self.quickResync = quickResync
    }
}
