internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes

/// CATENATE (RFC 4469): messages that are put together of what the client sends and of what it may read here already,
/// also of some octets of that (URL-PARTIAL, RFC 5550 §5.7.1).
extension IMAPSession {
    /// The messages of a command, of the literals that have arrived. Nothing is saved before all of them are there.
    func assemble(
        _ messages: [AppendCommand.Message], _ pending: PendingAppend, _ principal: Principal
    ) async throws(Fault) -> [AppendMessage] {
        var next = 0
        var octets: UInt64 = 0
        var assembled: [AppendMessage] = []
        for message in messages {
            let content: Spool
            var hasNUL: Bool
            if case .catenated(let parts) = message.content {
                content = engine.makeSpool()
                hasNUL = false
                for part in parts {
                    if case .url(let url) = part {
                        hasNUL = try await add(url, to: content, principal) || hasNUL
                    } else {
                        try await add(pending.spools[next], to: content)
                        hasNUL = hasNUL || pending.hasNUL.contains(next)
                        next += 1
                    }
                }
                guard content.count > 0 else { throw .reply(.no("The message is empty", .cannot)) }
            } else {
                content = pending.spools[next]
                hasNUL = pending.hasNUL.contains(next)
                next += 1
            }
            guard assembled.isEmpty || leavesRoom(for: UInt64(content.count), after: octets) else {
                throw .reply(.tooManyOctets)
            }
            octets += UInt64(content.count)
            assembled.append(
                AppendMessage(
                    flags: message.flags, internalDate: message.internalDate, content: content, isBinary: hasNUL))
        }
        return assembled
    }

    private func add(_ literal: Spool, to content: Spool) async throws(Fault) {
        try await ask { () async throws(EngineError) in
            for start in stride(from: 0, to: literal.count, by: MessageBody.pieceSize) {
                try await content.append(try await literal.read(start..<start + MessageBody.pieceSize))
            }
        }
    }

    /// Adds what a URL names; BADURL tells which one names nothing (RFC 4469 §4).
    /// - Returns: whether there is a NUL in it.
    private func add(_ octets: [UInt8], to content: Spool, _ principal: Principal) async throws(Fault) -> Bool {
        let bad = Fault.reply(.no("The URL names nothing that can be read", .badURL(octets)))
        guard let url = IMAPURL(octets), url.authorization == nil, isHere(url.server, principal),
            let mailbox = url.mailbox ?? selection?.mailbox.name
        else { throw bad }
        let named: NamedOctets?
        do throws(EngineError) {
            named = try await engine.octets(of: url, in: mailbox, for: principal)
        } catch {
            if case .noSuchMailbox = error { throw bad }
            throw Fault(error)
        }
        guard let named else { throw bad }
        return try await ask { () async throws(EngineError) in
            var hasNUL = false
            for start in stride(from: 0, to: named.count, by: MessageBody.pieceSize) {
                let piece = try await named.read(start..<start + MessageBody.pieceSize)
                hasNUL = hasNUL || piece.contains(ASCII.nul)
                try await content.append(piece)
            }
            return hasNUL
        }
    }

    /// Whether an absolute URL is about this server as the principal sees it; a relative one is.
    private func isHere(_ server: IMAPURL.Server?, _ principal: Principal) -> Bool {
        guard let server else { return true }
        return server.host.lowercased() == configuration.hostName.lowercased()
            && (server.user == nil || server.user == engine.signInName(of: principal))
    }
}
