package import MailTypes

/// One message sent through one account: whether the upstream took it, and whether its copy lies in Sent.
package struct SentMark: Hashable, Sendable {
    package enum Relay: String, Sendable, CaseIterable {
        /// Handed to the upstream, its answer not yet known; found after a crash it means `unknown`.
        case sending
        /// Waits in the outbox.
        case queued
        case accepted
        case refused
        case unknown
    }

    package enum Copy: String, Sendable, CaseIterable {
        /// No copy yet.
        case missing
        /// Posthouse is saving one.
        case saving
        case savedByClient = "client"
        case savedByPosthouse = "posthouse"
        /// The upstream saves what it sends by itself; where, the journal's places say once it has been seen.
        case savedByUpstream = "upstream"
    }

    package var account: AccountID
    /// Unique within the account; the journal's identity digest.
    package var identity: [UInt8]
    package var messageID: String
    package var relay: Relay
    package var copy: Copy
    package var moment: Moment
    /// The message whose copy is to be saved yet.
    package var content: ContentDigest?

    package init(
        account: AccountID, identity: [UInt8], messageID: String, relay: Relay, copy: Copy = .missing, moment: Moment,
        content: ContentDigest? = nil
    ) {
        self.account = account
        self.identity = identity
        self.messageID = messageID
        self.relay = relay
        self.copy = copy
        self.moment = moment
        self.content = content
    }
}
