package import IMAPSyntax
package import MailTypes

/// Commands about mailboxes as a whole.
extension IMAPClient {
    /// Every mailbox, with subscription and special use, as few commands as the server allows (RFC 5258, RFC 6154).
    package func list() async throws(UpstreamError) -> [ListedMailbox] {
        let isExtended = capabilities.contains("LIST-EXTENDED") || capabilities.contains("IMAP4REV2")
        var returns: ListCommand.Returns = isExtended ? [.subscribed, .children] : []
        if isExtended, capabilities.contains("SPECIAL-USE") { returns.insert(.specialUse) }
        let lines = try await lines(
            .list(ListCommand(patterns: ["*"], returns: returns, isExtended: isExtended)))
        var subscribed = Set(lines.filter { $0.has("\\Subscribed") }.map(\.name))
        if !isExtended {
            // A parent that is only named because a child is subscribed comes as \Noselect (RFC 3501 §6.3.9).
            let answered = try await self.lines(.lsub(reference: "", pattern: "*"))
            subscribed = Set(answered.filter { !$0.has("\\Noselect") }.map(\.name))
        }
        var seen: Set<MailboxName> = []
        return lines.filter { $0.isDecodable && !$0.has("\\NonExistent") }.compactMap { line in
            let name = names.local(line.name)
            // INBOX stands in every namespace of some servers; once is enough.
            guard seen.insert(name).inserted else { return nil }
            return ListedMailbox(
                name: name, upstreamName: line.encodedName, delimiter: line.delimiter.flatMap(\.asciiValue),
                isSelectable: !line.has("\\Noselect"),
                hasChildren: line.has("\\HasChildren") ? true : line.has("\\HasNoChildren") ? false : nil,
                isSubscribed: subscribed.contains(line.name), specialUse: line.specialUses.first)
        }
    }

    /// The lines that LIST or LSUB answers.
    private func lines(_ command: Command) async throws(UpstreamError) -> [ListResponse] {
        var lines: [ListResponse] = []
        try await run(command) { (response) in
            switch response {
            case .list(let line), .lsub(let line):
                if lines.count < IMAPLimits.mailboxes { lines.append(line) }
                return true
            default: return false
            }
        }
        return lines
    }

    /// NAMESPACE (RFC 2342), names as the server writes them; nil where the server has no such command.
    package func namespaces() async throws(UpstreamError) -> Namespaces? {
        guard capabilities.contains("NAMESPACE") || capabilities.contains("IMAP4REV2") else { return nil }
        var answer: Namespaces?
        try await run(.namespace) { (response) in
            guard case .namespace(let namespaces) = response else { return false }
            answer = namespaces
            return true
        }
        return answer
    }

    /// Learns how the server writes names: from its namespaces, else from LIST with an empty pattern
    /// (RFC 9051 §6.3.9), which tells the delimiter alone.
    func learnNames() async throws(UpstreamError) {
        if let namespaces = try await namespaces(), let personal = namespaces.personal.first {
            names = HierarchyNames(
                delimiter: personal.delimiter, prefix: personal.prefix,
                otherPrefixes: (namespaces.personal.dropFirst() + namespaces.otherUsers + namespaces.shared)
                    .map(\.prefix))
            return
        }
        try await run(.list(ListCommand(patterns: [""]))) { (response) in
            guard case .list(let line) = response else { return false }
            self.names.delimiter = line.delimiter
            return true
        }
    }

    /// Whether mailboxes can be made for a use (RFC 6154 §3).
    package var keepsSpecialUses: Bool { capabilities.contains("CREATE-SPECIAL-USE") }

    /// CREATE; the use is left out where the server can't keep it.
    package func create(_ name: MailboxName, use: SpecialUse?) async throws(UpstreamError) {
        let uses = keepsSpecialUses ? use.map { [$0] } ?? [] : []
        try await run(.create(names.upstream(name), uses: uses))
    }

    package func delete(_ name: MailboxName) async throws(UpstreamError) {
        try await run(.delete(names.upstream(name)))
    }

