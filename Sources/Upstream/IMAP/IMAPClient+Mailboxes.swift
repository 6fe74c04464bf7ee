internal import IMAPSyntax
package import MailTypes

/// Commands about mailboxes as a whole.
extension IMAPClient {
    /// Every mailbox, with subscription and special use, as few commands as the server allows (RFC 5258, RFC 6154).
    package func list() async throws(UpstreamError) -> [ListedMailbox] {
        let isExtended = capabilities.contains("LIST-EXTENDED")
        var returns: ListCommand.Returns = isExtended ? [.subscribed, .children] : []
        if isExtended, capabilities.contains("SPECIAL-USE") { returns.insert(.specialUse) }
        var lines: [ListResponse] = []
        try await run(.list(ListCommand(patterns: ["*"], returns: returns, isExtended: isExtended))) {
            (response) throws(UpstreamError) in
            guard case .list(let line) = response else { return false }
            lines.append(line)
            return true
        }
        var subscribed: Set<String> = Set(lines.filter { $0.has("\\Subscribed") }.map(\.name))
        if !isExtended {
            try await run(.lsub(reference: "", pattern: "*")) { (response) throws(UpstreamError) in
                guard case .lsub(let line) = response else { return false }
                if !line.has("\\Noselect") { subscribed.insert(line.name) }
                return true
            }
        }
        return lines.filter { $0.isDecodable && !$0.has("\\NonExistent") }.map { line in
            ListedMailbox(
                name: names.local(line.name), upstreamName: line.encodedName,
                delimiter: line.delimiter.flatMap(\.asciiValue), isSelectable: !line.has("\\Noselect"),
                hasChildren: line.has("\\HasChildren") ? true : line.has("\\HasNoChildren") ? false : nil,
                isSubscribed: subscribed.contains(line.name), specialUse: line.specialUses.first)
        }
    }

    /// Learns the hierarchy delimiter: LIST with an empty pattern (RFC 9051 §6.3.9).
    func learnDelimiter() async throws(UpstreamError) {
        try await run(.list(ListCommand(patterns: [""]))) { (response) throws(UpstreamError) in
            guard case .list(let line) = response else { return false }
            self.names.delimiter = line.delimiter
            return true
        }
    }

    package func create(_ name: MailboxName, use: SpecialUse?) async throws(UpstreamError) {
        let uses = capabilities.contains("CREATE-SPECIAL-USE") ? use.map { [$0] } ?? [] : []
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

    package func status(_ name: MailboxName) async throws(UpstreamError) -> MailboxCounts {
        var answer: StatusResponse?
        try await run(.status(names.upstream(name), [.messages, .unseen, .uidNext, .uidValidity])) {
            (response) throws(UpstreamError) in
            guard case .status(let status) = response else { return false }
            answer = status
            return true
        }
        guard let answer, let messages = answer[.messages], let validity = answer[.uidValidity] else {
            throw .refused(code: nil, text: "\(peerName) did not answer STATUS of \(name)")
        }
        return MailboxCounts(
            messages: Int(clamping: messages), unseen: Int(clamping: answer[.unseen] ?? 0),
            uidNext: UInt32(clamping: answer[.uidNext] ?? 1),
            uidValidity: UIDValidity(rawValue: UInt32(clamping: validity)))
    }

    /// APPEND of a message of `size` octets, read piece by piece.
    /// - Returns: where it was put, when the server tells (UIDPLUS, RFC 4315 §3).
    package func append(
        to name: MailboxName, flags: [Flag], internalDate: Moment?, size: Int,
        read: @escaping (Range<Int>) async throws(UpstreamError) -> [UInt8]
    ) async throws(UpstreamError) -> (UIDValidity, UID)? {
        let message = AppendCommand.Message(flags: flags, internalDate: internalDate, size: UInt64(size))
        let command = Command.append(AppendCommand(mailbox: names.upstream(name), messages: [message]))
        let text = try await run(command, message: MessageSource(size: size, read: read))
        guard case .appendUID(let validity, let ranges) = text.code, let number = ranges.first?.lowerBound,
            let uid = UID(rawValue: number)
        else { return nil }
        return (validity, uid)
    }
}
