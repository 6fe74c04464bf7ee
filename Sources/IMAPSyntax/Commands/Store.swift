package import MailTypes

/// `STORE` and `UID STORE` (RFC 9051 §6.4.6, RFC 7162 §3.1.3).
package struct StoreCommand: Hashable, Sendable {
    package enum Change: Hashable, Sendable {
        /// `FLAGS`.
        case replace
        /// `+FLAGS`.
        case add
        /// `-FLAGS`.
        case remove
    }

    package var isUID: Bool
    package var messages: MessageSet
    package var change: Change
    package var isSilent: Bool
    package var flags: [Flag]
    package var unchangedSince: ModSeq?

    package init(
        isUID: Bool = false, messages: MessageSet, change: Change, isSilent: Bool = false, flags: [Flag],
        unchangedSince: ModSeq? = nil
    ) {
        self.isUID = isUID
        self.messages = messages
        self.change = change
        self.isSilent = isSilent
        self.flags = flags
        self.unchangedSince = unchangedSince
    }
}
