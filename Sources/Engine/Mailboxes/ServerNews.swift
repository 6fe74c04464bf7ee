internal import Loop
internal import MailTypes
internal import Store

/// Which of the server's metadata users have changed, for the sessions that follow it (RFC 5465 §5.7). A user's entries
/// are her own, so she alone hears of them; there are no news of who is not listened to.
final class ServerNews: Sendable {
    private struct Ears {
        var news = MailboxNews()
        var signals: [UInt64: Signal] = [:]
    }
    private struct State {
        var ears: [UserID: Ears] = [:]
        var lastFollower: UInt64 = 0
    }
    private let state = Locked(State())

    /// Raises `.mailbox` on the signal whenever there is news of the user's entries, from now on.
    /// - Returns: the follower's number, and where the news are at this moment.
    func follow(_ user: UserID, _ signal: Signal) -> (follower: UInt64, place: MailboxNews.Place) {
        state.withLock { state in
            state.lastFollower += 1
            state.ears[user, default: Ears()].signals[state.lastFollower] = signal
            return (state.lastFollower, state.ears[user]?.news.end ?? 0)
        }
    }

    func unfollow(_ user: UserID, _ follower: UInt64) {
        state.withLock { state in
            state.ears[user]?.signals[follower] = nil
            if state.ears[user]?.signals.isEmpty ?? false { state.ears[user] = nil }
        }
    }

    func note(_ entries: [MetadataEntry], of user: UserID) {
        let signals = state.withLock { state in
            for entry in entries { state.ears[user]?.news.note(.metadata(MailboxName(""), entry, seenBy: user)) }
            return state.ears[user].map { Array($0.signals.values) } ?? []
        }
        for signal in signals { signal.raise(.mailbox) }
    }

    /// What has happened since.
    /// - Returns: no changes, nil, when too many were missed.
    func changes(
        of user: UserID, since place: MailboxNews.Place
    ) -> (changes: [MailboxChange]?, end: MailboxNews.Place) {
        state.withLock { state in
            guard let news = state.ears[user]?.news else { return ([], place) }
            return (news.changes(since: place), news.end)
        }
    }
}
