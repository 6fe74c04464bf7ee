internal import Engine

/// What is known of another mailbox's counts, and what the client itself has done to them since: its own changes are told
/// from those of others by that (RFC 5465 §5).
struct KnownCounts {
    private let status: MailboxStatus
    private var messages = 0
    private var uids = 0
    private var unseen = 0
    private var isTouched = false

    /// - Parameter isOwn: the client itself has made them what they are.
    init(_ status: MailboxStatus, isOwn: Bool = false) {
        self.status = status
        isTouched = isOwn
    }

    /// The client has put so many messages there.
    mutating func add(_ count: Int, unseen: Int) {
        guard count > 0 else { return }
        messages += count
        uids += count
        self.unseen += unseen
        isTouched = true
    }

    /// It has expunged so many.
    mutating func remove(_ count: Int, unseen: Int) {
        guard count > 0 else { return }
        messages -= count
        self.unseen -= unseen
        isTouched = true
    }

    /// Whether the counts are now what the client has made of them: nobody else has added or expunged anything, since
    /// each message takes a UID of its own.
    /// - Parameter unseenToo: also of those that are not seen.
    func explain(_ now: MailboxStatus, unseenToo: Bool) -> Bool {
        isTouched && now.uidValidity == status.uidValidity && now.messages == status.messages + messages
            && Int(now.uidNext) == Int(status.uidNext) + uids && (!unseenToo || now.unseen == status.unseen + unseen)
    }
}
