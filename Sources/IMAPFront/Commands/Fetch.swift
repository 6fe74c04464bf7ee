internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import MIME
internal import MailTypes
internal import Mirror
internal import TLS

/// FETCH (RFC 9051 §6.4.5, RFC 7162 §3.1.4, §3.2.6, RFC 9394 §3.3).
extension IMAPSession {
    /// Messages asked for together: with their bodies, and without.
    private static let bodyBatch = 16
    private static let batch = 500

    func fetch(_ command: FetchCommand, _ selection: Selection) async throws(Fault) -> Reply {
        guard !command.vanished || command.isUID && usesQuickResync && command.changedSince != nil else {
            return .bad("VANISHED takes UID FETCH, QRESYNC enabled, and CHANGEDSINCE")
        }
        guard command.isUID || command.partial == nil else { return .bad("PARTIAL takes UID FETCH") }
        var uids = try selection.uids(command.messages, isUID: command.isUID)
        if command.changedSince != nil || command.attributes.contains(.modSeq) { enableCondStore() }
        if let since = command.changedSince {
            if command.vanished { try await writeVanished(command.messages, since, selection) }
            let named = uids
            uids = try await ask { () async throws(EngineError) in
                try await selection.mailbox.changed(named, since: since)
            }
        }
        // RFC 9394 §3.3: a window on what would be answered without it.
        if let partial = command.partial { uids = Array(uids[partial.indices(of: uids.count)]) }
        let plan = FetchPlan(command, withModSeq: usesCondStore)
        let size = plan.needs.contains(.body) ? Self.bodyBatch : Self.batch
        var failure: Reply?
        var told = 0
        var unseen = NumberSet()
        // The next batch is read while this one is written.
        var batches = uids.batches(of: size).map(Array.init)[...]
        var ahead: Begun<FetchedMessages, EngineError>?
        var start = 0
        while let batch = batches.popFirst() {
            let fetched = try await askPatiently(done: start, of: uids.count) {
                [mailbox = selection.mailbox, ahead] () async throws(EngineError) in
                if let ahead { return try await ahead.value() }
                return try await mailbox.messages(batch, plan)
            }
            ahead = nil
            if let next = batches.first, !plan.needs.isEmpty {
                ahead = Begun(on: connection.signal.loop) {
                    [mailbox = selection.mailbox] () throws(EngineError) in
                    try await mailbox.messages(next, plan)
                }
                await connection.signal.loop.yield()
            }
            start += batch.count
            if let error = fetched.failure { failure = failure ?? Reply(error) }
            let particulars = try await particulars(batch, plan, selection)
            if let error = particulars.failure { failure = failure ?? Reply(error) }
            for message in fetched.messages {
                guard let number = selection.view.sequenceNumber(of: message.uid) else { continue }
                told += 1
                if plan.marksSeen, !message.flags.contains(.seen) { unseen.insert(message.uid) }
                let known = particulars.messages[message.uid]
                if let refusal = try await write(message, known, number, plan, selection) {
                    failure = failure ?? refusal
                }
            }
            try await drain()
        }
        if !unseen.isEmpty { await markSeen(unseen, selection) }
        if let failure { return failure }
        return told < uids.count ? .ok("Fetched, but some messages are gone", .expungeIssued) : .ok("Fetched")
    }

    /// Those that are gone, but for those that the client still has a number for: they are told of by a VANISHED that
    /// takes the number away (RFC 7162 §3.2.10.1).
    private func writeVanished(
        _ messages: MessageSet, _ since: ModSeq, _ selection: Selection
    ) async throws(Fault) {
        let set: SequenceSet =
            switch messages {
            case .numbers(let set): set
            case .saved:
                SequenceSet(
                    selection.saved.ranges.map { .init(.number($0.lowerBound), .number($0.upperBound)) })
            }
        let vanished = try await ask { () async throws(EngineError) in
            try await selection.mailbox.vanished(set, since: since)
        }
        let told = vanished.subtracting(selection.view.uidSet)
        connection.output.append { (output) in output.appendVanished(told, isEarlier: true) }
    }

    /// Reading sets `\Seen` where that is allowed; mail is shown also when it can't be set.
    private func markSeen(_ uids: NumberSet, _ selection: Selection) async {
        guard !selection.mailbox.isReadOnly, selection.mailbox.rights.contains(.flag) else { return }
        do throws(EngineError) { _ = try await selection.mailbox.store(uids, .add, [.seen]) } catch {
            log.debug("messages read are not marked so", ["reason": "\(error)"])
        }
    }

