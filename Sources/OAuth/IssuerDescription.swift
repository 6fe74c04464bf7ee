package import HTTPClient
package import Vault

/// Somebody whose tokens are believed, as the configuration describes it.
package struct IssuerDescription: Hashable, Sendable {
    /// How a token is checked.
    package enum Check: Hashable, Sendable {
        /// By its signature, with the keys at an address; nil for the one that the issuer publishes.
        case keys(WebAddress?)
        /// By asking the issuer, at an address or where it publishes, as this client.
        case introspection(WebAddress?, client: String)
    }

    /// The claim that is an address of hers, and names her only when the issuer has verified it
    /// (OpenID Connect Core 1.0 §5.1, §5.7).
    package static let addressClaim = "email"

    /// Whom tokens name as `iss`, octet by octet, and below which its metadata lies.
    package var address: WebAddress
    /// What `aud` must hold: without it a token for any other service would do. Nil only where the issuer is asked, which
    /// answers for the client that asks (RFC 7662 §4).
    package var audience: String?
    /// Scopes that a token must have.
    package var scopes: [String]
    /// Which claim says who it is.
    package var userClaim: String
    package var check: Check
    /// A PEM file with the authorities of its certificate; nil for those of the system.
    package var authorityFile: String?

    package init(
        address: WebAddress, audience: String?, scopes: [String] = [], userClaim: String, check: Check,
        authorityFile: String? = nil
    ) {
        self.address = address
        self.audience = audience
        self.scopes = scopes
        self.userClaim = userClaim
        self.check = check
        self.authorityFile = authorityFile
    }

    /// Where its metadata may be: OpenID Connect Discovery 1.0 §4 puts it below the issuer, RFC 8414 §3 between host and
    /// path.
    package var metadataAddresses: [WebAddress] {
        let path = address.path.hasSuffix("/") ? String(address.path.dropLast()) : address.path
        return [
            "\(address.origin)\(path)/.well-known/openid-configuration",
            "\(address.origin)/.well-known/oauth-authorization-server\(path)",
        ].compactMap { WebAddress($0) }
    }
}

/// What we prove to an issuer with that we may ask it.
package final class ClientSecret: Sendable {
    private let secret: Secret

    package init(_ secret: consuming Secret) { self.secret = secret }

    /// Lends a copy for one request.
    var octets: [UInt8] { secret.withUnsafeBytes { Array($0) } }
}
