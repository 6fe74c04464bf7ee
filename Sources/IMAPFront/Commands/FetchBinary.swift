internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MIME
internal import MailTypes
internal import TLS

/// BINARY and BINARY.SIZE: a part with its transfer encoding undone (RFC 9051 §6.4.5.1, RFC 3516 §4.2).
extension IMAPSession {
    /// The part is decoded twice, once for its length and once to be sent, so that it is never in memory as a whole.
    func writeBinary(
        _ section: FetchSection, _ part: [UInt32], _ partial: Partial?, _ message: MessageData
    ) async throws(Fault) -> Reply? {
        guard let body = message.body else { return nil }
        guard let source = BinarySource(part, of: body) else {
            connection.output.append { (output) in
                output.appendFetchItem(section.name)
                if case .binarySize = section.attribute { output.append(0x30) } else { output.appendNString(nil) }
            }
            return body.structure.index(of: part) == nil && !part.isEmpty
                ? nil : .no("A part's transfer encoding is not known", .unknownCTE)
        }
        var count = 0
        var hasNUL = false
        try await decode(source, of: body) { (piece) async throws(Fault) in
            count += piece.count
            hasNUL = hasNUL || piece.contains(ASCII.nul)
        }
        if case .binarySize = section.attribute {
            connection.output.append { (output) in
                output.appendFetchItem(section.name)
                output.append(decimal: count)
            }
            return nil
        }
        let wanted = partial?.range(in: count) ?? 0..<count
        connection.output.append { (output) in
            output.appendFetchItem(section.name)
            if hasNUL { output.append(UInt8(ascii: "~")) }
            output.appendLiteralHead(wanted.count)
        }
        var position = 0
        try await decode(source, of: body) { (piece) async throws(Fault) in
            let shared = wanted.clamped(to: position..<position + piece.count)
            self.connection.output.append(
                contentsOf: piece[shared.lowerBound - position..<shared.upperBound - position])
            position += piece.count
            try await self.drain()
        }
        return nil
    }

    private func decode(
        _ source: BinarySource, of body: MessageBody, _ take: ([UInt8]) async throws(Fault) -> Void
    ) async throws(Fault) {
        var decoder = TransferDecoder(source.encoding)
        var position = source.range.lowerBound
        while position < source.range.upperBound {
            let end = min(position + MessageBody.pieceSize, source.range.upperBound)
            let piece: [UInt8]
            do throws(EngineError) { piece = try await body.read(position..<end) } catch {
                throw .connection(.closed)
            }
            guard !piece.isEmpty else { throw .connection(.closed) }
            position += piece.count
            var decoded: [UInt8] = []
            decoder.decode(piece[...], into: &decoded)
            if position >= source.range.upperBound { decoder.finish(into: &decoded) }
            try await take(decoded)
        }
    }
}

/// Where a part's octets lie and how they are encoded.
private struct BinarySource {
    let range: Range<Int>
    let encoding: TransferEncoding

    /// Nil when there is no such part, or its encoding is not known. No part number means the message as it is.
    init?(_ part: [UInt32], of body: MessageBody) {
        guard let range = body.structure.range(of: BodySection(part: part)) else { return nil }
        self.range = range
        guard let index = part.isEmpty ? 0 : body.structure.index(of: part) else { return nil }
        guard !part.isEmpty else {
            encoding = .identity
            return
        }
        let part = body.structure.parts[index]
        // Only a leaf is encoded: multiparts and messages are 7bit, 8bit or binary (RFC 2045 §6.4).
        encoding = part.kind == .leaf ? TransferEncoding(part.fields.encoding) : .identity
        guard part.kind != .leaf || encoding != .identity || Self.isPlain(part.fields.encoding) else { return nil }
    }

    private static func isPlain(_ label: [UInt8]?) -> Bool {
        guard let label else { return true }
        return ["7bit", "8bit", "binary"].contains { label.equalsIgnoringASCIICase($0.utf8) }
    }
}