    /// Writes one FETCH response, long sections in pieces. Returns why a section could not be given.
    private func write(
        _ message: MessageData, _ particulars: MessageParticulars?, _ number: Int, _ plan: FetchPlan,
        _ selection: Selection
    ) async throws(Fault) -> Reply? {
        if plan.showsFlags { announce(message.flags, selection) }
        connection.output.append { (output) in
            appendFetchStart(number, message.uid, to: &output)
            if usesUIDOnly, plan.showsUID { output.appendFetchUID(message.uid) }
            for item in plan.items { append(item, of: message, to: &output) }
            if let particulars {
                for item in plan.particularItems { append(item, of: particulars, to: &output) }
            }
            // A response says something (RFC 9586 §4), also when nothing asked for can be told.
            if plan.sections.isEmpty, output.last == UInt8(ascii: "(") { output.appendFetchUID(message.uid) }
        }
        var refusal: Reply?
        for section in plan.sections {
            if let reason = try await write(section, of: message) { refusal = reason }
        }
        connection.output.append { (output) in output.appendFetchEnd() }
        return refusal
    }

    /// The items that are values, in the order asked for; UID stands before them.
    private func append(_ item: FetchAttribute, of message: MessageData, to output: inout [UInt8]) {
        switch item {
        case .flags: output.appendFetchFlags(message.flags)
        case .modSeq: output.appendFetchModSeq(message.modSeq)
        case .internalDate: if let date = message.internalDate { output.appendFetchInternalDate(date) }
        case .size: if let size = message.size { output.appendFetchSize(size) }
        case .envelope:
            if let envelope = message.envelope {
                output.appendFetchEnvelope(usesUTF8 ? envelope : envelope.withoutUTF8())
            }
        case .body:
            if let structure = message.structure {
                output.appendFetchStructure(usesUTF8 ? structure : structure.withoutUTF8(), isExtended: false)
            }
        case .bodyStructure:
            if let structure = message.structure {
                output.appendFetchStructure(usesUTF8 ? structure : structure.withoutUTF8(), isExtended: true)
            }
        default: break
        }
    }

    private func write(_ section: FetchSection, of message: MessageData) async throws(Fault) -> Reply? {
        switch section.attribute {
        case .section(let place, let partial, _): return try await write(section, place, partial, message)
        case .rfc822: return try await write(section, .whole, nil, message)
        case .rfc822Header: return try await write(section, BodySection(text: .header), nil, message)
        case .rfc822Text: return try await write(section, BodySection(text: .text), nil, message)
        case .binary(let part, let partial, _): return try await writeBinary(section, part, partial, message)
        case .binarySize(let part): return try await writeBinary(section, part, nil, message)
        default: return nil
        }
    }

    private func write(
        _ section: FetchSection, _ place: BodySection, _ partial: Partial?, _ message: MessageData
    ) async throws(Fault) -> Reply? {
        if let fields = message.fields, place.part.isEmpty, section.selection != nil {
            writeWhole(section, fields, partial)
            return nil
        }
        // A header alone needs no body.
        if place.part.isEmpty, let header = message.header, place.text?.isOfHeader ?? false {
            writeWhole(section, section.selection?.fields(of: header) ?? header, partial)
            return nil
        }
        guard let body = message.body, let range = body.structure.range(of: place) else {
            connection.output.append { (output) in
                output.appendFetchItem(section.name)
                output.appendNString(nil)
            }
            return nil
        }
        if let selection = section.selection {
            let header = try await ask { () async throws(EngineError) in try await body.read(range) }
            writeWhole(section, selection.fields(of: header), partial)
            return nil
        }
        let wanted = partial?.range(in: range.count) ?? 0..<range.count
        let octets = range.lowerBound + wanted.lowerBound..<range.lowerBound + wanted.upperBound
        connection.output.append { (output) in
            output.appendFetchItem(section.name)
            output.appendLiteralHead(octets.count)
        }
        try await stream(octets, of: body)
        return nil
    }

    private func writeWhole(_ section: FetchSection, _ octets: [UInt8], _ partial: Partial?) {
        connection.output.append { (output) in
            output.appendFetchItem(section.name)
            output.appendLiteral(octets[partial?.range(in: octets.count) ?? 0..<octets.count])
        }
    }

    /// Sends a range of a message, at most the unsent limit of it in memory. Its length has been announced: when the
    /// rest can't be had, the connection can't go on.
    private func stream(_ range: Range<Int>, of body: MessageBody) async throws(Fault) {
        if let inline = body.inline {
            connection.output.append(contentsOf: inline[range])
            return try await drain()
        }
        var position = range.lowerBound
        while position < range.upperBound {
            let end = min(position + MessageBody.pieceSize, range.upperBound)
            let piece: [UInt8]
            do throws(EngineError) { piece = try await body.read(position..<end) } catch {
                log.error("a message broke off while it was sent", ["reason": "\(error)"])
                throw .connection(.closed)
            }
            guard piece.count == end - position else {
                log.error("a message is shorter than its structure says")
                throw .connection(.closed)
            }
            connection.output.append(contentsOf: piece)
            position = end
            try await drain()
        }
    }
}

