internal import Bytes

/// What an issuer says in a token (RFC 7519 §4) or of one (RFC 7662 §2.2).
package struct TokenClaims: Hashable, Sendable {
    private let members: [String: JSON]

    /// Nil when the value is no object.
    package init?(_ json: JSON) {
        guard case .object(let members) = json else { return nil }
        self.members = members
    }

    package subscript(name: String) -> JSON? { members[name] }

    /// `iss`; nil when it is missing or no text.
    package var issuer: String? { members["iss"]?.text }

    /// `exp` in seconds since 1970; nil when it is missing or no number.
    package var expiry: Int64? { members["exp"]?.whole }

    /// `scope`, words with blanks between (RFC 8693 §4.2, RFC 7662 §2.2), or `scp`, which some issuers write instead, as
    /// words or as a list of them.
    package var scopes: Set<String> {
        let written = members["scope"] ?? members["scp"]
        let words = written?.texts?.flatMap { $0.split(separator: " ").map(String.init) }
        return Set(words ?? [])
    }

    /// What is asked of a token.
    package struct Demand: Hashable, Sendable {
        /// Who must have issued it, octet by octet.
        package var issuer: String
        /// For whom it must be; nil when the issuer sees to that.
        package var audience: String?
        /// What it must allow.
        package var scopes: Set<String>
        /// Whether it must say who issued it and when it ends: a token must, an answer about one need not, for it is the
        /// issuer itself that gives the answer.
        package var isComplete: Bool

        package init(issuer: String, audience: String?, scopes: Set<String> = [], isComplete: Bool) {
            self.issuer = issuer
            self.audience = audience
            self.scopes = scopes
            self.isComplete = isComplete
        }
    }

    /// What is wrong with claims.
    package enum Fault: Error, Hashable, Sendable {
        case issuer, audience, expired, notYetValid, scope
        /// The token is bound to a key that its bearer would have to prove (RFC 7800 §3, RFC 9449 §7.2).
        case bound
        /// A claim that decides has a value of another type than it should.
        case malformed(String)
    }

    /// Seconds by which the issuer's clock may differ from ours (RFC 7519 §4.1.4: no more than a few minutes).
    package static let leeway: Int64 = 60

    /// Fails with the first thing that is not as demanded.
    /// - Parameter now: seconds since 1970.
    package func check(_ demand: Demand, now: Int64) throws(Fault) {
        if let named = members["iss"] {
            guard named.text == demand.issuer else { throw .issuer }
        } else if demand.isComplete {
            throw .issuer
        }
        if let audience = demand.audience {
            guard members["aud"]?.texts?.contains(audience) == true else { throw .audience }
        }
        guard members["cnf"] == nil else { throw .bound }
        if let end = try time("exp") {
            guard now < end + Self.leeway else { throw .expired }
        } else if demand.isComplete {
            throw .expired
        }
        if let start = try time("nbf"), now < start - Self.leeway { throw .notYetValid }
        guard demand.scopes.isSubset(of: scopes) else { throw .scope }
    }

    private func time(_ name: String) throws(Fault) -> Int64? {
        guard let value = members[name] else { return nil }
        guard let seconds = value.whole else { throw .malformed(name) }
        return seconds
    }
}
