internal import Bytes
internal import Engine
internal import Loop
internal import SMTPSyntax
internal import TLS

/// BDAT (CHUNKING, RFC 3030 §2), and what it has in common with BURL.
///
/// Whatever is said to a chunk, its octets are read first, so that they never become commands.
extension SMTPSession {
    func chunk(_ size: UInt64, isLast: Bool) async throws(ConnectionError) {
        // A stranger's octets, or so many, are not worth reading.
        guard case .authenticated = state else { return end(mayAuthenticate ? Replies.signInFirst : Replies.tlsFirst) }
        guard size <= limits.messageSize + Self.drainAllowance else { return end(Replies.tooLarge(limits.messageSize)) }
        guard let transaction, transaction.acceptedCount > 0 else {
            let refusal = transaction == nil ? Replies.mailFirst : Replies.noRecipients
            guard try await take(size, for: nil) else { return }
            return fault(refusal)
        }
        let message = chunks(of: transaction)
        let wasRefused = message.refusal != nil
        guard try await take(size, for: message) else { return }
        guard message.stream.consumed <= limits.messageSize + Self.drainAllowance else {
            return end(Replies.endlessData)
        }
        await conclude(
            message, of: transaction, taken: Replies.chunkTaken(size),
            refusal: wasRefused ? Replies.messageRefused : nil, isLast: isLast)
    }

    /// What has come of a transaction's message.
    func chunks(of transaction: SMTPTransaction) -> ChunkedMessage {
        if let message = transaction.chunks { return message }
        let message = ChunkedMessage(
            engine.makeSpool(expecting: Int(clamping: transaction.parameters.size ?? 0)), sizeLimit: limits.messageSize,
            isBinary: transaction.parameters.body == .binaryMIME)
        transaction.chunks = message
        return message
    }

    /// Answers a piece of the message that has been read; sends the message behind its last piece.
    /// - Parameter refusal: what is said instead of why the message was refused first.
    func conclude(
        _ message: ChunkedMessage, of transaction: SMTPTransaction, taken: SMTPReply, refusal: SMTPReply?, isLast: Bool
    ) async {
        if isLast { message.end(limit: limits.messageSize) }
        guard let reason = message.refusal else {
            guard isLast else { return say(taken) }
            return await deliver(message.spool, of: transaction)
        }
        // Nobody upstream need wait for what still comes of it.
        await transaction.abandon()
        if isLast { self.transaction = nil }
        say(refusal ?? reason)
    }

    /// Reads a chunk's octets.
    /// - Parameter message: what they are a piece of; nil to read them over.
    /// - Returns: false, with an end to the session, when they do not come.
    private func take(_ size: UInt64, for message: ChunkedMessage?) async throws(ConnectionError) -> Bool {
        var left = size
        var isLast = false
        defer { if isLast { connection.signal.raise(.shutdown) } }
        while left > 0 {
            if connection.input.isEmpty {
                try connection.send()
                guard try await receiveMore(&isLast) else { return false }
            }
            let octets = connection.input.take(Int(min(left, UInt64(connection.input.count))))
            left -= UInt64(octets.count)
            if let message { await add(octets, to: message) }
        }
        return true
    }

    /// Adds octets to a message, unless it is refused.
    func add(_ octets: [UInt8], to message: ChunkedMessage) async {
        if message.stream.take(octets), message.refusal == nil {
            guard await store(octets, in: message.spool) else { return message.refuse(Replies.noRoom) }
        }
        message.judge(limit: limits.messageSize)
    }
}
