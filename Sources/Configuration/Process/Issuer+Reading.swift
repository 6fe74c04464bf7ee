internal import HTTPClient
package import OAuth
package import YAML

extension ProcessSettings {
    /// Somebody whose tokens sign people in, and the file with what we prove to it that we may ask.
    package struct Issuer: Hashable, Sendable {
        /// Issuers of one configuration.
        package static let limit = 16
        /// Scopes of one issuer.
        package static let scopeLimit = 16

        package var description: IssuerDescription
        /// Nil when the issuer's keys are enough.
        package var clientSecretFile: Located<String>?
    }

    /// Reads `issuers`. One that has a mistake is left out.
    static func issuers(
        _ reader: MappingReader, directory: String, problems: ProblemList
    ) -> [Located<Issuer>] {
        var issuers: [Located<Issuer>] = []
        for entry in reader.sections("issuers") {
            defer { entry.finish() }
            guard let issuer = Issuer(entry, directory: directory) else { continue }
            if let earlier = issuers.first(where: { $0.value.description.address == issuer.description.address }) {
                problems.report(
                    at: entry.position, setting: entry.path,
                    "\(issuer.description.address) is the issuer in line \(earlier.position.line) already",
                    remedy: "Keep one of the two.")
                continue
            }
            issuers.append(Located(issuer, at: entry.position))
        }
        if issuers.count > Issuer.limit {
            reader.report("issuers", "has more than \(Issuer.limit) entries", remedy: "Keep at most \(Issuer.limit).")
        }
        return Array(issuers.prefix(Issuer.limit))
    }
}

extension ProcessSettings.Issuer {
    fileprivate init?(_ reader: MappingReader, directory: String) {
        let address = reader.required("url", .issuer)
        let audience = reader.value("audience", .text("the audience that tokens must be for", limit: 512))
        let scopes = reader.list("scopes", .scope, limit: Self.scopeLimit).map(\.value)
        let claim = reader.value("user-claim", .text("the name of a claim", limit: 128))
        let keys = reader.value("jwks", .webAddress)
        let authorityFile = reader.value("ca-file", .path(from: directory))
        let introspection = reader.section("introspection")
        var endpoint: WebAddress?
        var client: String?
        if let introspection {
            endpoint = introspection.value("url", .webAddress)
            client = introspection.required("client-id", .text("the name of Posthouse at the issuer", limit: 256))
            clientSecretFile = introspection.requiredLocated("client-secret-file", .path(from: directory))
            introspection.finish()
            if reader.has("jwks") {
                reader.report(
                    "jwks", "is not used: the issuer is asked about each token",
                    remedy: "Keep `jwks` or `introspection`, one of the two.")
            }
        } else if audience == nil, !reader.has("audience") {
            reader.report(
                "audience", "is missing, and tokens for any other service of this issuer would sign people in",
                remedy: "Write what `aud` of tokens for Posthouse holds, such as its client identifier.")
        }
        guard let address, introspection != nil ? client != nil && clientSecretFile != nil : audience != nil else {
            return nil
        }
        description = IssuerDescription(
            address: address, audience: audience, scopes: scopes,
            userClaim: claim ?? (client == nil ? Self.tokenClaim : Self.answerClaim),
            check: client.map { .introspection(endpoint, client: $0) } ?? .keys(keys), authorityFile: authorityFile)
    }

    /// The claim by which tokens name a person as people know her (OpenID Connect Core 1.0 §5.1).
    private static let tokenClaim = "preferred_username"
    /// The same in answers about tokens (RFC 7662 §2.2).
    private static let answerClaim = "username"
}

extension ScalarKind<WebAddress> {
    /// An address of HTTPS; without encryption only on this very machine.
    static var webAddress: Self {
        ScalarKind<String>.text("a URL such as https://id.example.com/path", limit: WebAddress.limit)
            .map { text throws(ScalarRefusal) in
                guard let address = WebAddress(text) else {
                    throw ScalarRefusal("`\(text)` is not a URL", remedy: "Write it whole, beginning with https://.")
                }
                guard address.isPrivate else {
                    throw ScalarRefusal(
                        "\(text) is not encrypted, so that anybody between could sign in as anybody",
                        remedy: "Write https://; http:// will do on this very machine alone.")
                }
                return address
            }
    }

    /// One by which tokens name their issuer (RFC 8414 §2).
    static var issuer: Self {
        webAddress.map { address throws(ScalarRefusal) in
            guard !address.hasQuery else {
                throw ScalarRefusal("an issuer has no query", remedy: "Write what `iss` of its tokens says.")
            }
            return address
        }
    }
}

extension ScalarKind<String> {
    /// A scope: printable ASCII without blanks, `"` and `\` (RFC 6749 §3.3).
    static var scope: Self {
        text("a scope such as mail", limit: 256).map { text throws(ScalarRefusal) in
            guard text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }) else {
                throw ScalarRefusal("`\(text)` is not a scope", remedy: "Write each for itself: [mail, openid].")
            }
            return text
        }
    }
}
