internal import Bytes
internal import MIME
internal import SMTPSyntax

/// Messages with octets that are no text (RFC 3030 §3).
extension MessageBody {
    /// The message itself where it is text; else with each of its binary parts in base 64, as a server may do that saves
    /// it (RFC 3516 §4.4). Servers without BINARY refuse a NUL, and of those that have it not all keep what lies in an
    /// enclosed message; a CR or LF that stands alone becomes a line end at many.
    func withoutBinary(_ services: Account.Services) async throws(EngineError) -> MessageBody {
        guard try await isBinary(in: 0..<size) else { return self }
        // Base 64 takes more room, by less than half.
        let spool = Spool(
            directory: services.configuration.spoolDirectory, limit: services.configuration.messageLimit * 2,
            pool: services.pool)
        try await recode(into: spool)
        return try await spool.message()
    }

    /// Octets that make whole lines of base 64.
    private static let lineOctets = 57 * 1024

    /// All but the binary parts stays as it is; what is around one and labelled `binary` is `8bit` then.
    private func recode(into spool: Spool) async throws(EngineError) {
        var position = 0
        for part in structure.parts {
            guard let label = try await newLabel(of: part) else { continue }
            try await copy(position..<part.header.lowerBound, to: spool)
            var header = HeaderEditor(try await read(part.header))
            header.remove("Content-Transfer-Encoding")
            var field = HeaderWriter()
            field.append("Content-Transfer-Encoding", raw: label)
            header.append(field)
            try await spool.append(header.bytes)
            position = part.header.upperBound
            guard part.kind == .leaf else { continue }
            for start in stride(from: part.body.lowerBound, to: part.body.upperBound, by: Self.lineOctets) {
                let piece = try await read(start..<min(start + Self.lineOctets, part.body.upperBound))
                try await spool.append(TransferEncoder.base64(piece))
            }
            position = part.body.upperBound
        }
        try await copy(position..<size, to: spool)
    }

    /// The transfer encoding that a part gets; nil when it keeps its own.
    private func newLabel(of part: MessageStructure.Part) async throws(EngineError) -> String? {
        let label = part.fields.encoding.map { String(lossy: $0).lowercased() } ?? "7bit"
        guard part.kind == .leaf else { return label == "binary" ? "8bit" : nil }
        guard ["7bit", "8bit", "binary"].contains(label) else { return nil }
        return try await isBinary(in: part.body) ? "base64" : nil
    }

    private func isBinary(in range: Range<Int>) async throws(EngineError) -> Bool {
        var lines = LineEndings()
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceSize) {
            let piece = try await read(start..<min(start + Self.pieceSize, range.upperBound))
            lines.take(piece)
            if !lines.isStrict || ByteSearch.first(ASCII.nul, in: piece, from: 0) != nil { return true }
        }
        lines.finish()
        return !lines.isStrict
    }

    private func copy(_ range: Range<Int>, to spool: Spool) async throws(EngineError) {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceSize) {
            try await spool.append(try await read(start..<min(start + Self.pieceSize, range.upperBound)))
        }
    }
}
