import Bytes
import Testing

struct Base64Tests {
    /// RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func vectors(plain: String, encoded: String) {
        #expect(String(lossy: Base64.encode(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded.utf8).map { String(lossy: $0) } == plain)
    }

    @Test(arguments: [Base64.Alphabet.standard, .mailbox, .url])
    func roundTrip(alphabet: Base64.Alphabet) {
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255) }
            #expect(Base64.decode(Base64.encode(bytes, alphabet), alphabet) == bytes)
        }
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9v!", "Zg==Zg==", "=", "Zm 9v", "Zm9v\r\n"])
    func refusesWhatItWouldNotWrite(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }
}
