internal import Bytes
internal import Engine
internal import Loop
internal import SMTPSyntax
internal import TLS

/// DATA, and what it has in common with BDAT.
extension SMTPSession {
    /// Octets that a refused message may have beyond its limit before its end is no longer waited for.
    static let drainAllowance: UInt64 = 64 << 20

    /// Octets of a message that are taken in at a time: one record of TLS (RFC 8446 §5.1). They are held in a few forms
    /// until they lie in the spool.
    static let messagePiece = 16_384

    func data() async throws(ConnectionError) {
        guard let transaction else { return fault(Replies.mailFirst) }
        guard transaction.chunks == nil else { return fault(Replies.messageBegun) }
        guard transaction.parameters.body != .binaryMIME else { return fault(Replies.binaryByChunks) }
        guard transaction.acceptedCount > 0 else { return fault(Replies.noRecipients) }
        say(Replies.startMail)
        try await connection.flush(until: loop.now + limits.outputTime)
        let spool = engine.makeSpool(expecting: Int(clamping: transaction.parameters.size ?? 0))
        guard let verdict = try await receive(into: spool) else { return }
        if let refusal = verdict.refusal {
            await abandon()
            return say(refusal)
        }
        await deliver(spool, of: transaction)
    }

    /// What is to be said to a message whose end has come; nil when it is to be sent.
    private struct Verdict {
        let refusal: SMTPReply?
    }

    /// Takes the message up to its end. Returns what becomes of it; nil, with an end to the whole session, when it does
    /// not end.
    private func receive(into spool: Spool) async throws(ConnectionError) -> Verdict? {
        var stream = DotStream(sizeLimit: limits.messageSize)
        var isStored = true
        var isLast = false
        defer { if isLast { connection.signal.raise(.shutdown) } }
        while true {
            var octets: [UInt8] = []
            let isComplete = stream.decode(&connection.input, into: &octets)
            if isStored, !octets.isEmpty { isStored = await store(octets, in: spool) }
            if isComplete { break }
            guard stream.consumed <= limits.messageSize + Self.drainAllowance else {
                end(Replies.endlessData)
                return nil
            }
            guard try await receiveMore(&isLast) else { return nil }
        }
        return Verdict(
            refusal: Replies.verdict(stream.verdict, limit: limits.messageSize) ?? (isStored ? nil : Replies.noRoom))
    }

    /// Sends the message on, and says what has come of it.
    func deliver(_ spool: Spool, of transaction: SMTPTransaction) async {
        let reply = await transaction.submission.deliver(spool)
        say(reply)
        self.transaction = nil
    }

    /// Waits for more of a message.
    /// - Parameter isLast: whether the house is closing: what a client is in the middle of may come to its end, and the
    ///   caller then raises `.shutdown` again.
    /// - Returns: false, with an end to the session, when the client is silent or a second word ends all.
    func receiveMore(_ isLast: inout Bool) async throws(ConnectionError) -> Bool {
        while true {
            do throws(ConnectionError) {
                try await connection.receiveMore(limit: Self.messagePiece, until: loop.now + limits.dataTime)
                return true
            } catch {
                if error == .stopping, !isLast {
                    isLast = true
                    _ = connection.signal.take(.shutdown)
                    continue
                }
                guard error == .deadline || error == .stopping else { throw error }
                end(error == .deadline ? Replies.silence : Replies.shuttingDown)
                return false
            }
        }
    }

    func store(_ octets: [UInt8], in spool: Spool) async -> Bool {
        do throws(EngineError) {
            try await spool.append(octets)
            return true
        } catch {
            log.error("a message could not be spooled", ["reason": "\(error)"])
            return false
        }
    }
}
