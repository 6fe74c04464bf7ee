internal import COpenSSL

/// SHA-256 of octets that come piece by piece.
package struct SHA256: ~Copyable {
    package static let size = 32

    private let context: OpaquePointer?

    package init() {
        context = EVP_MD_CTX_new()
        precondition(context != nil && EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, "SHA-256 needs memory alone")
    }

    deinit { EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest, 32 octets.
    package consuming func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Self.size)
        EVP_DigestFinal_ex(context, &digest, nil)
        return digest
    }

    package static func digest(of bytes: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }
}
