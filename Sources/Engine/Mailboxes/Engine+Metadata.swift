package import IMAPSyntax
package import MailTypes
internal import Store

/// Metadata of mailboxes and of the server, through a principal's eyes (RFC 5464). All of it is kept here, whatever the
/// upstream has: private entries are hers, shared ones are the mailbox's.
extension Engine {
    /// What is found of the entries that were asked for.
    package struct Metadata: Sendable, Hashable {
        /// Each entry once, without a value when it has none. Those with a value below an entry follow it.
        package var values: [MetadataValue]
        /// Octets of the largest value that was left out since it is larger than wanted; nil when none was.
        package var longest: Int?
    }

    /// The most octets of an entry's name.
    package static let metadataNameLimit = 1_000

    /// The entries' values (RFC 5464 §4.2).
    /// - Parameters:
    ///   - name: nil for the server's own.
    ///   - largest: octets of the largest value that is wanted; nil for any.
    /// - Throws: `.noSuchMailbox` for one that can't be selected or that she may not read.
    package func metadata(
        _ entries: [MetadataEntry], _ depth: MetadataEntry.Depth = .entry, of name: MailboxName?, largest: Int? = nil,
        for principal: Principal
    ) async throws(EngineError) -> Metadata {
        let subject = try await subject(name, for: principal)
        let user = principal.userID
        let configured = subject == .server ? configuration.metadata : []
        do {
            return try await store.read { (store) throws(StoreError) in
                var gathering = Gathering(largest: largest ?? .max)
                for entry in entries {
                    let stored = try store.metadata(entry, depth, of: subject, for: user)
                    let own = configured.filter { $0.entry.isMeant(by: entry, depth) }
                    if !stored.contains(where: { $0.entry == entry }), !own.contains(where: { $0.entry == entry }) {
                        gathering.addMissing(entry)
                    }
                    for (name, value) in own { gathering.add(name, entry, value.count) { value } }
                    for piece in stored {
                        try gathering.add(piece.entry, entry, piece.size) { () throws(StoreError) in
                            try store.value(of: piece)
                        }
                    }
                }
                return gathering.metadata
            }
        } catch { throw EngineError(error) }
    }

    /// Entries as they are found. Each is told once, and its value is not read again, however often it was asked for.
    private struct Gathering {
        var metadata = Metadata(values: [])
        let largest: Int
        private var told: Set<MetadataEntry> = []

        init(largest: Int) { self.largest = largest }

        mutating func addMissing(_ entry: MetadataEntry) {
            if told.insert(entry).inserted { metadata.values.append(MetadataValue(entry, nil)) }
        }

        /// - Parameter asked: a name that was asked for, whose spelling by the client is kept.
        mutating func add<Failure: Error>(
            _ entry: MetadataEntry, _ asked: MetadataEntry, _ size: Int, value: () throws(Failure) -> [UInt8]
        ) throws(Failure) {
            guard told.insert(entry).inserted else { return }
            guard size <= largest else {
                metadata.longest = max(metadata.longest ?? 0, size)
                return
            }
            metadata.values.append(MetadataValue(entry == asked ? asked : entry, try value()))
        }
    }

    /// Gives the entries these values, and removes those without one: all or none (RFC 5464 §4.3).
    ///
    /// Who may read a mailbox may keep private entries of it. Shared ones are changed with the right to flag, which is
    /// `w` of RFC 4314; RFC 5464 §3.3 would let any reader do it.
    /// - Parameter name: nil for the server, whose shared entries are configured and can't be set.
    /// - Throws: `.noSuchMailbox` for one that can't be selected or that she may not read, `.noPermission`,
    ///   `.tooManyEntries`, `.valueTooLarge`; `.refused` for what can't be set by anybody.
    package func setMetadata(
        _ values: [MetadataValue], of name: MailboxName?, for principal: Principal
    ) async throws(EngineError) {
        let isShared = values.contains { $0.entry.scope == .shared }
        let subject = try await subject(name, for: principal, requiring: isShared ? [.read, .flag] : .read)
        if isShared, subject == .server {
            throw .refused(code: "NOPERM", text: "The server's shared entries are set by its administrator")
        }
        guard !values.contains(where: \.entry.isScope) else {
            throw .refused(code: "CANNOT", text: "An entry with a value lies below /private or /shared")
        }
        guard values.allSatisfy({ $0.entry.text.utf8.count <= Self.metadataNameLimit }) else {
            throw .refused(code: "LIMIT", text: "The name of an entry is longer than \(Self.metadataNameLimit) octets")
        }
        let pieces = values.map { (entry: $0.entry, value: $0.value) }
        let user = principal.userID
        do throws(StoreError) {
            try await store.transaction { (transaction) throws(StoreError) in
                try transaction.set(metadata: pieces, of: subject, for: user)
            }
        } catch {
            switch error {
            case .tooMany(.metadata, _): throw .tooManyEntries
            case .tooLarge(.metadata, let limit): throw .valueTooLarge(limit: limit)
            default: throw EngineError(error)
            }
        }
        await note(values.map(\.entry), of: subject, by: user)
    }

    /// Tells sessions that follow it. What is private is the business of this user's alone.
    private func note(_ entries: [MetadataEntry], of subject: MetadataSubject, by user: UserID) async {
        guard case .mailbox(let id, let mailbox) = subject else { return serverNews.note(entries, of: user) }
        await account(id)?.note(
            entries.map { .metadata(mailbox, $0, seenBy: $0.scope == .private ? user : nil) })
    }

    /// The mailbox that a name leads to; the server for nil.
    private func subject(
        _ name: MailboxName?, for principal: Principal, requiring right: Rights = .read
    ) async throws(EngineError) -> MetadataSubject {
        guard let name else { return .server }
        let place = try resolve(name, for: principal)
        // A mailbox that is not there is told apart from one where the right is lacking.
        try await place.account.checkExists(place.mailbox)
        guard place.rights.isSuperset(of: right) else { throw .noPermission }
        return .mailbox(place.account.id, place.mailbox)
    }
}

extension Engine.Configuration {
    /// The server's shared entries (RFC 5464 §6.2.1).
    fileprivate var metadata: [(entry: MetadataEntry, value: [UInt8])] {
        [("/shared/admin", administratorAddress), ("/shared/comment", serverComment)].compactMap { name, text in
            guard let entry = MetadataEntry(name), let text else { return nil }
            return (entry, Array(text.utf8))
        }
    }
}

extension MetadataEntry {
    /// Whether it is one of those that were asked for. It lies right below `/shared` or `/private` itself.
    fileprivate func isMeant(by asked: MetadataEntry, _ depth: Depth) -> Bool {
        self == asked || depth != .entry && asked.isScope && asked.scope == scope
    }
}
