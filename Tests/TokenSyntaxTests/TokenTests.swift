import Bytes
import Testing

@testable import TokenSyntax

@Suite struct TokenTests {
    private static func text(_ text: String) -> String {
        String(decoding: Base64.encode(Array(text.utf8), .url), as: UTF8.self)
    }

    private static func token(_ header: String, _ claims: String = #"{"iss":"joe"}"#) -> [UInt8] {
        Array("\(text(header)).\(text(claims)).c2ln".utf8)
    }

    /// RFC 7515 Appendix A.2.1.
    @Test func readsTheExample() throws {
        let octets = Array(
            ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
                + "Ijp0cnVlfQ.c2ln").utf8)
        let token = try JSONWebToken(octets)
        #expect(token.header == JSONWebToken.Header(algorithm: .rs256, keyIdentifier: nil))
        #expect(token.claims.issuer == "joe" && token.claims.expiry == 1_300_819_380)
        #expect(token.signedOctets == Array(octets.dropLast(5)) && token.signature == Array("sig".utf8))
    }

    @Test(arguments: [
        #"{"alg":"ES256"}"#, #"{"alg":"ES256","typ":"JWT","kid":"a"}"#, #"{"alg":"RS512","typ":"at+jwt"}"#,
        #"{"alg":"EdDSA","typ":"application/at+jwt","x5t":"abc"}"#,
    ])
    func takesHeaders(_ header: String) throws {
        _ = try JSONWebToken(Self.token(header))
    }

    @Test(arguments: [
        (#"{"alg":"none"}"#, TokenSyntaxError.header("alg")), (#"{"alg":"None"}"#, .header("alg")),
        (#"{"alg":"HS256"}"#, .header("alg")), (#"{"alg":"es256"}"#, .header("alg")), (#"{}"#, .header("alg")),
        (#"{"alg":5}"#, .header("alg")), (#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, .header("alg")),
        (#"{"alg":"ES256","crit":["exp"],"exp":1}"#, .header("crit")),
        (#"{"alg":"ES256","b64":false,"crit":["b64"]}"#, .header("crit")),
        (#"{"alg":"ES256","typ":"logout+jwt"}"#, .header("typ")), (#"{"alg":"ES256","typ":1}"#, .header("typ")),
        (#"{"alg":"ES256","kid":1}"#, .header("kid")), (#"["ES256"]"#, .token),
    ])
    func refusesHeaders(_ header: String, _ error: TokenSyntaxError) {
        #expect(throws: error) { try JSONWebToken(Self.token(header)) }
    }

    @Test func refusesWhatIsNoToken() {
        let header = Self.text(#"{"alg":"ES256"}"#)
        let claims = Self.text("{}")
        for text in [
            "", ".", "..", "opaque", "\(header).\(claims)", "\(header).\(claims).", "\(header).\(claims).a.b",
            "\(header).\(claims).a.b.c", "\(header)=.\(claims).c2ln", "\(header).\(claims).c2l+",
            " \(header).\(claims).c2ln", "\(header).\(claims).c2ln\n", "\(header).\(claims).c2lz_",
            "\(header).\(Self.text("[]")).c2ln", "\(header).\(Self.text("{")).c2ln", "\(header)..c2ln",
        ] where text != "\(header).\(claims)." {
            #expect(throws: TokenSyntaxError.self, "\(text)") { try JSONWebToken(Array(text.utf8)) }
        }
        // Without a signature it is read, and believed by no key.
        #expect((try? JSONWebToken(Array("\(header).\(claims).".utf8)))?.signature == [])
    }

    @Test func refusesLongTokens() throws {
        func token(_ count: Int) -> [UInt8] {
            let rest = Self.token(#"{"alg":"ES256"}"#)
            return rest + [UInt8](repeating: 0x41, count: count - rest.count)
        }
        // Its signature has as many letters as base 64 can have.
        _ = try JSONWebToken(token(JSONWebToken.limit - JSONWebToken.limit % 4 + 0))
        #expect(throws: TokenSyntaxError.token) { try JSONWebToken(token(JSONWebToken.limit + 4)) }
        #expect(JSONWebToken.unverifiedClaims(of: token(JSONWebToken.limit + 4)) == nil)
    }

    @Test func tellsWhoseItIsWithoutBelieving() {
        #expect(JSONWebToken.unverifiedClaims(of: Self.token(#"{"alg":"none"}"#))?.issuer == "joe")
        #expect(JSONWebToken.unverifiedClaims(of: Array("opaque".utf8)) == nil)
        #expect(JSONWebToken.unverifiedClaims(of: Self.token("{}", #"{"iss":5}"#))?.issuer == nil)
    }
}

@Suite struct KeyTests {
    private static func key(_ json: String) throws -> VerificationKey? {
        VerificationKey(try JSONReader.read(json.utf8))
    }

    private static func zeros(_ count: Int, first: UInt8 = 1) -> String {
        String(
            decoding: Base64.encode([first] + [UInt8](repeating: 0, count: count - 1), .url), as: UTF8.self)
    }

    @Test func readsEachKind() throws {
        let rsa = try #require(
            try Self.key(#"{"kty":"RSA","n":"\#(Self.zeros(256, first: 0x80))","e":"AQAB","kid":"a"}"#))
        #expect(rsa.identifier == "a" && rsa.algorithm == nil)
        // A zero in front adds nothing.
        let padded = #"{"kty":"RSA","n":"\#(Self.zeros(257, first: 0))","e":"AAEAAQ","use":"sig"}"#
        #expect(try Self.key(padded) == nil)
        for (curve, size) in [("P-256", 32), ("P-384", 48), ("P-521", 66)] {
            let point = #""x":"\#(Self.zeros(size))","y":"\#(Self.zeros(size))""#
            #expect(try Self.key(#"{"kty":"EC","crv":"\#(curve)",\#(point)}"#) != nil)
            #expect(try Self.key(#"{"kty":"EC","crv":"\#(curve)",\#(point),"key_ops":["verify"],"use":"sig"}"#) != nil)
        }
        #expect(try Self.key(#"{"kty":"OKP","crv":"Ed25519","x":"\#(Self.zeros(32))","alg":"EdDSA"}"#) != nil)
        #expect(try Self.key(#"{"kty":"OKP","crv":"Ed448","x":"\#(Self.zeros(57))"}"#) != nil)
    }

    @Test(arguments: [
        #"{}"#, #"[]"#, #"{"kty":"oct","k":"AAAA"}"#, #"{"kty":"RSA","e":"AQAB"}"#, #"{"kty":"RSA","n":"","e":""}"#,
        // 1024 bits; too many; an exponent that takes long.
        #"{"kty":"RSA","n":"\#(zeros(128, first: 0x80))","e":"AQAB"}"#,
        #"{"kty":"RSA","n":"\#(zeros(1025))","e":"AQAB"}"#,
        #"{"kty":"RSA","n":"\#(zeros(256, first: 0x80))","e":"\#(zeros(9))"}"#,
        #"{"kty":"RSA","n":"\#(zeros(256, first: 0x80))","e":"AAAA"}"#,
        // For encryption, or for another algorithm.
        #"{"kty":"RSA","n":"\#(zeros(256, first: 0x80))","e":"AQAB","use":"enc"}"#,
        #"{"kty":"RSA","n":"\#(zeros(256, first: 0x80))","e":"AQAB","key_ops":["encrypt"]}"#,
        #"{"kty":"RSA","n":"\#(zeros(256, first: 0x80))","e":"AQAB","alg":"RSA-OAEP"}"#,
        #"{"kty":"RSA","n":"\#(zeros(256, first: 0x80))","e":"AQAB","alg":"ES256"}"#,
        #"{"kty":"RSA","n":"\#(zeros(256, first: 0x80))","e":"AQAB","alg":"HS256"}"#,
        #"{"kty":"EC","crv":"P-256","x":"\#(zeros(31))","y":"\#(zeros(32))"}"#,
        #"{"kty":"EC","crv":"secp256k1","x":"\#(zeros(32))","y":"\#(zeros(32))"}"#,
        #"{"kty":"OKP","crv":"X25519","x":"\#(zeros(32))"}"#, #"{"kty":"OKP","crv":"Ed25519","x":"\#(zeros(33))"}"#,
    ])
    func passesOver(_ json: String) throws {
        #expect(try Self.key(json) == nil)
    }

    @Test func findsCandidates() throws {
        func okp(_ more: String) -> String { #"{"kty":"OKP","crv":"Ed25519","x":"\#(Self.zeros(32))"\#(more)}"# }
        let set = try KeySet(
            Array(#"{"keys":[\#(okp(#","kid":"a""#)),\#(okp(#","kid":"b""#)),\#(okp("")),{"kty":"oct"}]}"#.utf8))
        #expect(set.keys.count == 3)
        func count(_ algorithm: SignatureAlgorithm, _ identifier: String?) -> Int {
            set.candidates(for: JSONWebToken.Header(algorithm: algorithm, keyIdentifier: identifier)).count
        }
        #expect(count(.edDSA, "a") == 1 && count(.edDSA, "c") == 0 && count(.edDSA, nil) == 3)
        #expect(count(.es256, "a") == 0 && count(.es256, nil) == 0)
    }

    @Test func refusesWhatIsNoSet() {
        let many = [String](repeating: "{}", count: KeySet.limit + 1).joined(separator: ",")
        for text in ["", "[]", "{}", #"{"keys":{}}"#, "{\"keys\":[\(many)]}"] {
            #expect(throws: TokenSyntaxError.self) { try KeySet(Array(text.utf8)) }
        }
    }
}

@Suite struct ClaimsTests {
    private static let now: Int64 = 1_700_000_000

    private static func check(_ json: String, _ change: (inout TokenClaims.Demand) -> Void = { _ in }) throws {
        var demand = TokenClaims.Demand(
            issuer: "https://i.example", audience: "posthouse", scopes: ["mail"], isComplete: true)
        change(&demand)
        let claims = try #require(TokenClaims(try JSONReader.read(json.utf8)))
        try claims.check(demand, now: now)
    }

    private static func claims(_ others: [String: String?] = [:]) -> String {
        var members: [String: String?] = [
            "iss": #""https://i.example""#, "aud": #""posthouse""#, "exp": "\(now + 10)", "scope": #""openid mail""#,
        ]
        for (name, value) in others { members[name] = value }
        return "{"
            + members.compactMap { member in member.value.map { "\"\(member.key)\":\($0)" } }.joined(separator: ",")
            + "}"
    }

    @Test(
        arguments: [
            [:], ["aud": #"["other","posthouse"]"#], ["exp": "\(now - 59)"], ["exp": "\(now + 10).75"],
            ["nbf": "\(now + 60)"], ["scope": nil, "scp": #"["mail"]"#], ["scope": nil, "scp": #""mail x""#],
        ] as [[String: String?]])
    func takes(_ others: [String: String?]) throws {
        try Self.check(Self.claims(others))
    }

    @Test(
        arguments: [
            (["iss": #""https://i.example/""#], .issuer), (["iss": #""https://I.example""#], .issuer),
            (["iss": nil], .issuer), (["iss": #"["https://i.example"]"#], .issuer),
            (["aud": nil], .audience), (["aud": #""posthouse2""#], .audience), (["aud": "[]"], .audience),
            (["aud": #"["posthouse",5]"#], .audience), (["aud": "true"], .audience),
            (["exp": nil], .expired), (["exp": "\(now - 60)"], .expired), (["exp": "-1"], .expired),
            (["exp": "0"], .expired), (["exp": "1e300"], .malformed("exp")),
            (["exp": #""\#(now + 10)""#], .malformed("exp")), (["exp": "null"], .malformed("exp")),
            (["nbf": "\(now + 61)"], .notYetValid), (["nbf": #""soon""#], .malformed("nbf")),
            (["scope": nil], .scope), (["scope": #""mailbox""#], .scope), (["scope": #""MAIL""#], .scope),
            (["cnf": #"{"jkt":"abc"}"#], .bound),
        ] as [([String: String?], TokenClaims.Fault)])
    func refuses(_ others: [String: String?], _ fault: TokenClaims.Fault) {
        #expect(throws: fault) { try Self.check(Self.claims(others)) }
    }

    /// An answer of the issuer itself need not say who gives it and until when, but what it says must be right.
    @Test func asksLessOfAnAnswer() throws {
        func answer(_ json: String) throws {
            try Self.check(json) {
                $0.isComplete = false
                $0.audience = nil
                $0.scopes = []
            }
        }
        try answer("{}")
        #expect(throws: TokenClaims.Fault.issuer) { try answer(#"{"iss":"https://j.example"}"#) }
        #expect(throws: TokenClaims.Fault.expired) { try answer(#"{"exp":1}"#) }
    }

    @Test func readsDocuments() throws {
        let metadata = try IssuerMetadata(
            Array(#"{"issuer":"https://i.example","jwks_uri":"https://i.example/k"}"#.utf8), issuer: "https://i.example"
        )
        #expect(metadata.keySet == "https://i.example/k" && metadata.introspection == nil)
        #expect(throws: TokenSyntaxError.field("issuer")) {
            try IssuerMetadata(Array(#"{"issuer":"https://j.example"}"#.utf8), issuer: "https://i.example")
        }
        #expect(try IntrospectionAnswer(Array(#"{"active":false,"sub":"a"}"#.utf8)) == .inactive)
        guard case .active(let claims) = try IntrospectionAnswer(Array(#"{"active":true,"sub":"a"}"#.utf8)) else {
            Issue.record("not active")
            return
        }
        #expect(claims["sub"] == .text("a"))
        for text in ["{}", #"{"active":"true"}"#, #"{"active":1}"#, "true", ""] {
            #expect(throws: TokenSyntaxError.self) { try IntrospectionAnswer(Array(text.utf8)) }
        }
    }
}
