import IMAPSyntax
import Testing

@Suite struct ModifiedUTF7Tests {
    @Test(arguments: [
        ("", ""), ("INBOX", "INBOX"), ("R&D", "R&-D"), ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("Entwürfe", "Entw&APw-rfe"), ("🐎", "&2D3cDg-"), ("a\tb", "a&AAk-b"), ("ü&ü", "&APw-&-&APw-"),
        ("\u{7F}", "&AH8-"),
    ])
    func encodesAndDecodes(_ text: String, _ encoded: String) {
        #expect(ModifiedUTF7.encode(text) == encoded.octets)
        #expect(ModifiedUTF7.decode(encoded.octets) == text)
    }

    @Test(arguments: [
        "&", "&x", "a&b", "&AGE-", "&APw-&APw-", "&2D0-", "&3A7YPQ-", "&APx-", "&A-", "&AP-", "&AP8=-", "é", "\t",
        "&AP/8-",
    ])
    func refuses(_ encoded: String) { #expect(ModifiedUTF7.decode(encoded.octets) == nil) }
}
