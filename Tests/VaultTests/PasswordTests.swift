import Bytes
import Loop
import SASL
import Testing
import Vault

@Suite struct PasswordTests {
    private func fits(_ password: String, _ verifier: SCRAMVerifier) -> Bool {
        Passwords.check(Secret(text: password), against: verifier)
    }

    private func verifier(_ password: String) throws -> SCRAMVerifier {
        try Passwords.verifier(for: Secret(text: password))
    }

    @Test func aPasswordFitsItsVerifierAlone() throws {
        let verifier = try self.verifier("zażółć gęślą")
        #expect(verifier.iterations == 65_536 && verifier.salt.count == 16)
        #expect(fits("zażółć gęślą", verifier))
        #expect(!fits("zażółć gęśla", verifier))
        #expect(!fits("", verifier))
        #expect(try self.verifier("zażółć gęślą").salt != verifier.salt)
    }

    /// The example of RFC 7677 §3.
    @Test func theVerifierIsTheOneThatSCRAMUses() throws {
        let verifier = try #require(
            SCRAMVerifier(
                "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                    + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="))
        #expect(fits("pencil", verifier))
        #expect(!fits("Pencil", verifier))
    }

    @Test func aDecoyIsTheSameForOneNameAndFitsNoPassword() throws {
        let vault = try Vault(masterKey: Secret([UInt8](repeating: 1, count: 32)))
        let decoy = vault.decoy(for: "nobody")
        #expect(decoy == vault.decoy(for: "nobody"))
        #expect(decoy != vault.decoy(for: "somebody"))
        #expect(decoy.iterations == Passwords.defaultIterations && decoy.salt.count == Passwords.saltSize)
        #expect(SCRAMVerifier(decoy.text) == decoy)
        #expect(!fits("", decoy))
    }

    @Test func rightPasswordsAreRememberedForAWhile() throws {
        let verified = try VerifiedPasswords()
        let start = MonotonicTime(nanoseconds: 1_000_000_000)
        func knows(_ name: String, _ password: String, _ verifier: String, _ time: MonotonicTime) -> Bool {
            verified.contains(name: name, password: Secret(text: password), verifier: verifier, at: time)
        }
        #expect(!knows("alice", "secret", "v", start))
        verified.insert(name: "alice", password: Secret(text: "secret"), verifier: "v", at: start)
        #expect(knows("alice", "secret", "v", start))
        #expect(knows("alice", "secret", "v", start + .seconds(119)))
        #expect(!knows("alice", "secreT", "v", start) && !knows("bob", "secret", "v", start))
        #expect(!knows("alice", "secret", "w", start) && !knows("alic", "esecret", "v", start))
        #expect(!knows("alice", "secret", "v", start + .seconds(120)))
        #expect(!knows("alice", "secret", "v", start))
    }

    @Test func noMoreThanTheLimitAreRemembered() throws {
        let verified = try VerifiedPasswords()
        let start = MonotonicTime(nanoseconds: 0)
        for number in 0...VerifiedPasswords.limit {
            verified.insert(
                name: "\(number)", password: Secret(text: "p"), verifier: "v", at: start + .milliseconds(number))
        }
        let now = start + .seconds(10)
        let kept = (0...VerifiedPasswords.limit).filter {
            verified.contains(name: "\($0)", password: Secret(text: "p"), verifier: "v", at: now)
        }
        #expect(kept == Array(VerifiedPasswords.limit / 2...VerifiedPasswords.limit))
    }
}

@Suite struct DigestTests {
    @Test func sha256() {
        #expect(
            SHA256.digest(of: Array("abc".utf8)).hexadecimal
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            SHA256.digest(of: []).hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        var pieces = SHA256()
        for byte in "abc".utf8 { pieces.update([byte]) }
        #expect(pieces.finish() == SHA256.digest(of: Array("abc".utf8)))
    }
}
