internal import Bytes
internal import COpenSSL
package import SASL

/// The only place that opens what is sealed. Toward upstreams it does not give passwords away: it signs in.
///
/// The master key never leaves this object; every purpose has a key of its own, derived from it by HKDF (RFC 5869), so
/// that what was sealed as a secret can't be opened as a content, and a MAC of one kind is no MAC of another.
package final class Vault: Sendable {
    /// The name of the systemd credential that holds the master key.
    package static let credentialName = "posthouse-master-key"

    /// Names the master key in everything sealed under it; tells nothing about it.
    package let keyIdentifier: [UInt8]

    private let secrets: SealingKey
    private let contents: SealingKey
    private let macs: SubkeySource

    /// Opens the vault with the systemd credential when there is one, else with the key file, which is made, readable
    /// by its owner alone, when it is missing. A file that others can read is refused.
    /// - Parameter credentialsDirectory: the value of `CREDENTIALS_DIRECTORY`.
    package static func open(keyFile: String, credentialsDirectory: String?) throws(VaultError) -> Vault {
        try Vault(masterKey: MasterKey.load(keyFile: keyFile, credentialsDirectory: credentialsDirectory))
    }

    /// A vault under this master key.
    package init(masterKey: borrowing Secret) throws(VaultError) {
        let source = try SubkeySource(masterKey)
        let identifier = source.derive("key identifier").withUnsafeBytes { Array($0.prefix(4)) }
        keyIdentifier = identifier
        secrets = try SealingKey(source.derive("secrets"), identifier: identifier)
        contents = try SealingKey(source.derive("contents"), identifier: identifier)
        macs = source
    }

    /// Seals a content: cached mail, attachments. `context` names its place and must be the same to open it.
    package func seal(_ plain: UnsafeRawBufferPointer, context: String) throws(VaultError) -> [UInt8] {
        try contents.seal(plain, context: context)
    }

    /// Opens a sealed content.
    package func open(_ sealed: UnsafeRawBufferPointer, context: String) throws(VaultError) -> [UInt8] {
        try contents.open(sealed, context: context)
    }

    /// Seals the secret of an upstream account. Nothing here opens it again but `client`.
    package func seal(_ secret: borrowing Secret, context: String) throws(VaultError) -> [UInt8] {
        try secret.withUnsafeBytes { bytes throws(VaultError) in try secrets.seal(bytes, context: context) }
    }

    /// Whether `sealed` holds this very secret, so that a site file read again changes nothing.
    package func holds(_ secret: borrowing Secret, sealed: [UInt8], context: String) -> Bool {
        guard let opened = try? unseal(sealed, context: context), opened.count == secret.count else { return false }
        return opened.withUnsafeBytes { left in
            secret.withUnsafeBytes { right in CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0 }
        }
    }

    /// The client's side of a sign-in at an upstream with the sealed secret; the rest as in `SASLClient`.
    /// Takes no long time, but the client's steps do.
    package func client(
        sealed: [UInt8], context: String, offered: [String], required: SASLMechanism? = nil, service: String,
        host: String, login: String, authorization: String? = nil, mayShowPassword: Bool
    ) throws(VaultError) -> SASLClient {
        let secret = try unseal(sealed, context: context)
        return try secret.withUnsafeBytes { bytes throws(VaultError) in
            do throws(SASLError) {
                return try SASLClient(
                    offered: offered, required: required, service: service, host: host, login: login,
                    authorization: authorization, secret: bytes.bindMemory(to: UInt8.self).span,
                    mayShowPassword: mayShowPassword)
            } catch { throw VaultError.exchange(error) }
        }
    }

    /// HMAC-SHA-256 of a message under a key for this purpose alone (`ticket token`, `message id`, …): 32 octets.
    package func mac(_ purpose: String, _ message: [UInt8]) -> [UInt8] { macs.mac(purpose, message) }

    /// Whether `mac` is what `mac(_:_:)` gives, or its first octets, compared in constant time. At least 4 octets.
    package func isMAC(_ mac: [UInt8], _ purpose: String, of message: [UInt8]) -> Bool {
        guard (4...32).contains(mac.count) else { return false }
        return CRYPTO_memcmp(mac, Array(macs.mac(purpose, message).prefix(mac.count)), mac.count) == 0
    }

    /// What an unknown name is measured against: the same each time for one name, like a real one, and of no password.
    /// Costs a few microseconds; checking a password against it takes as long as against a real one.
    package func decoy(for name: String) -> SCRAMVerifier {
        let name = Array(name.utf8)
        return SCRAMVerifier(
            iterations: Passwords.defaultIterations, salt: Array(mac("decoy salt", name).prefix(Passwords.saltSize)),
            storedKey: mac("decoy stored key", name), serverKey: mac("decoy server key", name))
    }

    private func unseal(_ sealed: [UInt8], context: String) throws(VaultError) -> Secret {
        try secrets.openSecret(sealed, context: context)
    }
}
