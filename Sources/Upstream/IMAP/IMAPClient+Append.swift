internal import Bytes
internal import IMAPSyntax
package import MailTypes
internal import TLS

/// A message to be saved at an upstream server, read piece by piece.
package struct OutgoingMessage {
    /// The most octets that one `read` is asked for.
    static let pieceSize = 65536
    /// Octets that may wait to be sent before the next piece is read.
    static let unsentLimit = 256 * 1024

    package let flags: [Flag]
    /// Nil for the time when it is saved.
    package let internalDate: Moment?
    /// Octets.
    package let size: Int
    /// It holds a NUL (RFC 3516 §4.4).
    package var isBinary = false
    let read: (Range<Int>) async throws(UpstreamError) -> [UInt8]

    /// - Parameter read: gives the octets of a range within the message, at least one of them.
    package init(
        flags: [Flag], internalDate: Moment?, size: Int,
        read: @escaping (Range<Int>) async throws(UpstreamError) -> [UInt8]
    ) {
        self.flags = flags
        self.internalDate = internalDate
        self.size = size
        self.read = read
    }
}

/// Saving messages.
extension IMAPClient {
    /// Whether one command saves several messages (RFC 3502).
    package var savesSeveral: Bool { capabilities.contains("MULTIAPPEND") }

    /// APPEND: all of the messages, or, when the server refuses, none of them (RFC 3502 §6.3.11).
    /// - Returns: where they were put, in their order, when the server tells (UIDPLUS, RFC 4315 §3).
    /// - Precondition: one message, or several where the server `savesSeveral`.
    package func append(
        _ messages: [OutgoingMessage], to name: MailboxName
    ) async throws(UpstreamError) -> (UIDValidity, [UID])? {
        precondition(messages.count == 1 || savesSeveral && !messages.isEmpty)
        let parts = messages.map {
            AppendCommand.Message(
                flags: $0.flags, internalDate: $0.internalDate, size: UInt64($0.size), isBinary: $0.isBinary)
        }
        guard capabilities.contains("BINARY") || !messages.contains(where: \.isBinary) else {
            throw .refused(code: "UNKNOWN-CTE", text: "\(peerName) takes no message with a NUL in it")
        }
        let command = Command.append(AppendCommand(mailbox: names.upstream(name), messages: parts))
        let text = try await run(command, messages: messages)
        guard case .appendUID(let validity, let ranges) = text.code,
            ranges.reduce(0, { $0 + $1.count }) == messages.count
        else { return nil }
        let uids = ranges.flatMap { $0.compactMap(UID.init(rawValue:)) }
        return uids.count == messages.count ? (validity, uids) : nil
    }

    /// Sends the octets of one message's literal.
    func send(_ message: OutgoingMessage) async throws(UpstreamError) {
        var offset = 0
        while offset < message.size {
            let piece: [UInt8]
            do {
                piece = try await message.read(offset..<min(offset + OutgoingMessage.pieceSize, message.size))
            } catch {
                close()
                throw error
            }
            guard !piece.isEmpty, piece.count <= message.size - offset else {
                close()
                throw .local("the message to save does not have the announced length")
            }
            connection.output.append(contentsOf: piece)
            offset += piece.count
            try await flush(below: OutgoingMessage.unsentLimit)
        }
    }
}
