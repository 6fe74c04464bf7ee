import SASL
import Testing

@Suite("The choice of a mechanism")
struct MechanismTests {
    struct Choice: Sendable {
        let offered: [String]
        var required: SASLMechanism?
        var encrypted = true
        let expected: Result<SASLMechanism, SASLError>
    }

    static let choices: [Choice] = [
        Choice(offered: ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"], expected: .success(.scramSHA256)),
        Choice(offered: ["plain", "scram-sha-1"], expected: .success(.scramSHA1)),
        Choice(offered: ["LOGIN", "PLAIN"], expected: .success(.plain)),
        Choice(offered: ["LOGIN"], expected: .success(.login)),
        Choice(offered: ["CRAM-MD5", "DIGEST-MD5", "LOGIN"], expected: .success(.login)),
        Choice(offered: ["CRAM-MD5", "DIGEST-MD5"], expected: .success(.digestMD5)),
        Choice(offered: ["CRAM-MD5", "PLAIN"], encrypted: false, expected: .success(.cramMD5)),
        Choice(offered: ["PLAIN", "SCRAM-SHA-1"], encrypted: false, expected: .success(.scramSHA1)),
        Choice(offered: ["PLAIN", "LOGIN"], encrypted: false, expected: .failure(.plaintextRefused)),
        Choice(offered: ["PLAIN", "SCRAM-SHA-256"], required: .plain, expected: .success(.plain)),
        Choice(offered: ["PLAIN"], required: .scramSHA256, expected: .failure(.noMechanism)),
        Choice(offered: ["PLAIN"], required: .plain, encrypted: false, expected: .failure(.plaintextRefused)),
        Choice(offered: ["GSSAPI", "XOAUTH2", "ANONYMOUS"], expected: .failure(.noMechanism)),
        Choice(offered: [], expected: .failure(.noMechanism)),
    ]

    @Test("The strongest that is offered, or the one configured", arguments: choices)
    func choose(_ choice: Choice) {
        let chosen = Result { () throws(SASLError) in
            try SASLClient.choose(choice.offered, required: choice.required, mayShowPassword: choice.encrypted)
        }
        #expect(chosen == choice.expected)
    }

    @Test("A login with a NUL in it never goes out")
    func badLogin() {
        for login in ["", "alice\0bob"] {
            #expect(throws: SASLError.badIdentity) { _ = try Fixture.client(.plain, login: login) }
        }
        #expect(throws: SASLError.badIdentity) { _ = try Fixture.client(.plain, authorization: "a\0b") }
    }

    @Test("What PLAIN says is what RFC 4616 says")
    func plain() throws {
        let own = try Fixture.client(.plain)
        #expect(try own.start() == Array("\0alice\0pencil".utf8))
        let other = try Fixture.client(.plain, authorization: "support", password: "żółw")
        #expect(try other.start() == Array("support\0alice\0żółw".utf8))
    }
}

@Suite("The stored form of a password")
struct VerifierTests {
    @Test("Written as it was read")
    func roundTrip() throws {
        for text in Fixture.verifiers.values { #expect(SCRAMVerifier(text)?.text == text) }
    }

    @Test(
        "Nothing else is a verifier",
        arguments: [
            "", "SCRAM-SHA-256", "SCRAM-SHA-256$4096:YQ==", "SCRAM-SHA-1$4096:YQ==$YQ==:YQ==",
            "SCRAM-SHA-256$0:YQ==$\(key):\(key)", "SCRAM-SHA-256$-1:YQ==$\(key):\(key)",
            "SCRAM-SHA-256$4096:$\(key):\(key)", "SCRAM-SHA-256$4096:YQ==$\(key)",
            "SCRAM-SHA-256$4096:YQ==$\(key):YQ==", "SCRAM-SHA-256$4096:YQ$\(key):\(key)",
            "SCRAM-SHA-256$99999999999:YQ==$\(key):\(key)", "SCRAM-SHA-256$4096:YQ==$\(key):\(key)$",
        ])
    func refused(_ text: String) { #expect(SCRAMVerifier(text) == nil) }

    @Test("The shortest that is one")
    func accepted() { #expect(SCRAMVerifier("SCRAM-SHA-256$1:YQ==$\(key):\(key)")?.salt == [0x61]) }
}

private let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
