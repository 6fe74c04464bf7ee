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

    /// What the command says of it before its octets.
    var announcement: AppendCommand.Message {
        AppendCommand.Message(flags: flags, internalDate: internalDate, size: UInt64(size), isBinary: isBinary)
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
        try checkBinary(messages)
        let command = Command.append(
            AppendCommand(mailbox: names.upstream(name), messages: messages.map(\.announcement)))
        return Self.places(try await run(command, messages: messages).code, count: messages.count)
    }

    /// Whether one command saves a message and removes the one that it stands for (RFC 8508).
    package var replaces: Bool { capabilities.contains("REPLACE") }

    /// UID REPLACE of a message of the selected mailbox: both is done or, when the server refuses, nothing. The expunge
    /// comes as an event.
    /// - Returns: where the message was put, when the server tells: before the expunge (RFC 8508 §3.3), or at the end.
    /// - Precondition: the server `replaces`.
    package func replace(
        _ uid: UID, by message: OutgoingMessage, in name: MailboxName
    ) async throws(UpstreamError) -> (UIDValidity, UID)? {
        precondition(replaces)
        try checkBinary([message])
        let command = Command.replace(
            ReplaceCommand(
                isUID: true, replaced: .number(uid.rawValue), mailbox: names.upstream(name),
                message: message.announcement))
        var told: ResponseCode?
        let text = try await run(command, messages: [message]) { (response) in
            if case .condition(.ok, let text) = response, case .appendUID = text.code { told = text.code }
            return false
        }
        return Self.places(told ?? text.code, count: 1).map { ($0.0, $0.1[0]) }
    }

    private func checkBinary(_ messages: [OutgoingMessage]) throws(UpstreamError) {
        guard capabilities.contains("BINARY") || !messages.contains(where: \.isBinary) else {
            throw .refused(code: "UNKNOWN-CTE", text: "\(peerName) takes no message with a NUL in it")
        }
    }

    /// Nil unless the code names a UID for each message.
    private static func places(_ code: ResponseCode?, count: Int) -> (UIDValidity, [UID])? {
        guard case .appendUID(let validity, let ranges) = code, ranges.reduce(0, { $0 + $1.count }) == count else {
            return nil
        }
        let uids = ranges.flatMap { $0.compactMap(UID.init(rawValue:)) }
        return uids.count == count ? (validity, uids) : nil
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
