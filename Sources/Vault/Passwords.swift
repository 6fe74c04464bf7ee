internal import Bytes
internal import COpenSSL
package import SASL

/// What is stored of people's passwords: SCRAM-SHA-256 verifiers (RFC 5803, RFC 7677).
package enum Passwords {
    /// Rounds of PBKDF2 for a new verifier. Clients built on Cyrus SASL (mbsync, mutt, Cyrus's own) give up on a server
    /// that asks for more; RFC 7677 §4 asks for at least 4,096.
    package static let defaultIterations = 65_536
    package static let minimumIterations = 65_536
    package static let saltSize = 16

    /// A verifier for this password under a random salt. Takes tens of milliseconds: for workers and the command line.
    /// - Precondition: at least `minimumIterations`.
    package static func verifier(
        for password: borrowing Secret, iterations: Int = defaultIterations
    ) throws(VaultError) -> SCRAMVerifier {
        precondition(iterations >= minimumIterations)
        var salt = [UInt8](repeating: 0, count: saltSize)
        guard RAND_bytes(&salt, Int32(saltSize)) == 1 else { throw .library("salt") }
        return try verifier(for: password, salt: salt, iterations: iterations)
    }

    /// Whether this is the password, compared in constant time. As slow as the verifier's iterations make it.
    package static func check(_ password: borrowing Secret, against verifier: SCRAMVerifier) -> Bool {
        guard
            let computed = try? self.verifier(for: password, salt: verifier.salt, iterations: verifier.iterations),
            computed.storedKey.count == verifier.storedKey.count
        else { return false }
        return CRYPTO_memcmp(computed.storedKey, verifier.storedKey, computed.storedKey.count) == 0
    }

    /// RFC 5802 §3: SaltedPassword, from it ClientKey, StoredKey = H(ClientKey) and ServerKey.
    static func verifier(
        for password: borrowing Secret, salt: [UInt8], iterations: Int
    ) throws(VaultError) -> SCRAMVerifier {
        let salted = try Secret(count: SCRAMVerifier.keyLength) { output in
            password.withUnsafeBytes { bytes in
                let text = bytes.bindMemory(to: CChar.self)
                return PKCS5_PBKDF2_HMAC(
                    text.baseAddress, Int32(text.count), salt, Int32(salt.count), Int32(iterations), EVP_sha256(),
                    Int32(output.count), output.baseAddress) == 1
            }
        }
        return salted.withUnsafeBytes { salted in
            SCRAMVerifier(
                iterations: iterations, salt: salt,
                storedKey: SHA256.digest(of: HMAC.sha256(key: salted, "Client Key".utf8)),
                serverKey: HMAC.sha256(key: salted, "Server Key".utf8))
        }
    }
}
