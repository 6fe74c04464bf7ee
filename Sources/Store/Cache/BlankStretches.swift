internal import MailTypes

/// Stretches of UIDs of which nothing is in the cache, as far as looking there has shown: a mailbox that is read for the
/// first time is not looked up message by message.
struct BlankStretches {
    /// Mailboxes with such stretches, and stretches of one; beyond that they are forgotten.
    static let mailboxLimit = 1000
    static let stretchLimit = 1000

    private var mailboxes: [CachedMailbox.ID: NumberSet] = [:]
    /// Goes up with everything that is saved.
    private(set) var saves: UInt64 = 0

    func contains(_ uid: UID, of mailbox: CachedMailbox.ID) -> Bool { mailboxes[mailbox]?.contains(uid) ?? false }

    /// A look into the cache found nothing there.
    /// - Parameter saves: what it was when the look began. What has been saved since may be there by now.
    mutating func insert(_ stretch: ClosedRange<UInt32>, of mailbox: CachedMailbox.ID, asOf saves: UInt64) {
        guard saves == self.saves else { return }
        if mailboxes.count >= Self.mailboxLimit, mailboxes[mailbox] == nil { mailboxes = [:] }
        mailboxes[mailbox, default: NumberSet()].insert(stretch)
    }

    /// Something is being saved of these messages: called before and after, since a look may fall between.
    mutating func remove(_ uids: NumberSet, of mailbox: CachedMailbox.ID) {
        saves += 1
        guard let stretches = mailboxes[mailbox] else { return }
        let rest = stretches.subtracting(uids)
        mailboxes[mailbox] = rest.isEmpty || rest.ranges.count > Self.stretchLimit ? nil : rest
    }
}
