/// The algorithms that a token may be signed with: each by a key pair, so that who checks can't sign. `none` and the
/// HMACs are not among them, whatever a token says (RFC 8725 §3.1, §3.2).
package enum SignatureAlgorithm: String, Hashable, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    /// RFC 8037 §3.1: with a key of Ed25519 or of Ed448.
    case edDSA = "EdDSA"

    /// Whether a key of this kind is for it (RFC 7518 §3.1, RFC 8037 §3.1).
    package func fits(_ material: VerificationKey.Material) -> Bool {
        switch (self, material) {
        case (.rs256, .rsa), (.rs384, .rsa), (.rs512, .rsa), (.ps256, .rsa), (.ps384, .rsa), (.ps512, .rsa): true
        case (.es256, .elliptic(.p256, _, _)), (.es384, .elliptic(.p384, _, _)), (.es512, .elliptic(.p521, _, _)): true
        case (.edDSA, .edwards): true
        default: false
        }
    }
}
