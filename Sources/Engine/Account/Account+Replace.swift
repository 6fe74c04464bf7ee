internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Store
internal import Upstream

/// A message that another one has taken the place of, as long as it is still at the upstream.
struct ReplacedMessage: Sendable, Hashable {
    let mailbox: CachedMailbox.ID
    let uidValidity: UIDValidity
    let uid: UID
}

/// REPLACE (RFC 8508): the new message is saved first, and only then the old one goes, so that a draft is never lost. When
/// a connection breaks between the two, the old one goes as soon as the upstream is back.
extension Account {
    /// Replaced messages that may wait for the upstream to come back; what is beyond stays where it is.
    static let replacedLimit = 1000
    /// New messages that are compared with one whose saving was not answered.
    static let comparedMessages = 16

    /// Saves a message in any account and removes the one that it stands for.
    func replace(
        _ id: CachedMailbox.ID, _ uid: UID, by message: AppendMessage, in target: Engine.Place, actor: String
    ) async throws(EngineError) -> AppendOutcome {
        let mailbox = try opened(id)
        guard mailbox.mirror.contains(uid) else {
            throw .refused(code: "NONEXISTENT", text: "The message to be replaced is gone")
        }
        let old = ReplacedMessage(mailbox: id, uidValidity: mailbox.mirror.uidValidity, uid: uid)
        guard target.account !== self else {
            return try await append([message], to: target.mailbox, by: actor, replacing: old)
        }
        let outcome = try await target.account.append([message], to: target.mailbox, by: actor)
        try await remove(old)
        return outcome
    }

    /// Saves by the upstream's own REPLACE.
    /// - Returns: where the message is, when the upstream says so; nil when it has no REPLACE.
    func saveReplacing(
        _ old: ReplacedMessage, by message: OutgoingMessage, in name: MailboxName
    ) async throws(EngineError) -> SavedMessage?? {
        let mailbox = try opened(old.mailbox)
        let epoch = mailbox.mirror.epoch
        return try await onLine(mailbox, in: epoch, isRepeatable: false) {
            (client) async throws(UpstreamError) -> SavedMessage?? in
            guard client.replaces else { return nil }
            let place = try await client.replace(old.uid, by: message, in: name)
            return .some(place.map { SavedMessage(uidValidity: $0.0, uid: $0.1) })
        }
    }

    /// Removes a message that was replaced. One that the upstream can't be asked for now goes later.
    /// - Throws: `.refused` when the upstream does not let it go.
    func remove(_ old: ReplacedMessage) async throws(EngineError) {
        guard let mailbox = live[old.mailbox], mailbox.mirror.uidValidity == old.uidValidity,
            mailbox.mirror.contains(old.uid)
        else { return }
        do throws(EngineError) {
            try await onLine(mailbox, in: mailbox.mirror.epoch) { (client) async throws(UpstreamError) in
                try await client.store(NumberSet([old.uid]), .add, [.deleted])
                try await client.expunge(NumberSet([old.uid]))
            }
        } catch {
            switch error {
            case .newEpoch: return
            case .unavailable where replaced.count < Self.replacedLimit:
                replaced.append(old)
                log.notice("a replaced message stays until the upstream is back", ["mailbox": mailbox.name])
            default: throw error
            }
        }
    }

    /// Removes what was replaced while the upstream was away. Called now and then by the account's upkeep.
    func removeReplaced() async {
        let waiting = replaced
        replaced = []
        for old in waiting {
            do throws(EngineError) {
                if live[old.mailbox] == nil, let folder = known.values.first(where: { $0.id == old.mailbox }) {
                    let mailbox = try await load(folder)
                    mailbox.leftAt = loop.now
                }
                try await remove(old)
            } catch {
                log.error("a replaced message can't be removed", ["uid": "\(old.uid)", "reason": "\(error)"])
            }
        }
    }

    /// Looks whether a message arrived whose saving was not answered since the connection broke.
    /// - Parameter next: the mailbox's next UID before it was sent.
    /// - Returns: where it is; nil when it did not arrive, or when that can't be told.
    func findSaved(_ content: MessageBody, in mailbox: LiveMailbox, from next: UInt32) async -> SavedMessage? {
        let validity = mailbox.mirror.uidValidity
        do throws(EngineError) {
            try await onLine(mailbox) { (client) async throws(UpstreamError) in try await client.poll() }
            guard mailbox.mirror.uidValidity == validity else { return nil }
            let mirror = mailbox.mirror
            let new = mirror.uids(in: mirror.uidSet).filter { $0.rawValue >= next }
            let found = try await messages(mailbox.id, Array(new.suffix(Self.comparedMessages)), needs: [.size])
            for message in found.messages.reversed() where message.size == UInt64(content.size) {
                let whole = try await messages(mailbox.id, [message.uid], needs: [.body])
                guard let body = whole.messages.first?.body, try await body.isSame(as: content) else { continue }
                return SavedMessage(uidValidity: validity, uid: message.uid)
            }
        } catch {
            log.debug("not known whether a message was saved", ["mailbox": mailbox.name, "reason": "\(error)"])
        }
        return nil
    }
}

extension MessageBody {
    /// Whether another message has the same octets.
    fileprivate func isSame(as other: MessageBody) async throws(EngineError) -> Bool {
        guard size == other.size else { return false }
        for start in stride(from: 0, to: size, by: Self.pieceSize) {
            let range = start..<min(start + Self.pieceSize, size)
            guard try await read(range) == other.read(range) else { return false }
        }
        return true
    }
}
