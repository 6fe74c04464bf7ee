import Testing

@testable import HTTPClient

@Suite struct WebAddressTests {
    @Test(arguments: [
        ("https://id.example.com", "id.example.com", "https://id.example.com", "", true),
        ("https://ID.example.com/realms/staff", "id.example.com", "https://ID.example.com", "/realms/staff", true),
        ("https://id.example.com:8443/", "id.example.com", "https://id.example.com:8443", "/", true),
        ("https://[2001:db8::1]:443/x?y=z", "2001:db8::1", "https://[2001:db8::1]:443", "/x", true),
        ("https://id.example.com?x", "id.example.com", "https://id.example.com", "", true),
        ("HTTP://localhost:80/a", "localhost", "HTTP://localhost:80", "/a", true),
        ("http://127.0.0.1/", "127.0.0.1", "http://127.0.0.1", "/", true),
        ("http://[::1]:80/", "::1", "http://[::1]:80", "/", true),
        ("http://id.example.com/", "id.example.com", "http://id.example.com", "/", false),
        ("http://127.0.0.1.example.com", "127.0.0.1.example.com", "http://127.0.0.1.example.com", "", false),
        ("http://127.1", "127.1", "http://127.1", "", false),
        ("http://localhost.example", "localhost.example", "http://localhost.example", "", false),
    ])
    func reads(_ text: String, _ host: String, _ origin: String, _ path: String, _ isPrivate: Bool) throws {
        let address = try #require(WebAddress(text))
        #expect(address.text == text && address.host == host && address.origin == origin && address.path == path)
        #expect(address.isPrivate == isPrivate && address.hasQuery == text.contains("?"))
    }

    @Test(arguments: [
        "", "https://", "https:///x", "id.example.com", "ftp://id.example.com", "file:///etc/passwd", "https:id",
        "https://user@id.example.com", "https://user:pw@id.example.com/", "https://id.example.com#x", "https://a b/",
        "https://id.example.com/\r\nX: y", "https://id.example.com/é", "https://id.example.com:0/",
        "https://id.example.com:/", "https://id.example.com:65536/", "https://id.example.com:+1/", "https://[::1",
        "https://[1.2.3.4]/", "https://[::1]x/", "https://id,example/", "https://id.example.com/<x>",
        "https://id.example.com\\@evil.example/", "https://\(String(repeating: "a", count: 2048))",
    ])
    func refuses(_ text: String) {
        #expect(WebAddress(text) == nil)
    }

    @Test func encodesForms() throws {
        let address = try #require(WebAddress("https://id.example.com/ask"))
        let request = HTTPRequest(
            .post([("token", "a+b/c=="), ("x y", "é&=")]), address,
            credentials: .init(name: "post house", password: Array("s:e%c".utf8)))
        #expect(request.body == Array("token=a%2Bb%2Fc%3D%3D&x+y=%C3%A9%26%3D".utf8))
        // base 64 of `post+house:s%3Ae%25c`
        #expect(request.authorization == "Basic cG9zdCtob3VzZTpzJTNBZSUyNWM=")
        #expect("\(request)" == "POST https://id.example.com/ask")
    }
}
