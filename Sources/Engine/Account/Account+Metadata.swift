internal import Loop
internal import MailTypes
internal import Store

/// Metadata follows its mailbox. The change at the upstream stands when it can't; the log says so.
extension Account {
    /// A mailbox is gone, or one of its name was made anew.
    func forgetMetadata(of name: MailboxName) async {
        let account = id
        await keepMetadata(of: name) { (transaction) throws(StoreError) in
            try transaction.removeMetadata(of: account, name)
        }
    }

    /// A mailbox has another name, and those below it have too.
    func renameMetadata(of name: MailboxName, to newName: MailboxName) async {
        let account = id
        await keepMetadata(of: name) { (transaction) throws(StoreError) in
            try transaction.renameMetadata(of: account, name, to: newName)
        }
    }

    private func keepMetadata(
        of name: MailboxName, _ change: @escaping @Sendable (StoreTransaction) throws(StoreError) -> Void
    ) async {
        do throws(StoreError) { try await services.store.transaction(change) } catch {
            log.error("metadata can't be kept", ["mailbox": name.text, "reason": "\(error)"])
        }
    }
}
