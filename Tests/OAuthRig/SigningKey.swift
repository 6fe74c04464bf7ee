internal import Bytes
internal import COpenSSL

/// A key pair of a test's own, and what is signed with it. Only what a test calls for one at a time.
package final class SigningKey: @unchecked Sendable {
    /// The kinds of key.
    package enum Kind: String, Sendable, CaseIterable {
        case rsa, weakRSA, p256, p384, p521, ed25519, ed448
    }

    package let kind: Kind
    package let identifier: String
    private let key: OpaquePointer

    package init(_ kind: Kind = .p256, identifier: String = "key-1") throws {
        self.kind = kind
        self.identifier = identifier
        let name =
            switch kind {
            case .rsa, .weakRSA: "RSA"
            case .p256, .p384, .p521: "EC"
            case .ed25519: "ED25519"
            case .ed448: "ED448"
            }
        let context = EVP_PKEY_CTX_new_from_name(nil, name, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var made: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1 else { throw RigError("no keys of \(name)") }
        switch kind {
        case .rsa: EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048)
        case .weakRSA: EVP_PKEY_CTX_set_rsa_keygen_bits(context, 1024)
        case .p256: EVP_PKEY_CTX_set_group_name(context, "P-256")
        case .p384: EVP_PKEY_CTX_set_group_name(context, "P-384")
        case .p521: EVP_PKEY_CTX_set_group_name(context, "P-521")
        case .ed25519, .ed448: break
        }
        guard EVP_PKEY_generate(context, &made) == 1, let made else { throw RigError("no key of \(name)") }
        key = made
    }

    deinit { EVP_PKEY_free(key) }

    /// The public key as a JSON Web Key; `members` go in besides, such as `"use":"enc"`.
    package func published(_ members: [String] = []) -> String {
        let own: [String]
        switch kind {
        case .rsa, .weakRSA: own = [#""kty":"RSA""#, #""n":"\#(number("n"))""#, #""e":"\#(number("e"))""#]
        case .p256, .p384, .p521:
            let point = octets("pub")
            let half = (point.count - 1) / 2
            own = [
                #""kty":"EC""#, #""crv":"\#("P-\(kind.rawValue.dropFirst())")""#,
                #""x":"\#(Self.text(point[1...half]))""#, #""y":"\#(Self.text(point[(half + 1)...]))""#,
            ]
        case .ed25519, .ed448:
            own = [
                #""kty":"OKP""#, #""crv":"\#(kind == .ed25519 ? "Ed25519" : "Ed448")""#,
                #""x":"\#(Self.text(octets("pub")))""#,
            ]
        }
        return "{" + (own + [#""kid":"\#(identifier)""#] + members).joined(separator: ",") + "}"
    }

    /// A token of these claims with a header that says `algorithm`.
    /// - Parameter header: the whole header, when it is to say something else.
    package func token(_ claims: String, _ algorithm: String = "ES256", header: String? = nil) throws -> String {
        let header = header ?? #"{"alg":"\#(algorithm)","typ":"at+jwt","kid":"\#(identifier)"}"#
        let signed = Self.text(header.utf8) + "." + Self.text(claims.utf8)
        return signed + "." + Self.text(try sign(Array(signed.utf8), algorithm))
    }

    /// The signature by `algorithm`, in the form that a token has.
    package func sign(_ octets: [UInt8], _ algorithm: String) throws -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var detail: OpaquePointer?
        let digest: OpaquePointer? =
            algorithm.hasPrefix("Ed") ? nil : EVP_get_digestbyname("SHA\(algorithm.suffix(3))")
        guard EVP_DigestSignInit(context, &detail, digest, nil, key) == 1 else { throw RigError("can't sign") }
        if algorithm.hasPrefix("PS") {
            EVP_PKEY_CTX_set_rsa_padding(detail, RSA_PKCS1_PSS_PADDING)
            EVP_PKEY_CTX_set_rsa_pss_saltlen(detail, RSA_PSS_SALTLEN_DIGEST)
        }
        var count = 0
        guard EVP_DigestSign(context, nil, &count, octets, octets.count) == 1 else { throw RigError("can't sign") }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, octets, octets.count) == 1 else {
            throw RigError("can't sign")
        }
        signature.removeLast(signature.count - count)
        return algorithm.hasPrefix("ES") ? try halves(of: signature) : signature
    }

    /// base64url.
    package static func text(_ octets: some Collection<UInt8>) -> String {
        String(decoding: Base64.encode(Array(octets), .url), as: UTF8.self)
    }

    private func halves(of signature: [UInt8]) throws -> [UInt8] {
        let size: Int32 =
            switch kind {
            case .p256: 32
            case .p384: 48
            default: 66
            }
        return try signature.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            guard let pair = d2i_ECDSA_SIG(nil, &start, buffer.count) else { throw RigError("no signature") }
            defer { ECDSA_SIG_free(pair) }
            var octets = [UInt8](repeating: 0, count: Int(size) * 2)
            octets.withUnsafeMutableBufferPointer { octets in
                _ = BN_bn2binpad(ECDSA_SIG_get0_r(pair), octets.baseAddress, size)
                _ = BN_bn2binpad(ECDSA_SIG_get0_s(pair), octets.baseAddress.map { $0 + Int(size) }, size)
            }
            return octets
        }
    }

    private func number(_ name: String) -> String {
        var number: OpaquePointer?
        EVP_PKEY_get_bn_param(key, name, &number)
        defer { BN_free(number) }
        var octets = [UInt8](repeating: 0, count: 1024)
        let count = Int(BN_bn2bin(number, &octets))
        return Self.text(octets.prefix(count))
    }

    private func octets(_ name: String) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: 256)
        var count = 0
        EVP_PKEY_get_octet_string_param(key, name, &octets, octets.count, &count)
        return Array(octets.prefix(count))
    }
}

/// What the rig could not do.
package struct RigError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
