internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import Store

/// Reading what messages are listed by.
extension Account {
    /// What a listing may need besides chosen header fields.
    static let listingNeeds: MessageNeeds = [.internalDate, .size, .header]

    /// Like `messages`, with some fields of each header in place of the header.
    /// - Parameter needs: of `listingNeeds`; `.header` stands for the chosen fields.
    func listing(
        _ id: CachedMailbox.ID, _ uids: [UID], needs: MessageNeeds, choosing selection: HeaderSelection
    ) async throws(EngineError) -> FetchedMessages {
        let mailbox = try opened(id)
        let epoch = mailbox.mirror.epoch
        let shelf = HeaderMemory.Shelf(mailbox: id, uidValidity: epoch.uidValidity, selection: selection)
        let present = mailbox.mirror.present(uids)
        let remembered = services.headers.withLock { $0.entries(of: present, on: shelf) }
        let lacking = zip(present, remembered).filter { $0.1 == nil }.map(\.0)
        var result = FetchedMessages(messages: [], failure: nil)
        var fetched: ArraySlice<MessageData> = []
        if !lacking.isEmpty {
            let found = try await messages(id, lacking, needs: Self.listingNeeds)
            result.failure = found.failure
            fetched = found.messages.map { $0.choosing(selection) }[...]
            guard epoch == mailbox.mirror.epoch else { throw .newEpoch }
            let entries = fetched.compactMap { message in message.remembered.map { (message.uid, $0) } }
            services.headers.withLock { $0.note(entries, on: shelf) }
        }
        listedCount.add(present.count - lacking.count)
        let mirror = mailbox.mirror
        result.messages.reserveCapacity(present.count)
        for (uid, entry) in zip(present, remembered) {
            if let entry {
                // Gone meanwhile, if something had to be waited for.
                guard let row = mirror.row(of: uid) else { continue }
                var message = MessageData(uid: uid, flags: row.flags.flags, modSeq: row.modSeq)
                message.internalDate = entry.internalDate
                message.size = entry.size
                message.fields = entry.fields
                result.messages.append(message)
            } else if fetched.first?.uid == uid, let message = fetched.popFirst() {
                result.messages.append(message)
            }
        }
        return result
    }
}

extension MessageData {
    /// With the chosen fields in place of the header.
    fileprivate func choosing(_ selection: HeaderSelection) -> MessageData {
        var message = self
        message.fields = header.map { selection.fields(of: $0) }
        message.header = nil
        return message
    }

    /// What is worth remembering for the next listing.
    fileprivate var remembered: HeaderMemory.Entry? {
        guard let fields, let size, let internalDate else { return nil }
        return HeaderMemory.Entry(fields: fields, size: size, internalDate: internalDate)
    }
}
