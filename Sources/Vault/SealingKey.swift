internal import COpenSSL

/// A key that seals with AES-256-GCM: version (1 octet), key identifier (4), random nonce (12), ciphertext, tag (16).
final class SealingKey: Sendable {
    static let version: UInt8 = 1
    static let identifierSize = 4
    static let nonceSize = 12
    static let tagSize = 16
    static let headerSize = 1 + identifierSize + nonceSize
    /// What sealing adds to the size.
    static let overhead = headerSize + tagSize

    private let key: Secret
    private let identifier: [UInt8]
    private let cipher: Cipher

    init(_ key: consuming Secret, identifier: [UInt8]) throws(VaultError) {
        precondition(key.count == 32 && identifier.count == Self.identifierSize)
        self.key = key
        self.identifier = identifier
        cipher = try Cipher()
    }

    func seal(_ plain: UnsafeRawBufferPointer, context: String) throws(VaultError) -> [UInt8] {
        var succeeded = false
        let sealed = [UInt8](unsafeUninitializedCapacity: plain.count + Self.overhead) { output, count in
            guard let base = output.baseAddress else { return }
            base[0] = Self.version
            for (place, byte) in identifier.enumerated() { base[1 + place] = byte }
            let nonce = base + 1 + Self.identifierSize
            guard RAND_bytes(nonce, Int32(Self.nonceSize)) == 1 else { return }
            succeeded = key.withUnsafeBytes {
                cipher.encrypt(
                    plain, key: $0, nonce: nonce, additional: context, to: base + Self.headerSize,
                    tag: base + Self.headerSize + plain.count)
            }
            if succeeded { count = plain.count + Self.overhead }
        }
        guard succeeded else { throw .library("seal") }
        return sealed
    }

    func open(_ sealed: UnsafeRawBufferPointer, context: String) throws(VaultError) -> [UInt8] {
        let size = try check(sealed)
        var succeeded = false
        let plain = [UInt8](unsafeUninitializedCapacity: max(1, size)) { output, count in
            guard let base = output.baseAddress else { return }
            succeeded = decrypt(sealed, size, context, to: base)
            if succeeded { count = size }
        }
        guard succeeded else { throw .damaged }
        return plain
    }

    func openSecret(_ sealed: [UInt8], context: String) throws(VaultError) -> Secret {
        let size = try check(sealed)
        do throws(VaultError) {
            return try Secret(count: size) { output in
                guard let base = output.baseAddress else { return false }
                return sealed.withUnsafeBytes { decrypt($0, size, context, to: base) }
            }
        } catch { throw .damaged }
    }

    /// The size of the plain octets.
    private func check(_ sealed: some RandomAccessCollection<UInt8>) throws(VaultError) -> Int {
        guard sealed.count >= Self.overhead, sealed.first == Self.version else { throw .damaged }
        guard sealed.dropFirst().prefix(Self.identifierSize).elementsEqual(identifier) else { throw .otherKey }
        return sealed.count - Self.overhead
    }

    private func decrypt(
        _ sealed: UnsafeRawBufferPointer, _ size: Int, _ context: String, to output: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        guard let base = sealed.bindMemory(to: UInt8.self).baseAddress else { return false }
        return key.withUnsafeBytes {
            cipher.decrypt(
                UnsafeRawBufferPointer(start: base + Self.headerSize, count: size), key: $0,
                nonce: base + 1 + Self.identifierSize, tag: base + Self.headerSize + size, additional: context,
                to: output)
        }
    }
}

/// AES-256-GCM of OpenSSL (EVP_EncryptInit(3), "AEAD Interface"), fetched once: looking it up costs more than a short seal.
private final class Cipher: @unchecked Sendable {
    private let cipher: OpaquePointer

    init() throws(VaultError) {
        guard let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) else { throw .library("AES-256-GCM") }
        self.cipher = cipher
    }

    deinit { EVP_CIPHER_free(cipher) }

    func encrypt(
        _ plain: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, nonce: UnsafePointer<UInt8>,
        additional: String, to output: UnsafeMutablePointer<UInt8>, tag: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        guard let context = EVP_CIPHER_CTX_new(), let key = key.bindMemory(to: UInt8.self).baseAddress,
            plain.count <= Int(Int32.max)
        else { return false }
        defer { EVP_CIPHER_CTX_free(context) }
        var count: Int32 = 0
        let additional = Array(additional.utf8)
        return EVP_EncryptInit_ex2(context, cipher, key, nonce, nil) == 1
            && EVP_EncryptUpdate(context, nil, &count, additional, Int32(additional.count)) == 1
            && (plain.isEmpty
                || EVP_EncryptUpdate(
                    context, output, &count, plain.bindMemory(to: UInt8.self).baseAddress, Int32(plain.count)) == 1)
            && EVP_EncryptFinal_ex(context, output + plain.count, &count) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(SealingKey.tagSize), tag) == 1
    }

    func decrypt(
        _ sealed: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, nonce: UnsafePointer<UInt8>,
        tag: UnsafePointer<UInt8>, additional: String, to output: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        guard let context = EVP_CIPHER_CTX_new(), let key = key.bindMemory(to: UInt8.self).baseAddress,
            sealed.count <= Int(Int32.max)
        else { return false }
        defer { EVP_CIPHER_CTX_free(context) }
        var count: Int32 = 0
        let additional = Array(additional.utf8)
        return EVP_DecryptInit_ex2(context, cipher, key, nonce, nil) == 1
            && EVP_DecryptUpdate(context, nil, &count, additional, Int32(additional.count)) == 1
            && (sealed.isEmpty
                || EVP_DecryptUpdate(
                    context, output, &count, sealed.bindMemory(to: UInt8.self).baseAddress, Int32(sealed.count)) == 1)
            && EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_AEAD_SET_TAG, Int32(SealingKey.tagSize), UnsafeMutableRawPointer(mutating: tag)) == 1
            && EVP_DecryptFinal_ex(context, output + sealed.count, &count) == 1
    }
}
