package import Loop
package import MailTypes
package import Store
package import Vault

/// Runs an account's scanner actions on each message that passes, exactly once (product §3, D10).
package final class PassageScanner: Sendable {
    package init(
        store: Store, vault: Vault, clock: WallClock, hostName: String, log: Log, counters: Counters
    ) { fatalError("API") }

    /// Deals with a sighting. Never throws: what fails is journalled, logged and tried again.
    package func pass(_ passage: Passage) async -> PassageOutcome { fatalError("API") }

    /// Those of the messages that are to be scanned at all and that the journal does not know at these places yet, so
    /// that the others need not be fetched.
    package func unscanned(
        _ messages: [(uid: UID, internalDate: Moment?)], in mailbox: MailboxName, uidValidity: UIDValidity,
        of account: AccountID
    ) async -> [UID] { fatalError("API") }

    /// The copy of this message that Posthouse itself saved in the mailbox for the sender a short while ago, if it did.
    func savedCopy(
        of message: MessageBody, in mailbox: MailboxName, of account: AccountID
    ) async -> SavedMessage? { fatalError("API") }
}
