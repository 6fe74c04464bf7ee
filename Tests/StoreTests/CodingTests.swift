import MailTypes
import Store
import Testing

@Suite struct CodingTests {
    /// Writes and reads through the cache, which alone knows the form.
    private func roundTrip(_ structure: BodyStructure) async throws -> BodyStructure? {
        let scratch = Scratch()
        let cache = try scratch.cache()
        defer { cache.close() }
        let mailbox = try await cache.put(
            MailboxListing(name: .inbox, upstreamName: [], delimiter: nil), of: AccountID(rawValue: 1))
        var changes = MailboxChanges(highestModSeq: ModSeq(rawValue: 1))
        changes.added = [.init(uid: UID(1), flags: [], modSeq: ModSeq(rawValue: 1))]
        try await cache.apply(changes, to: mailbox.id)
        var message = MessageMetadata(uid: UID(1))
        message.structure = structure
        try await cache.save([message], in: mailbox.id)
        return try await cache.metadata(of: [UID(1)], in: mailbox.id, needs: .structure).first?.structure
    }

    @Test func everyFieldComesBack() async throws {
        #expect(try await roundTrip(Sample.structure) == Sample.structure)
        #expect(try await roundTrip(.single(Sample.leaf)) == .single(Sample.leaf))
        let empty = BodyStructure.multipart(BodyStructure.Multipart(subtype: [], parts: []))
        #expect(try await roundTrip(empty) == empty)
    }

    @Test func aStructureTooDeepToReadIsNotStored() async throws {
        #expect(try await roundTrip(Sample.nested(99)) == Sample.nested(99))
        #expect(try await roundTrip(Sample.nested(100)) == nil)
        #expect(try await roundTrip(Sample.nested(5000)) == nil)
    }
}
