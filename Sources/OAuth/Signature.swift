internal import COpenSSL
internal import TokenSyntax

/// Signatures of tokens, checked by OpenSSL (RFC 7515 §5.2).
enum Signature {
    /// Whether `key` has signed the token. Tens of microseconds for RSA, some hundred for the curves.
    static func isRight(of token: JSONWebToken, by key: VerificationKey) -> Bool {
        isRight(token.signature, of: token.signedOctets, by: key, token.header.algorithm)
    }

    /// Whether `key` has made this signature of these octets by the algorithm.
    static func isRight(
        _ signature: [UInt8], of octets: [UInt8], by key: VerificationKey, _ algorithm: SignatureAlgorithm
    ) -> Bool {
        guard algorithm.fits(key.material), let own = PublicKey(key.material) else { return false }
        defer { ERR_clear_error() }
        switch key.material {
        case .rsa: return own.verifies(signature, of: octets, algorithm)
        case .elliptic(let curve, _, _):
            guard let encoded = encoded(signature, curve) else { return false }
            return own.verifies(encoded, of: octets, algorithm)
        case .edwards(let curve, _):
            guard signature.count == curve.signatureSize else { return false }
            return own.verifies(signature, of: octets, algorithm)
        }
    }

    /// The two numbers side by side (RFC 7518 §3.4) in the form that OpenSSL reads.
    private static func encoded(_ signature: [UInt8], _ curve: VerificationKey.Curve) -> [UInt8]? {
        guard signature.count == 2 * curve.size, let pair = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(pair) }
        let halves = [signature.prefix(curve.size), signature.suffix(curve.size)].map { half in
            BN_bin2bn(Array(half), Int32(half.count), nil)
        }
        guard let first = halves[0], let second = halves[1], ECDSA_SIG_set0(pair, first, second) == 1 else {
            for half in halves { BN_free(half) }
            return nil
        }
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_ECDSA_SIG(pair, &start)
        guard count > 0, let start else { return nil }
        defer { posthouse_openssl_free(start) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }
}

/// A key as OpenSSL has it.
private struct PublicKey: ~Copyable {
    private let key: OpaquePointer

    init?(_ material: VerificationKey.Material) {
        let made: OpaquePointer? =
            switch material {
            case .rsa(let modulus, let exponent):
                posthouse_rsa_key(modulus, Int32(modulus.count), exponent, Int32(exponent.count))
            // The octet in front says that both coordinates follow (SEC 1 §2.3.3).
            case .elliptic(let curve, let x, let y):
                posthouse_elliptic_key(curve.rawValue, [0x04] + x + y, 1 + x.count + y.count)
            case .edwards(.ed25519, let octets):
                EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, octets, octets.count)
            case .edwards(.ed448, let octets): EVP_PKEY_new_raw_public_key(EVP_PKEY_ED448, nil, octets, octets.count)
            }
        guard let made else {
            ERR_clear_error()
            return nil
        }
        key = made
    }

    deinit { EVP_PKEY_free(key) }

    borrowing func verifies(_ signature: [UInt8], of octets: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        var detail: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &detail, algorithm.digest, nil, key) == 1 else { return false }
        if algorithm.isProbabilistic {
            // The salt is as long as the digest (RFC 7518 §3.5).
            guard EVP_PKEY_CTX_set_rsa_padding(detail, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(detail, RSA_PSS_SALTLEN_DIGEST) == 1
            else { return false }
        }
        return EVP_DigestVerify(context, signature, signature.count, octets, octets.count) == 1
    }
}

extension SignatureAlgorithm {
    /// Nil for EdDSA, which has a digest of its own.
    fileprivate var digest: OpaquePointer? {
        switch self {
        case .rs256, .ps256, .es256: EVP_sha256()
        case .rs384, .ps384, .es384: EVP_sha384()
        case .rs512, .ps512, .es512: EVP_sha512()
        case .edDSA: nil
        }
    }

    fileprivate var isProbabilistic: Bool { self == .ps256 || self == .ps384 || self == .ps512 }
}
