internal import MIME
internal import MailTypes
internal import Store

extension MessageBody {
    /// A message that the store keeps, with its parts found; in memory when it is small.
    init(stored content: ContentDigest, in store: Store) async throws(StoreError) {
        let size = try await store.read { reader throws(StoreError) in try reader.contentSize(content) }
        guard let size else { throw .noSuch(.content, content.description) }
        var scanner = MessageScanner()
        var inline: [UInt8]? = size <= Spool.memoryLimit ? [] : nil
        var offset = 0
        while offset < size {
            let piece = try await store.content(content, in: offset..<min(offset + Self.pieceSize, size))
            guard !piece.isEmpty else { throw .damaged("content \(content)") }
            scanner.feed(piece)
            inline?.append(contentsOf: piece)
            offset += piece.count
        }
        self.init(structure: scanner.finish(), inline: inline) { (range) async throws(EngineError) in
            do throws(StoreError) { return try await store.content(content, in: range) } catch {
                throw EngineError(error)
            }
        }
    }
}
