package import IMAPSyntax
package import MailTypes
internal import Store

/// LIST, STATUS and what changes the set of mailboxes, through a principal's eyes.
extension Engine {
    /// Every mailbox she may read and every level above one, sorted by name.
    ///
    /// An account whose upstream is away is listed as it was last seen.
    /// - Throws: `.unavailable` when an account was never seen at all: a listing is never shown empty by mistake.
    package func list(for principal: Principal) async throws(EngineError) -> [VisibleMailbox] {
        var listings: [MailboxName: VisibleMailbox] = [:]
        for branch in branches(of: principal) {
            guard let account = account(branch.account.id) else { continue }
            let folders: [CachedMailbox]
            do {
                folders = try await account.folders()
            } catch {
                // One account that was never reached must not hide the others, but her own tree is not shown without it.
                if branch.prefix.isEmpty { throw error }
                continue
            }
            for folder in folders {
                let rights = directory.rights(
                    of: principal.userID, in: branch.account.id, mailbox: folder.listing.name, from: principal.address,
                    at: moment)
                guard rights.contains(.read) else { continue }
                let name = MailboxName(levels: branch.prefix + folder.listing.name.levels)
                listings[name] = VisibleMailbox(
                    name: name, attributes: folder.listing.isSelectable ? [] : .noSelect,
                    uses: branch.prefix.isEmpty ? folder.listing.specialUse.map { [$0] } ?? [] : [],
                    isSubscribed: folder.listing.isSubscribed)
            }
        }
        for name in Array(listings.keys) { addLevels(above: name, to: &listings) }
        return listings.values.sorted { $0.name < $1.name }
    }

    private func addLevels(above name: MailboxName, to listings: inout [MailboxName: VisibleMailbox]) {
        guard let parent = name.parent else { return }
        listings[parent, default: VisibleMailbox(name: parent, attributes: .noSelect)].attributes.insert(.hasChildren)
        addLevels(above: parent, to: &listings)
    }

    /// Counts without opening; from the mirror when it is open, else from the upstream, else as last seen.
    package func status(
        of name: MailboxName, for principal: Principal, needs: StatusNeeds
    ) async throws(EngineError) -> MailboxStatus {
        let place = try resolve(name, for: principal)
        var status = try await place.account.status(place.mailbox, needs)
        if needs.contains(.objectID) {
            status.objectID = try await place.account.objectID(place.mailbox, status.uidValidity)
        }
        return status
    }

    /// What the grants allow in a mailbox now.
    /// - Throws: `.noSuchMailbox` for one that is not there or that she may not read.
    package func rights(in name: MailboxName, for principal: Principal) async throws(EngineError) -> Rights {
        let place = try resolve(name, for: principal)
        guard try await place.account.folders().contains(where: { $0.listing.name == place.mailbox }) else {
            throw .noSuchMailbox
        }
        return place.rights
    }

    /// A mailbox's MAILBOXID (RFC 8474 §4).
    package func objectID(of name: MailboxName, for principal: Principal) async throws(EngineError) -> ObjectID {
        let place = try resolve(name, for: principal)
        return try await place.account.objectID(place.mailbox)
    }

    package func create(_ name: MailboxName, use: SpecialUse? = nil, for principal: Principal) async throws(EngineError)
    {
        try Self.check(name)
        let place = try resolve(name, for: principal, requiring: .write)
        try await place.account.create(place.mailbox, use: use)
    }

    package func delete(_ name: MailboxName, for principal: Principal) async throws(EngineError) {
        let place = try resolve(name, for: principal, requiring: .write)
        guard !place.mailbox.isInbox else { throw .refused(code: "CANNOT", text: "INBOX can't be deleted") }
        try await place.account.delete(place.mailbox)
    }

    /// Renames within one account (RFC 9051 §6.3.6).
    package func rename(
        _ name: MailboxName, to newName: MailboxName, for principal: Principal
    ) async throws(EngineError) {
        try Self.check(newName)
        let source = try resolve(name, for: principal, requiring: .write)
        let target = try resolve(newName, for: principal, requiring: .write)
        guard source.account === target.account else {
            throw .refused(code: "CANNOT", text: "a mailbox can't be renamed into another account")
        }
        try await source.account.rename(source.mailbox, to: target.mailbox)
    }

    package func setSubscribed(
        _ isSubscribed: Bool, _ name: MailboxName, for principal: Principal
    ) async throws(EngineError) {
        let place = try resolve(name, for: principal)
        try await place.account.setSubscribed(isSubscribed, place.mailbox)
    }

    /// Selects a mailbox.
    package func open(
        _ name: MailboxName, for principal: Principal, readOnly: Bool
    ) async throws(EngineError) -> OpenMailbox {
        let place = try resolve(name, for: principal)
        let (mailbox, hold) = try await place.account.open(place.mailbox)
        return OpenMailbox(
            name: name, isReadOnly: readOnly || place.rights.isDisjoint(with: [.flag, .write]), engine: self,
            place: place, mailbox: mailbox, principal: principal, hold: hold)
    }

    /// Whether messages may be saved there: asked before the client is told to send them.
    package func checkAppend(to name: MailboxName, for principal: Principal) async throws(EngineError) {
        let place = try resolve(name, for: principal, requiring: .write)
        try await place.account.checkExists(place.mailbox)
    }

    /// Saves messages at the upstream, in order, each scanned once (RFC 9051 §6.3.12): all, or none when the upstream
    /// refuses one (RFC 3502 §3).
    package func append(
        _ messages: [AppendMessage], to name: MailboxName, for principal: Principal
    ) async throws(EngineError) -> AppendOutcome {
        let place = try resolve(name, for: principal, requiring: .write)
        return try await place.account.append(messages, to: place.mailbox, by: principal.userName)
    }

    /// The most levels of a mailbox name, and the most octets of one in UTF-8.
    static let maximumLevels = 32
    static let maximumNameLength = 1000

    private static func check(_ name: MailboxName) throws(EngineError) {
        let levels = name.levels
        guard !levels.contains(where: \.isEmpty) else { throw .invalidName("a level of the name is empty") }
        guard levels.count <= maximumLevels else {
            throw .invalidName("the name has more than \(maximumLevels) levels")
        }
        guard name.text.utf8.count <= maximumNameLength else {
            throw .invalidName("the name is longer than \(maximumNameLength) octets")
        }
        guard name.text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw .invalidName("the name has a control character")
        }
        guard !name.text.contains(where: { $0 == "%" || $0 == "*" }) else {
            throw .invalidName("the name has a wildcard")
        }
    }
}
