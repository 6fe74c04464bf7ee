internal import Bytes

/// A public key that tokens are verified with (RFC 7517).
package struct VerificationKey: Hashable, Sendable {
    /// The curves of ECDSA (RFC 7518 §6.2.1.1).
    package enum Curve: String, Hashable, Sendable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        /// Octets of a coordinate, and of each half of a signature.
        package var size: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }
    }

    /// The curves of EdDSA (RFC 8037 §2).
    package enum EdwardsCurve: String, Hashable, Sendable {
        case ed25519 = "Ed25519"
        case ed448 = "Ed448"

        /// Octets of a key.
        package var size: Int { self == .ed25519 ? 32 : 57 }
        /// Octets of a signature.
        package var signatureSize: Int { size * 2 }
    }

    /// What the key consists of.
    package enum Material: Hashable, Sendable {
        /// Both numbers with their highest octet first, without zeros in front.
        case rsa(modulus: [UInt8], exponent: [UInt8])
        case elliptic(Curve, x: [UInt8], y: [UInt8])
        case edwards(EdwardsCurve, [UInt8])
    }

    /// Bits of the smallest modulus of RSA (RFC 7518 §3.3).
    package static let leastModulus = 2048
    /// Bits of the largest: beyond it checking takes long, which is what a stranger could want.
    package static let greatestModulus = 8192
    /// Octets of the largest exponent of RSA, for the same reason.
    package static let exponentLimit = 8

    /// `kid`, by which tokens name it; nil when it has none.
    package let identifier: String?
    /// `alg`, when the key is for one algorithm alone.
    package let algorithm: SignatureAlgorithm?
    package let material: Material

    package init(identifier: String? = nil, algorithm: SignatureAlgorithm? = nil, material: Material) {
        self.identifier = identifier
        self.algorithm = algorithm
        self.material = material
    }

    /// Reads a JSON Web Key; nil for one that is no key for signatures, or of a kind that is not known here: a set may
    /// hold others (RFC 7517 §5).
    package init?(_ json: JSON) {
        if let use = json["use"], use.text != "sig" { return nil }
        if let operations = json["key_ops"], operations.texts?.contains("verify") != true { return nil }
        var algorithm: SignatureAlgorithm?
        if let name = json["alg"] {
            guard let known = name.text.flatMap(SignatureAlgorithm.init(rawValue:)) else { return nil }
            algorithm = known
        }
        guard let material = Self.material(json), algorithm?.fits(material) ?? true else { return nil }
        self.init(identifier: json["kid"]?.text, algorithm: algorithm, material: material)
    }

    private static func material(_ json: JSON) -> Material? {
        func octets(_ name: String) -> [UInt8]? { json[name]?.text.flatMap { Base64.decode($0.utf8, .url) } }
        switch json["kty"]?.text {
        case "RSA":
            guard let modulus = octets("n").map(number), let exponent = octets("e").map(number),
                let first = modulus.first, !exponent.isEmpty, exponent.count <= exponentLimit
            else { return nil }
            let bits = modulus.count * 8 - first.leadingZeroBitCount
            guard (leastModulus...greatestModulus).contains(bits) else { return nil }
            return .rsa(modulus: modulus, exponent: exponent)
        case "EC":
            guard let curve = json["crv"]?.text.flatMap(Curve.init(rawValue:)), let x = octets("x"),
                let y = octets("y"), x.count == curve.size, y.count == curve.size
            else { return nil }
            return .elliptic(curve, x: x, y: y)
        case "OKP":
            guard let curve = json["crv"]?.text.flatMap(EdwardsCurve.init(rawValue:)), let x = octets("x"),
                x.count == curve.size
            else { return nil }
            return .edwards(curve, x)
        default: return nil
        }
    }

    private static func number(_ octets: [UInt8]) -> [UInt8] { Array(octets.drop { $0 == 0 }) }
}

/// The keys of an issuer (RFC 7517 §5).
package struct KeySet: Hashable, Sendable {
    /// Keys that are looked at; an issuer has a handful.
    package static let limit = 64

    package let keys: [VerificationKey]

    package init(keys: [VerificationKey]) { self.keys = keys }

    /// Reads a set; keys that can't be used here are passed over.
    package init(_ octets: [UInt8]) throws(TokenSyntaxError) {
        guard case .array(let keys)? = try JSONReader.read(octets)["keys"] else { throw .field("keys") }
        guard keys.count <= Self.limit else { throw .tooLarge }
        self.init(keys: keys.compactMap { VerificationKey($0) })
    }

    /// The keys that may have signed a token: those that it names, or all that are for its algorithm when it names none.
    package func candidates(for header: JSONWebToken.Header) -> [VerificationKey] {
        keys.filter { key in
            header.algorithm.fits(key.material) && key.algorithm.map { $0 == header.algorithm } ?? true
                && (header.keyIdentifier == nil || key.identifier == header.keyIdentifier)
        }
    }
}
