internal import Bytes
internal import IMAPSyntax
internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream
internal import Vault

/// Identifiers and save dates: the upstream's own where it has them, else ours (RFC 8474, RFC 8514).
extension Account {
    /// What is asked of these messages; those that are gone are left out.
    /// - Parameter gmail: Gmail's own items, and those that are not known here.
    func particulars(
        _ id: CachedMailbox.ID, _ uids: [UID], needs: ParticularNeeds, gmail: [FetchAttribute] = []
    ) async throws(EngineError) -> FoundParticulars {
        let mailbox = try opened(id)
        let present = mailbox.mirror.present(uids)
        var found = FoundParticulars()
        let wantsPreview = !needs.isDisjoint(with: [.preview, .lazyPreview])
        var known = needs.isEmpty ? [:] : await remembered(present, in: mailbox, withPreview: wantsPreview)
        if !needs.isDisjoint(with: [.emailID, .threadID, .saveDate]) {
            do { try await askUpstream(present, in: mailbox, &known) } catch { found.failure = error }
        }
        if needs.contains(.emailID) {
            do { try await identify(present, in: mailbox, &known) } catch { found.failure = error }
        }
        if wantsPreview {
            let previews = await preview(
                present.filter { known[$0]?.preview == nil }, in: mailbox, isLazy: !needs.contains(.preview))
            for (uid, text) in previews.texts { known[uid]?.preview = text }
            found.failure = previews.failure ?? found.failure
        }
        for (uid, particulars) in known { found.messages[uid] = MessageParticulars(particulars) }
        if !gmail.isEmpty {
            do { try await addGmailItems(gmail, of: present, in: mailbox, to: &found.messages) } catch {
                found.failure = error
            }
        }
        return found
    }

    /// What the cache has of each of them, if only that it has nothing.
    private func remembered(
        _ uids: [UID], in mailbox: LiveMailbox, withPreview: Bool
    ) async -> [UID: CachedParticulars] {
        var known = Dictionary(uids.map { ($0, CachedParticulars(uid: $0)) }) { first, _ in first }
        do {
            let found = try await services.cache.particulars(of: uids, in: mailbox.id, withPreview: withPreview)
            for particulars in found where known[particulars.uid] != nil { known[particulars.uid] = particulars }
        } catch { noteCacheFailure(error) }
        return known
    }

    /// Asks for the upstream's own of messages of which that was never done. It is done once and remembered, so that
    /// what was told of a message does not change when the upstream learns a new extension.
    private func askUpstream(
        _ uids: [UID], in mailbox: LiveMailbox, _ known: inout [UID: CachedParticulars]
    ) async throws(EngineError) {
        let untold = uids.filter { known[$0]?.isTold == false }
        for batch in untold.batches(of: Self.metadataBatch) {
            let told = try await onLine(mailbox) { (client) async throws(UpstreamError) in
                try await client.fetchParticulars(NumberSet(batch))
            }
            let own = Dictionary(told.map { ($0.uid, $0) }) { $1 }
            for uid in batch {
                known[uid]?.isTold = true
                guard let own = own[uid] else { continue }
                known[uid]?.emailID = own.emailID?.description
                known[uid]?.threadID = own.threadID?.description
                known[uid]?.saveDate = own.saveDate
            }
            await remember(batch.compactMap { known[$0] }, in: mailbox)
        }
    }

    /// Gives an identifier to messages that have none from the upstream. It is made of the account, the date of
    /// arrival and the header, which go with a message from mailbox to mailbox; of the whole message where the header
    /// has no Message-ID and so may be that of another one.
    private func identify(
        _ uids: [UID], in mailbox: LiveMailbox, _ known: inout [UID: CachedParticulars]
    ) async throws(EngineError) {
        let nameless = uids.filter { known[$0]?.isTold == true && known[$0]?.emailID == nil }
        var failure: EngineError?
        for batch in nameless.batches(of: Self.metadataBatch) {
            let fetched = try await messages(mailbox.id, Array(batch), needs: [.header, .internalDate])
            failure = failure ?? fetched.failure
            var whole: [UID] = []
            for message in fetched.messages {
                guard let header = message.header, let date = message.internalDate else { continue }
                guard MessageHeader(header).messageID != nil else {
                    whole.append(message.uid)
                    continue
                }
                known[message.uid]?.emailID = DerivedID.email(id, date, SHA256.digest(of: header.trimmedOfLineEnds))
            }
            for bodies in whole.batches(of: Self.bodyBatch) {
                let fetched = try await messages(mailbox.id, Array(bodies), needs: [.body, .internalDate])
                failure = failure ?? fetched.failure
                for message in fetched.messages {
                    guard let body = message.body, let date = message.internalDate else { continue }
                    known[message.uid]?.emailID = DerivedID.email(id, date, try await body.digest())
                }
            }
            await remember(batch.compactMap { known[$0] }, in: mailbox)
        }
        if let failure { throw failure }
    }

