import Bytes
import OAuthRig
import Testing
import TokenSyntax

@testable import OAuth

@Suite struct SignatureTests {
    private static func key(_ json: String) throws -> VerificationKey {
        try #require(VerificationKey(try JSONReader.read(json.utf8)))
    }

    /// Whether the key has signed these three parts; they need not be a token.
    private static func isRight(
        _ text: String, _ key: VerificationKey, _ algorithm: SignatureAlgorithm
    ) throws -> Bool {
        let parts = text.split(separator: ".")
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        return Signature.isRight(
            try #require(Base64.decode(parts[2].utf8, .url)), of: signed, by: key, algorithm)
    }

    /// RFC 7515 Appendix A.2, A.3, A.4 and RFC 8037 Appendix A.4.
    private static let vectors: [(key: String, algorithm: SignatureAlgorithm, text: String)] = [
        (
            #"{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrc"#
                + "S2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX"
                + "ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX"
                + "FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\"}", .rs256,
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ij"
                + "p0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
                + "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"
                + "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgG"
                + "Y9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
        ),
        (
            #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#
                + #""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#, .es256,
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ij"
                + "p0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        ),
        (
            #"{"kty":"EC","crv":"P-521","#
                + #""x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","#
                + #""y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}"#,
            .es512,
            "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDK"
                + "B34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"
        ),
        (
            #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#, .edDSA,
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijc"
                + "NR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        ),
    ]

    @Test func checksTheExamples() throws {
        for (json, algorithm, text) in Self.vectors {
            let key = try Self.key(json)
            #expect(try Self.isRight(text, key, algorithm), "\(algorithm)")
            // Another octet signed, another signature, or another algorithm of the same kind of key.
            let first = text.first == "e" ? "f" : "e"
            #expect(try !Self.isRight(first + text.dropFirst(), key, algorithm), "\(algorithm)")
            let dot = try #require(text.lastIndex(of: "."))
            let behind = text.index(dot, offsetBy: 5)
            let other = text[behind] == "A" ? "B" : "A"
            #expect(
                try !Self.isRight(text[..<behind] + other + text[text.index(after: behind)...], key, algorithm),
                "\(algorithm)")
            for another in SignatureAlgorithm.allCases where another != algorithm {
                #expect(try !Self.isRight(text, key, another), "\(algorithm) as \(another)")
            }
        }
    }

    @Test(arguments: [
        ("RS256", SigningKey.Kind.rsa), ("RS384", .rsa), ("RS512", .rsa), ("PS256", .rsa), ("PS384", .rsa),
        ("PS512", .rsa), ("ES256", .p256), ("ES384", .p384), ("ES512", .p521), ("EdDSA", .ed25519), ("EdDSA", .ed448),
    ])
    func checksEveryAlgorithm(_ name: String, _ kind: SigningKey.Kind) throws {
        let algorithm = try #require(SignatureAlgorithm(rawValue: name))
        let own = try SigningKey(kind)
        let octets = Array("signed".utf8)
        let signature = try own.sign(octets, name)
        let key = try Self.key(own.published())
        #expect(Signature.isRight(signature, of: octets, by: key, algorithm))
        #expect(!Signature.isRight(signature, of: octets + [0], by: key, algorithm))
        #expect(!Signature.isRight(signature, of: octets, by: try Self.key(SigningKey(kind).published()), algorithm))
        // Cut, longer, empty, or all zeros, which broken libraries took for a signature by any key.
        for wrong in [Array(signature.dropLast()), signature + [0], [], signature.map { _ in 0 }] {
            #expect(!Signature.isRight(wrong, of: octets, by: key, algorithm))
        }
    }

    @Test func refusesPointsOffTheCurve() throws {
        let zeros = SigningKey.text([UInt8](repeating: 1, count: 32))
        let key = try Self.key(#"{"kty":"EC","crv":"P-256","x":"\#(zeros)","y":"\#(zeros)"}"#)
        let signature = try SigningKey(.p256).sign([1], "ES256")
        #expect(!Signature.isRight(signature, of: [1], by: key, .es256))
    }

    @Test func passesOverWeakKeys() throws {
        #expect(VerificationKey(try JSONReader.read(try SigningKey(.weakRSA).published().utf8)) == nil)
    }
}
