internal import Bytes

/// A signed token in its compact form (RFC 7519, RFC 7515 §7.1), read and not yet believed.
package struct JSONWebToken: Hashable, Sendable {
    /// What the token says of its signature.
    package struct Header: Hashable, Sendable {
        package let algorithm: SignatureAlgorithm
        /// `kid`: which of the issuer's keys has signed it; nil when it does not say.
        package let keyIdentifier: String?

        package init(algorithm: SignatureAlgorithm, keyIdentifier: String?) {
            self.algorithm = algorithm
            self.keyIdentifier = keyIdentifier
        }
    }

    /// Octets of the longest token that is looked at: with it an AUTH line still fits into RFC 4954's 12,288 octets.
    package static let limit = 8_192

    /// `typ` of tokens that open doors (RFC 9068 §2.1, RFC 7519 §5.1). Others are for other purposes, such as
    /// `logout+jwt`, and would pass for one of these otherwise (RFC 8725 §3.11).
    private static let types: Set<String> = ["jwt", "at+jwt", "application/at+jwt", "application/jwt"]

    package let header: Header
    package let claims: TokenClaims
    /// What the signature is of.
    package let signedOctets: [UInt8]
    package let signature: [UInt8]

    /// The claims of a token of three parts, for telling whose it is; nil for any other. Nothing is checked, the
    /// header not even read.
    package static func unverifiedClaims(of token: [UInt8]) -> TokenClaims? {
        guard let parts = parts(of: token), let json = try? JSONReader.read(parts.claims) else { return nil }
        return TokenClaims(json)
    }

    /// Reads a token.
    package init(_ token: [UInt8]) throws(TokenSyntaxError) {
        guard let parts = Self.parts(of: token), let claims = TokenClaims(try JSONReader.read(parts.claims)) else {
            throw .token
        }
        header = try Self.header(try JSONReader.read(parts.header))
        self.claims = claims
        signedOctets = Array(token[..<parts.signedCount])
        signature = parts.signature
    }

    private struct Parts {
        let header: [UInt8]
        let claims: [UInt8]
        let signature: [UInt8]
        let signedCount: Int
    }

    private static func parts(of token: [UInt8]) -> Parts? {
        guard token.count <= limit else { return nil }
        let parts = token.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64.decode(parts[0], .url),
            let claims = Base64.decode(parts[1], .url), let signature = Base64.decode(parts[2], .url)
        else { return nil }
        return Parts(
            header: header, claims: claims, signature: signature, signedCount: parts[0].count + 1 + parts[1].count)
    }

    private static func header(_ json: JSON) throws(TokenSyntaxError) -> Header {
        guard case .object(let members) = json else { throw .token }
        guard let algorithm = members["alg"]?.text.flatMap(SignatureAlgorithm.init(rawValue:)) else {
            throw .header("alg")
        }
        // RFC 7515 §4.1.11: what is critical and not understood makes the token invalid, and nothing is understood.
        guard members["crit"] == nil else { throw .header("crit") }
        if let type = members["typ"] {
            guard let name = type.text?.lowercased(), types.contains(name) else { throw .header("typ") }
        }
        if let identifier = members["kid"], identifier.text == nil { throw .header("kid") }
        return Header(algorithm: algorithm, keyIdentifier: members["kid"]?.text)
    }
}
