import MailTypes
import Testing

@Suite struct MetadataEntryTests {
    @Test(arguments: [
        "/private/comment", "/shared/comment", "/Shared/vendor/a b/c", "/SHARED", "/private", "/private/~{\"\\}",
    ])
    func takes(_ name: String) throws {
        let entry = try #require(MetadataEntry(name))
        #expect(entry.text == name)
        #expect(entry.scope == (name.lowercased().hasPrefix("/private") ? .private : .shared))
        #expect(entry.isScope == (name.utf8.count <= 8))
        #expect(entry == MetadataEntry(name.uppercased()))
        #expect(Set([entry, MetadataEntry(name.uppercased())]).count == 1)
    }

    @Test(arguments: [
        "", "/", "private/x", "/x", "/privatex", "/shared/", "/shared//x", "//shared/x", "/shared/*", "/shared/a%b",
        "/shared/ä", " /shared/x",
    ])
    func refuses(_ name: String) { #expect(MetadataEntry(name) == nil) }

    @Test func hasNoControlCharacters() {
        for octet in Array(0..<0x20) + [0x7F] as [UInt8] {
            #expect(MetadataEntry("/shared/a\(Character(Unicode.Scalar(octet)))") == nil)
        }
    }
}
