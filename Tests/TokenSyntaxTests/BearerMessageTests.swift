import Bytes
import Testing

@testable import TokenSyntax

@Suite struct BearerMessageTests {
    private static func read(
        _ text: String, _ mechanism: BearerMechanism = .oauthBearer
    ) throws -> (name: String?, token: String) {
        let octets = Array(text.replacing("^A", with: "\u{1}").utf8)
        let message = try BearerMessage(octets, of: mechanism)
        return (message.authorization, String(decoding: message.token, as: UTF8.self))
    }

    @Test(arguments: [
        // RFC 7628 §4.1 and its like.
        (
            "n,a=user@example.com,^Ahost=server.example.com^Aport=143^Aauth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==^A^A",
            "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
        ),
        ("n,,^Aauth=Bearer abc^A^A", nil, "abc"), ("y,,^Aauth=bearer  abc^A^A", nil, "abc"),
        ("n,a=support*alice,^Aauth=BEARER a.b-c_d~e+f/g==^Ahost=^A^A", "support*alice", "a.b-c_d~e+f/g=="),
        ("n,a=a=2Cb=3Dc,^Aauth=Bearer abc^A^A", "a,b=c", "abc"),
        ("n,a=é,^Aqs=x=y^Aauth=Bearer abc^A^A", "é", "abc"),
    ])
    func readsOAuthBearer(_ text: String, _ name: String?, _ token: String) throws {
        #expect(try Self.read(text) == (name, token))
    }

    @Test(arguments: [
        ("user=someuser@example.com^Aauth=Bearer ya29.vF9dft4qmTc2^A^A", "someuser@example.com", "ya29.vF9dft4qmTc2"),
        ("user=^Aauth=Bearer abc^A^A", nil, "abc"), ("user=a=2Cb^Aauth=Bearer abc^A^A", "a=2Cb", "abc"),
    ])
    func readsXOAUTH2(_ text: String, _ name: String?, _ token: String) throws {
        #expect(try Self.read(text, .xoauth2) == (name, token))
    }

    @Test(arguments: [
        "", "^A", "^A^A", "n,,", "n,,^A", "n,,^A^A", "n,,^Aauth=Bearer abc", "n,,^Aauth=Bearer abc^A",
        "n,,^Aauth=Bearer abc^A^A^A", "n,,^Aauth=Bearer abc^A^Ax", "n,,^Aauth=^A^A", "n,,^Aauth=Bearer^A^A",
        "n,,^Aauth=Bearer ^A^A", "n,,^Aauth=Basic abc^A^A", "n,,^Aauth=Bearerabc^A^A", "n,,^Aauth=Bearer a b^A^A",
        "n,,^Aauth=Bearer a=b^A^A", "n,,^Aauth=Bearer ==^A^A", "n,,^Aauth=Bearer a\"b^A^A", "n,,^Aauth=Bearer é^A^A",
        "n,,^Aauth=Bearer a^Aauth=Bearer b^A^A", "n,,^A=x^Aauth=Bearer abc^A^A", "n,,^Ahost^Aauth=Bearer abc^A^A",
        "n,,^Aho st=x^Aauth=Bearer abc^A^A", "n,^Aauth=Bearer abc^A^A", "n,,,^Aauth=Bearer abc^A^A",
        "p=tls-unique,,^Aauth=Bearer abc^A^A", "x,,^Aauth=Bearer abc^A^A", ",,^Aauth=Bearer abc^A^A",
        "n,a=,^Aauth=Bearer abc^A^A", "n,b=x,^Aauth=Bearer abc^A^A", "n,a=x=2c,^Aauth=Bearer abc^A^A",
        "n,a=x=,^Aauth=Bearer abc^A^A", "n,a=x\0y,^Aauth=Bearer abc^A^A", "user=x^Aauth=Bearer abc^A^A",
        "{\"token\":1}",
    ])
    func refusesOAuthBearer(_ text: String) {
        #expect(throws: TokenSyntaxError.message) { try Self.read(text) }
    }

    @Test(arguments: [
        "n,,^Aauth=Bearer abc^A^A", "user=x", "user=x^Aauth=Bearer abc^A", "User=x^Aauth=Bearer abc^A^A",
        "user=x^A^A", "x^Aauth=Bearer abc^A^A", "user=x\0^Aauth=Bearer abc^A^A",
    ])
    func refusesXOAUTH2(_ text: String) {
        #expect(throws: TokenSyntaxError.message) { try Self.read(text, .xoauth2) }
    }

    @Test func refusesNamesThatAreNoUTF8() {
        let octets = Array("n,a=".utf8) + [0xFF] + Array(",\u{1}auth=Bearer abc\u{1}\u{1}".utf8)
        #expect(throws: TokenSyntaxError.message) { try BearerMessage(octets, of: .oauthBearer) }
    }

    @Test func hasLimits() throws {
        let longest = String(repeating: "t", count: JSONWebToken.limit)
        #expect(try Self.read("n,,^Aauth=Bearer \(longest)^A^A").token == longest)
        #expect(throws: TokenSyntaxError.message) { try Self.read("n,,^Aauth=Bearer \(longest)t^A^A") }
        let name = String(repeating: "n", count: BearerMessage.limit)
        #expect(throws: TokenSyntaxError.message) { try Self.read("n,a=\(name),^Aauth=Bearer abc^A^A") }
    }

    @Test func saysWhatIsWrong() {
        func text(_ refusal: BearerRefusal, _ mechanism: BearerMechanism) -> String {
            String(decoding: refusal.challenge(of: mechanism), as: UTF8.self)
        }
        let plain = BearerRefusal(.invalidToken)
        #expect(text(plain, .oauthBearer) == #"{"status":"invalid_token"}"#)
        #expect(text(plain, .xoauth2) == #"{"status":"401","schemes":"bearer"}"#)
        let full = BearerRefusal(.insufficientScope, scope: "mail", configuration: "https://i.example/c")
        #expect(
            text(full, .oauthBearer)
                == #"{"status":"insufficient_scope","scope":"mail","openid-configuration":"https://i.example/c"}"#)
        #expect(text(full, .xoauth2) == #"{"status":"403","schemes":"bearer","scope":"mail"}"#)
    }

    @Test func knowsItsNames() {
        #expect(BearerMechanism(name: "xoauth2") == .xoauth2 && BearerMechanism(name: "OAuthBearer") == .oauthBearer)
        #expect(BearerMechanism(name: "OAUTH") == nil)
    }
}