extension BodySection.Text {
    /// Whether it lies in the header of what it is asked of.
    var isOfHeader: Bool {
        switch self {
        case .header, .headerFields, .headerFieldsNot: true
        case .text, .mime: false
        }
    }
}

/// What is sent as a literal, with what is the same for every message.
struct FetchSection: Sendable {
    let attribute: FetchAttribute
    /// As it stands in the response, with the space after it.
    let name: [UInt8]
    /// Which fields, where a selection of them is asked for.
    let selection: HeaderSelection?

    init(_ attribute: FetchAttribute) {
        self.attribute = attribute
        var name: [UInt8] = []
        name.appendFetchSection(attribute)
        self.name = Array(name.drop { $0 == ASCII.space })
        selection = if case .section(let section, _, _) = attribute { HeaderSelection(section.text) } else { nil }
    }
}

extension OpenMailbox {
    /// What the plan needs of these messages.
    fileprivate func messages(_ uids: [UID], _ plan: FetchPlan) async throws(EngineError) -> FetchedMessages {
        guard let chosen = plan.chosenFields else { return try await messages(uids, needs: plan.needs) }
        return try await listing(uids, needs: plan.needs, choosing: chosen)
    }
}

/// What a FETCH asks of every message, looked through once.
struct FetchPlan: Sendable {
    private(set) var needs: MessageNeeds = []
    /// Values, in the order asked for, without UID.
    private(set) var items: [FetchAttribute] = []
    /// What is sent as literals.
    private(set) var sections: [FetchSection] = []
    /// What extensions tell, in the order asked for.
    private(set) var particularItems: [FetchAttribute] = []
    private(set) var particularNeeds: ParticularNeeds = []
    /// The one selection of header fields, where nothing else is asked for that lies in a header or a body.
    var chosenFields: HeaderSelection? {
        guard sections.count == 1, needs.contains(.header), needs.isSubset(of: OpenMailbox.listingNeeds) else {
            return nil
        }
        return sections.first?.selection
    }
    /// Those that only Gmail has.
    var gmailItems: [FetchAttribute] { particularItems.filter(\.isGmails) }
    private(set) var marksSeen = false
    private(set) var showsFlags = false
    /// UID is asked for by name.
    private(set) var showsUID = false

    /// - Parameter withModSeq: the client knows mod-sequences, and gets them with flags, and when it asks what has
    ///   changed (RFC 7162 §3.1, §3.1.4.1).
    init(_ command: FetchCommand, withModSeq: Bool) {
        for attribute in command.attributes
        where !items.contains(attribute) && !particularItems.contains(attribute)
            && !sections.contains(where: { $0.attribute == attribute })
        {
            switch attribute {
            case .uid: showsUID = true
            case .modSeq: items.append(attribute)
            case .flags:
                showsFlags = true
                items.append(attribute)
            case .internalDate: add(attribute, .internalDate)
            case .size: add(attribute, .size)
            case .envelope: add(attribute, .envelope)
            case .body, .bodyStructure: add(attribute, .structure)
            case .section(let section, _, let peek):
                marksSeen = marksSeen || !peek
                needs.insert(section.part.isEmpty && section.text?.isOfHeader ?? false ? .header : .body)
                sections.append(FetchSection(attribute))
            case .rfc822, .rfc822Text:
                marksSeen = true
                needs.insert(.body)
                sections.append(FetchSection(attribute))
            case .rfc822Header:
                needs.insert(.header)
                sections.append(FetchSection(attribute))
            case .binary(_, _, let peek):
                marksSeen = marksSeen || !peek
                needs.insert(.body)
                sections.append(FetchSection(attribute))
            case .binarySize:
                needs.insert(.body)
                sections.append(FetchSection(attribute))
            case .gmailMessageID, .gmailThreadID, .gmailLabels, .unknown: particularItems.append(attribute)
            case .emailID: add(attribute, .emailID)
            case .threadID: add(attribute, .threadID)
            case .saveDate: add(attribute, .saveDate)
            case .preview(let isLazy): add(attribute, isLazy ? .lazyPreview : .preview)
            }
        }
        if withModSeq, showsFlags || command.changedSince != nil, !items.contains(.modSeq) { items.append(.modSeq) }
    }

    private mutating func add(_ item: FetchAttribute, _ need: MessageNeeds) {
        items.append(item)
        needs.insert(need)
    }

    private mutating func add(_ item: FetchAttribute, _ need: ParticularNeeds) {
        particularItems.append(item)
        particularNeeds.insert(need)
    }
}
