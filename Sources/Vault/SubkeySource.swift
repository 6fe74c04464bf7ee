internal import COpenSSL

/// Derives the key of each purpose from the master key: HKDF-Expand with SHA-256 (RFC 5869 §2.3). The master key is
/// uniformly random, so the extraction step has nothing to do.
final class SubkeySource: Sendable {
    static let keySize = 32

    private let master: Secret

    init(_ master: borrowing Secret) throws(VaultError) {
        self.master = master.withUnsafeBytes { Secret($0) }
    }

    /// The key of this purpose, 32 octets: T(1) = HMAC(master, info ‖ 0x01).
    func derive(_ purpose: String) -> Secret {
        var info = Array("posthouse/1/".utf8)
        info.append(contentsOf: purpose.utf8)
        info.append(1)
        return master.withUnsafeBytes { Secret(HMAC.sha256(key: $0, info)) }
    }

    /// HMAC-SHA-256 under the key of this purpose.
    func mac(_ purpose: String, _ message: [UInt8]) -> [UInt8] {
        derive("mac/" + purpose).withUnsafeBytes { HMAC.sha256(key: $0, message) }
    }
}

/// HMAC-SHA-256 (RFC 2104).
enum HMAC {
    static let size = 32

    static func sha256(key: UnsafeRawBufferPointer, _ message: some Collection<UInt8>) -> [UInt8] {
        let message = Array(message)
        var tag = [UInt8](repeating: 0, count: size)
        var length: UInt32 = 0
        let result = openSSLHMAC(EVP_sha256(), key.baseAddress, Int32(key.count), message, message.count, &tag, &length)
        precondition(result != nil && length == size, "HMAC-SHA-256 needs memory alone")
        return tag
    }
}

// The C function of the same name, which the enum hides.
private let openSSLHMAC = COpenSSL.HMAC
