package import HTTPClient
package import TokenSyntax

/// Why a token lets nobody in.
package enum TokenRefusal: Error, Hashable, Sendable {
    /// It could not be checked now: the issuer did not answer. The log has said more.
    case unavailable
    /// It was checked, as far as the reason goes.
    case refused(Reason, issuer: WebAddress?)

    /// For the log. Holds nothing of the token.
    package enum Reason: Hashable, Sendable {
        /// No token that is read here, and nobody to ask about it.
        case malformed(TokenSyntaxError)
        case unknownIssuer
        /// The issuer has no such key.
        case unknownKey
        case signature
        case claims(TokenClaims.Fault)
        /// The issuer says that it is not valid.
        case inactive
        /// The claim that names the user is missing.
        case nameless(claim: String)
        /// The issuer has not verified the address that names the user.
        case unverifiedAddress
    }
}

extension TokenRefusal.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(.header(let field)): "the token's \(field) is not taken"
        case .malformed: "no token that can be read"
        case .unknownIssuer: "the token is from an issuer that is not configured"
        case .unknownKey: "the token is signed with a key that its issuer does not publish"
        case .signature: "the token's signature is wrong"
        case .claims(let fault): fault.words
        case .inactive: "the issuer says that the token is not valid"
        case .nameless(let claim): "the token has no claim \(claim)"
        case .unverifiedAddress: "the issuer has not verified the address"
        }
    }
}

extension TokenClaims.Fault {
    fileprivate var words: String {
        switch self {
        case .issuer: "the token names another issuer"
        case .audience: "the token is for another audience"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .scope: "the token lacks a scope"
        case .bound: "the token is bound to a key"
        case .malformed(let claim): "the token's claim \(claim) is no number"
        }
    }
}

/// Whom an issuer says somebody is.
package struct TokenIdentity: Hashable, Sendable {
    /// What names her.
    package enum Subject: Hashable, Sendable {
        case name(String)
        /// Verified by the issuer.
        case address(String)

        package var text: String {
            switch self {
            case .name(let text), .address(let text): text
            }
        }
    }

    package let issuer: WebAddress
    package let subject: Subject

    package init(issuer: WebAddress, subject: Subject) {
        self.issuer = issuer
        self.subject = subject
    }

    /// Reads the claim that the issuer's description names.
    init(_ claims: TokenClaims, of issuer: IssuerDescription) throws(TokenRefusal) {
        let text = claims[issuer.userClaim]?.text ?? ""
        guard !text.isEmpty else { throw .refused(.nameless(claim: issuer.userClaim), issuer: issuer.address) }
        self.issuer = issuer.address
        guard issuer.userClaim == IssuerDescription.addressClaim else {
            subject = .name(text)
            return
        }
        // Some issuers write it as a text.
        let verified = claims["email_verified"]
        guard verified == .boolean(true) || verified == .text("true") else {
            throw .refused(.unverifiedAddress, issuer: issuer.address)
        }
        subject = .address(text)
    }
}

/// Why an issuer could not be asked.
enum IssuerFault: Error, Hashable, Sendable, CustomStringConvertible {
    case http(HTTPError)
    /// What it answered is not what it should be.
    case document(WebAddress, TokenSyntaxError)
    /// Its metadata does not say where this is, or names a place that is not asked.
    case missing(String, WebAddress)
    /// It did not answer a moment ago.
    case resting

    /// Whether an issuer may have stumbled over the token that it was asked about, so that others fare better: whoever
    /// sends such a token must not shut them out.
    var mayBeTheToken: Bool {
        switch self {
        case .http(.status(_, 500)), .document: true
        default: false
        }
    }

    var description: String {
        switch self {
        case .http(let error): "\(error)"
        case .document(let address, .field(let name)): "\(address) answered without a right \(name)"
        case .document(let address, _): "\(address) answered with what is no JSON, or too much of it"
        case .missing(let name, let address): "\(address) names no \(name) that can be used"
        case .resting: "it did not answer a moment ago"
        }
    }
}