    /// Puts particulars into the cache.
    func remember(_ particulars: [CachedParticulars], in mailbox: LiveMailbox) async {
        do { try await services.cache.save(particulars, in: mailbox.id) } catch { noteCacheFailure(error) }
    }

    /// A mailbox's MAILBOXID (RFC 8474 §4): the upstream's own, else one made of account, name and UIDVALIDITY. Once
    /// given it stays with the mailbox under other names, as long as the UIDVALIDITY is the same.
    /// - Parameter uidValidity: as just told by the upstream; nil to ask for it.
    func objectID(_ name: MailboxName, _ uidValidity: UIDValidity? = nil) async throws(EngineError) -> ObjectID {
        let folder = try await selectable(name)
        let stored: (id: String, uidValidity: UIDValidity)?
        do { stored = try await services.cache.objectID(of: folder.id) } catch { throw EngineError(error) }
        let current = uidValidity ?? live[folder.id].flatMap { $0.wasSynchronised ? $0.mirror.uidValidity : nil }
        if let stored, stored.uidValidity == current ?? folder.uidValidity, let id = ObjectID(stored.id.utf8) {
            return id
        }
        let (own, validity) = try await upstreamObjectID(folder, current)
        let candidates =
            own.map { [$0.description] }
            ?? (0..<DerivedID.attempts).map { DerivedID.mailbox(id, name, validity, attempt: $0) }
        let claimed: String?
        do { claimed = try await services.cache.claimObjectID(candidates, validity, for: folder.id) } catch {
            throw EngineError(error)
        }
        guard let claimed, let id = ObjectID(claimed.utf8) else {
            throw .refused(code: nil, text: "the upstream gives one identifier to several mailboxes")
        }
        return id
    }

    /// The upstream's own MAILBOXID, nil where it has none, and the UIDVALIDITY. It is asked only where neither is known:
    /// to open a mailbox takes no second connection.
    private func upstreamObjectID(
        _ folder: CachedMailbox, _ uidValidity: UIDValidity?
    ) async throws(EngineError) -> (ObjectID?, UIDValidity) {
        if let own = live[folder.id]?.objectID, let uidValidity { return (own, uidValidity) }
        if let uidValidity, abilities.withLock({ $0?.hasObjectIDs == false }) { return (nil, uidValidity) }
        let counts = try await onLine { (client) async throws(UpstreamError) in
            try await client.status(folder.listing.name, withObjectID: true)
        }
        return (counts.objectID, counts.uidValidity)
    }
}

/// Identifiers that are made of what they name, so that they mean the same when they are made again.
enum DerivedID {
    /// Identifiers tried for a mailbox: one made of a name that another mailbox had before may be taken.
    static let attempts = 16
    /// Octets of a digest that stand in an identifier.
    private static let length = 16

    /// EMAILID: the same for all messages of the account with this date and content.
    static func email(_ account: AccountID, _ date: Moment, _ digest: [UInt8]) -> String {
        make("E", ["email", "\(account.rawValue)", "\(date.seconds)", digest.hexadecimal])
    }

    /// MAILBOXID.
    static func mailbox(
        _ account: AccountID, _ name: MailboxName, _ uidValidity: UIDValidity, attempt: Int
    ) -> String {
        make("M", ["mailbox", "\(account.rawValue)", "\(uidValidity.rawValue)", "\(attempt)", name.text])
    }

    /// The name comes last: only it may have any character.
    private static func make(_ kind: String, _ words: [String]) -> String {
        kind + SHA256.digest(of: Array(words.joined(separator: "\n").utf8)).prefix(length).hexadecimal
    }
}

extension MessageParticulars {
    fileprivate init(_ known: CachedParticulars) {
        self.init(
            emailID: known.emailID.flatMap { ObjectID($0.utf8) },
            threadID: known.threadID.flatMap { ObjectID($0.utf8) },
            // Not before the upstream was asked: its own would be another.
            saveDate: known.isTold ? known.saveDate ?? known.firstSeen : nil, preview: known.preview)
    }
}

extension [UInt8] {
    /// Servers do not agree on whether the empty line belongs to a header.
    fileprivate var trimmedOfLineEnds: [UInt8] {
        var octets = self
        while let last = octets.last, last == ASCII.cr || last == ASCII.lf { octets.removeLast() }
        return octets
    }
}