    package func rename(_ name: MailboxName, to newName: MailboxName) async throws(UpstreamError) {
        try await run(.rename(names.upstream(name), to: names.upstream(newName)))
    }

    package func subscribe(_ name: MailboxName) async throws(UpstreamError) {
        try await run(.subscribe(names.upstream(name)))
    }

    package func unsubscribe(_ name: MailboxName) async throws(UpstreamError) {
        try await run(.unsubscribe(names.upstream(name)))
    }

    /// STATUS; with HIGHESTMODSEQ where it is wanted and the server has CONDSTORE (RFC 7162 §3.1.7), and with MAILBOXID
    /// where it is wanted and the server has OBJECTID (RFC 8474 §4.3).
    package func status(
        _ name: MailboxName, withModSeq: Bool = false, withObjectID: Bool = false
    ) async throws(UpstreamError) -> MailboxCounts {
        var answer: StatusResponse?
        try await run(.status(names.upstream(name), statusItems(withModSeq, withObjectID))) { (response) in
            // Another mailbox's may come unasked at any time (RFC 5465).
            guard case .status(let status) = response, self.names.local(status.name) == name else { return false }
            answer = status
            return true
        }
        guard let counts = answer.flatMap(MailboxCounts.init) else {
            throw .refused(code: nil, text: "\(peerName) did not answer STATUS of \(name)")
        }
        return counts
    }

    /// STATUS of several mailboxes: by one command where the server has LIST-STATUS (RFC 5819). Those that it says nothing
    /// of are left out.
    package func counts(of mailboxes: [MailboxName]) async throws(UpstreamError) -> [MailboxName: MailboxCounts] {
        var counts: [MailboxName: MailboxCounts] = [:]
        guard mailboxes.count > 1, capabilities.contains("LIST-STATUS") || capabilities.contains("IMAP4REV2") else {
            for name in mailboxes {
                do throws(UpstreamError) { counts[name] = try await status(name, withModSeq: true) } catch {
                    guard case .refused = error else { throw error }
                }
            }
            return counts
        }
        // Wildcards in a name would name others as well.
        let wanted = Set(mailboxes)
        let patterns = mailboxes.map { names.upstream($0).text }
        let isPlain = patterns.count <= Self.namedPatterns && patterns.allSatisfy { !$0.contains(where: "*%".contains) }
        try await run(
            .list(
                ListCommand(
                    patterns: isPlain ? patterns : ["*"], status: statusItems(true, false), isExtended: true))
        ) { (response) in
            switch response {
            case .list: return true
            case .status(let status):
                let name = self.names.local(status.name)
                if wanted.contains(name), let found = MailboxCounts(status) { counts[name] = found }
                return true
            default: return false
            }
        }
        return counts
    }

    /// Mailboxes that are named one by one when several are asked for; of more, all are listed.
    private static let namedPatterns = 20

    private func statusItems(_ withModSeq: Bool, _ withObjectID: Bool) -> [StatusItem] {
        var items: [StatusItem] = [.messages, .unseen, .uidNext, .uidValidity]
        if withModSeq, hasCondStore { items.append(.highestModSeq) }
        if withObjectID, hasObjectIDs { items.append(.mailboxID) }
        return items
    }
}

extension MailboxCounts {
    /// Nil when the server left out what has to be known.
    fileprivate init?(_ answer: StatusResponse) {
        guard let messages = answer[.messages], let validity = answer[.uidValidity] else { return nil }
        self.init(
            messages: Int(clamping: messages), unseen: Int(clamping: answer[.unseen] ?? 0),
            uidNext: UInt32(clamping: answer[.uidNext] ?? 1),
            uidValidity: UIDValidity(rawValue: UInt32(clamping: validity)),
            // RFC 7162 §3.1.7: 0 where the mailbox has no mod-sequences.
            highestModSeq: answer[.highestModSeq].flatMap { $0 > 0 ? ModSeq(rawValue: $0) : nil },
            objectID: answer.values.first { $0.item == .mailboxID }?.id)
    }
}
