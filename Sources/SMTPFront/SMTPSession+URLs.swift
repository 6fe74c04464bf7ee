internal import Engine
internal import SMTPSyntax
internal import TLS

/// BURL (RFC 4468): a piece of the message lies in a mailbox here. It may be mixed with BDAT.
extension SMTPSession {
    func piece(at url: [UInt8], isLast: Bool) async throws(ConnectionError) {
        guard case .authenticated(let principal) = state else {
            return fault(mayAuthenticate ? Replies.signInFirst : Replies.tlsFirst)
        }
        guard let transaction else { return fault(Replies.mailFirst) }
        guard transaction.acceptedCount > 0 else { return fault(Replies.noRecipients) }
        let message = chunks(of: transaction)
        let wasRefused = message.refusal != nil
        var count = 0
        if !wasRefused {
            try connection.send()
            do throws(SubmissionRefusal) {
                count = try await fetch(url, for: principal, into: message)
            } catch { message.refuse(error.reply) }
        }
        await conclude(
            message, of: transaction, taken: Replies.chunkTaken(UInt64(count)),
            refusal: wasRefused ? Replies.messageRefused : nil, isLast: isLast)
    }

    /// Adds what a URL names to a message.
    /// - Returns: how many octets they are.
    private func fetch(
        _ url: [UInt8], for principal: Principal, into message: ChunkedMessage
    ) async throws(SubmissionRefusal) -> Int {
        let named = try await engine.octets(submittedBy: url, for: principal)
        guard message.stream.length + UInt64(named.count) <= limits.messageSize else {
            throw SubmissionRefusal(Replies.tooLarge(limits.messageSize))
        }
        for start in stride(from: 0, to: named.count, by: MessageBody.pieceSize) where message.refusal == nil {
            let end = min(start + MessageBody.pieceSize, named.count)
            await add(try await engine.read(start..<end, of: named), to: message)
        }
        return named.count
    }
}
