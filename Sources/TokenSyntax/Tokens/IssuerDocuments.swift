/// What an issuer publishes about itself (RFC 8414 §2, OpenID Connect Discovery 1.0 §3), as far as it is needed here.
package struct IssuerMetadata: Hashable, Sendable {
    /// Where its keys are.
    package let keySet: String?
    /// Where it is asked about a token (RFC 7662).
    package let introspection: String?

    /// Reads the document of `issuer`. It must name that very issuer, or somebody else could speak for it
    /// (RFC 8414 §3.3).
    package init(_ octets: [UInt8], issuer: String) throws(TokenSyntaxError) {
        let json = try JSONReader.read(octets)
        guard json["issuer"]?.text == issuer else { throw .field("issuer") }
        keySet = json["jwks_uri"]?.text
        introspection = json["introspection_endpoint"]?.text
    }
}

/// What an issuer answers about a token (RFC 7662 §2.2).
package enum IntrospectionAnswer: Hashable, Sendable {
    case active(TokenClaims)
    /// Expired, revoked, unknown, or not for who asks: nobody learns which.
    case inactive

    package init(_ octets: [UInt8]) throws(TokenSyntaxError) {
        let json = try JSONReader.read(octets)
        guard case .boolean(let isActive)? = json["active"], let claims = TokenClaims(json) else {
            throw .field("active")
        }
        self = isActive ? .active(claims) : .inactive
    }
}
