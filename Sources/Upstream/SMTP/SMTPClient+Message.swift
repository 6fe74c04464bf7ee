internal import Bytes
internal import Loop
package import SMTPSyntax
internal import TLS

/// Sending the message itself.
extension SMTPClient {
    /// Gives the octets of a range of the message. What it throws ends the connection with nothing accepted.
    package typealias Reader = (Range<Int>) async throws(SMTPFailure) -> [UInt8]

    /// Sends the message, whose lines end with CRLF unless it is binary, and returns the server's last word, good or bad.
    ///
    /// In one chunk where the server takes that (RFC 3030 §2), which spares a round trip; else by DATA.
    ///
    /// - Parameters:
    ///   - size: octets of the message.
    ///   - isBinary: what was said with `begin`; the server is one that takes it.
    ///   - mayChunk: false for a server that offers BDAT and does not know it.
    /// - Throws: `.lost` when the connection broke before the end of data was out, `.unknown` when after it.
    package func send(
        size: Int, isBinary: Bool = false, mayChunk: Bool = true, read: Reader
    ) async throws(SMTPFailure) -> SMTPReply {
        // A server that closed while the message was still coming has heard nothing of this message: a connection that
        // it times out in that while is no reason to leave anybody in doubt.
        guard isQuiet() else { throw fail(.lost("\(endpoint.name): it closed before the message")) }
        guard !isBinary || capabilities.binaryMIME else { return Self.noBinaryMIME }
        if isBinary || mayChunk, capabilities.chunking { return try await sendChunk(size, isText: !isBinary, read) }
        try put(Array("DATA".utf8))
        try await flush()
        let invitation = try await reply(within: endpoint.patience.dataInitiation)
        guard invitation.isIntermediate else {
            if invitation.isPositive { throw fail(.lost("\(endpoint.name): it answered DATA with \(invitation.code)")) }
            return invitation
        }
        var encoder = DotEncoder()
        if let refusal = try await stream(
            size, read,
            write: { piece in
                connection.output.append { encoder.encode(piece, into: &$0) }
                return encoder.isStrict
            })
        {
            return refusal
        }
        connection.output.append { encoder.finish(into: &$0) }
        guard encoder.isStrict else { throw looseLineEnd() }
        return try await conclude()
    }

    /// BDAT: the whole message is one chunk, which is the last.
    private func sendChunk(_ size: Int, isText: Bool, _ read: Reader) async throws(SMTPFailure) -> SMTPReply {
        try put(Array("BDAT \(size) LAST".utf8))
        var lines = LineEndings()
        if let refusal = try await stream(
            size, read,
            write: { piece in
                if isText { lines.take(piece) }
                connection.output.append(contentsOf: piece)
                return lines.isStrict
            }, isText: isText)
        {
            return refusal
        }
        return try await conclude()
    }

    /// Reads the message piece by piece and lets `write` put each into the output, which is false for a CR or LF that
    /// stands alone. All but the last piece is let out: as long as something is missing nothing can be accepted.
    /// - Returns: what a server said that refused in the middle.
    private func stream(
        _ size: Int, _ read: Reader, write: ([UInt8]) -> Bool, isText: Bool = true
    ) async throws(SMTPFailure) -> SMTPReply? {
        var offset = 0
        while offset < size {
            let piece: [UInt8]
            do throws(SMTPFailure) {
                piece = try await read(offset..<min(offset + Self.pieceSize, size))
            } catch {
                throw fail(error)
            }
            guard !piece.isEmpty, piece.count <= size - offset else {
                throw fail(.local("the message does not have its size"))
            }
            offset += piece.count
            // The end decides: a CR that stands last stands alone.
            guard write(piece), !isText || offset < size || piece.last != 0x0D else { throw looseLineEnd() }
            guard offset < size else { return nil }
            do throws(ConnectionError) {
                try await connection.flush(below: Self.outputLimit, until: loop.now + endpoint.patience.dataBlock)
            } catch {
                // A server that refuses in the middle says why before it closes.
                let failure = failed(error)
                if let answer = await lastWords() { return answer }
                throw failure
            }
        }
        return nil
    }

    private func looseLineEnd() -> SMTPFailure {
        // What is in the output must not get out any more.
        connection.abandon()
        return fail(.local("the message has a CR or LF that stands alone"))
    }

    /// Sends the end of data and waits for the answer.
    private func conclude() async throws(SMTPFailure) -> SMTPReply {
        do throws(ConnectionError) {
            try await connection.flush(until: loop.now + endpoint.patience.dataBlock)
        } catch {
            // As long as the last octets are here, the server has seen no end of data.
            let isOut = connection.unsentCount == 0
            isUsable = false
            if let answer = await lastWords() { return answer }
            throw fail(isOut ? .unknown("\(endpoint.name): \(error)") : .lost("\(endpoint.name): \(error)"))
        }
        do throws(SMTPFailure) {
            return try await reply(within: endpoint.patience.dataTermination)
        } catch {
            if case .lost(let text) = error { throw .unknown(text) }
            throw error
        }
    }

    /// An answer that the server sent before the connection broke; nil when there is none. Only a refusal counts.
    private func lastWords() async -> SMTPReply? {
        let answer: SMTPReply?
        do throws(SMTPFailure) {
            answer = try await reply(within: endpoint.patience.quit)
        } catch {
            answer = nil
        }
        isUsable = false
        return answer.flatMap { $0.isTransient || $0.isPermanent ? $0 : nil }
    }
}
