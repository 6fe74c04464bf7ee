package import MailTypes
package import Store

/// A message that a client sends, as it came from the client and before its upstream hears of it.
package struct SubmissionPassage: Sendable {
    package var account: AccountID
    /// The login name of who sends.
    package var actor: String
    /// MAIL FROM; nil for the null reverse-path.
    package var sender: EmailAddress?
    /// Every RCPT TO.
    package var recipients: [EmailAddress]
    package var message: MessageBody

    package init(
        account: AccountID, actor: String, sender: EmailAddress?, recipients: [EmailAddress], message: MessageBody
    ) {
        self.account = account
        self.actor = actor
        self.sender = sender
        self.recipients = recipients
        self.message = message
    }
}

/// A message that may now be handed to the upstream. While this value is held, every other sighting of the same message
/// (a client's copy, a second submission) waits; so keep it until the Sent copy is settled, then let go of it.
package struct PreparedSubmission: Sendable {
    package let account: AccountID
    /// The message as it is to be relayed and kept: the client's own, with the fields it lacked.
    package let message: MessageBody
    /// Without angle brackets.
    package let messageID: String
    /// What makes it the same message wherever it is seen.
    package let identity: [UInt8]
    /// Whether the upstream has accepted this message before.
    package let wasAccepted: Bool
    /// Where the Sent copy stands; `.missing` when none is known.
    package let copy: SentMark.Copy

    let passage: SubmissionPassage
    let gathered: GatheredMessage
    let recorded: RecordableMessage?
    /// The message to be kept until its copy is saved; nil when no copy is wanted, or the store can't take it.
    let owed: OwedCopy?
    let journal: JournalID
    let flight: Flights.Hold
}

/// What the upstream said to a message.
package enum RelayOutcome: Hashable, Sendable {
    /// 250 after DATA.
    case accepted
    /// A refusal; the client may send the message again.
    case refused(String)
    /// The connection was lost after the last octet and before the answer.
    case unknown(String)
}
