import HTTPClient
import Loop
import OAuth
import OAuthRig
import Testing
import TokenSyntax

/// Tokens that are believed for their signature.
@Suite(.timeLimit(.minutes(20)))
struct KeyTokenTests {
    @Test func findsTheKeysAndBelieves() async throws {
        try await Rig.with { rig in
            #expect(rig.tokens.isEmpty)
            #expect(await rig.identity(try rig.token()) == .failure(.refused(.unknownIssuer, issuer: nil)))
            try rig.believe()
            #expect(!rig.tokens.isEmpty)
            for _ in 0..<3 { #expect(await rig.identity(try rig.token()) == .success(.name("alice"))) }
            #expect(rig.issuer.count("/.well-known/openid-configuration") == 1 && rig.issuer.count("/keys") == 1)
        }
    }

    @Test func takesAGivenPlaceForKeys() async throws {
        try await Rig.with { rig in
            try rig.believe { $0.check = .keys(WebAddress("\(rig.issuer.address)/keys")) }
            #expect(await rig.identity(try rig.token()) == .success(.name("alice")))
            #expect(rig.issuer.count("/.well-known/openid-configuration") == 0)
        }
    }

    @Test func findsMetadataWhereRFC8414HasIt() async throws {
        try await Rig.with { rig in
            let address = rig.issuer.address
            rig.issuer.behave {
                $0.answers["/.well-known/openid-configuration"] = (404, "")
                $0.answers["/.well-known/oauth-authorization-server"] = (
                    200, #"{"issuer":"\#(address)","jwks_uri":"\#(address)/keys"}"#
                )
            }
            try rig.believe()
            #expect(await rig.identity(try rig.token()) == .success(.name("alice")))
        }
    }

    @Test(arguments: [
        (
            "https://id.example", "https://id.example/.well-known/openid-configuration",
            "https://id.example/.well-known/oauth-authorization-server"
        ),
        (
            "https://id.example:8443/realms/x/", "https://id.example:8443/realms/x/.well-known/openid-configuration",
            "https://id.example:8443/.well-known/oauth-authorization-server/realms/x"
        ),
    ])
    func knowsWhereMetadataLies(_ issuer: String, _ first: String, _ second: String) throws {
        let description = IssuerDescription(
            address: try #require(WebAddress(issuer)), audience: "a", userClaim: "sub", check: .keys(nil))
        #expect(description.metadataAddresses.map(\.text) == [first, second])
    }

    @Test func refusesWithAReason() async throws {
        try await Rig.with { rig in
            try rig.believe()
            func expect(_ reason: TokenRefusal.Reason, _ others: [String: String], header: String? = nil) async throws {
                #expect(await rig.identity(try rig.token(others, header: header)) == (try rig.refused(reason)))
            }
            try await expect(.claims(.audience), ["aud": #""other""#])
            try await expect(.claims(.expired), ["exp": "\(rig.now - 3600)"])
            try await expect(.claims(.expired), ["exp": ""])
            try await expect(.claims(.notYetValid), ["nbf": "\(rig.now + 3600)"])
            try await expect(.claims(.scope), ["scope": #""openid""#])
            try await expect(.claims(.bound), ["cnf": #"{"jkt":"x"}"#])
            try await expect(.nameless(claim: "preferred_username"), ["preferred_username": ""])
            try await expect(.nameless(claim: "preferred_username"), ["preferred_username": "7"])
            try await expect(.nameless(claim: "preferred_username"), ["preferred_username": #""""#])
            try await expect(.malformed(.header("alg")), [:], header: #"{"alg":"none"}"#)
            try await expect(.malformed(.header("alg")), [:], header: #"{"alg":"HS256","kid":"key-1"}"#)
            try await expect(.unknownKey, [:], header: #"{"alg":"ES384","kid":"key-1"}"#)
            try await expect(.unknownKey, [:], header: #"{"alg":"ES256","kid":"key-2"}"#)
            #expect(
                await rig.identity(try rig.token(["iss": #""https://other.example""#]))
                    == .failure(.refused(.unknownIssuer, issuer: nil)))
            for opaque in ["opaque", "a.b.c", ""] {
                #expect(await rig.identity(opaque) == .failure(.refused(.malformed(.token), issuer: nil)))
            }
            // Another key of the same name.
            let forged = try SigningKey().token(rig.claims())
            #expect(await rig.identity(forged) == (try rig.refused(.signature)))
            // Claims of one token with the signature of another.
            let (mine, hers) = (try rig.token(), try rig.token(["preferred_username": #""bob""#]))
            let mixed = hers.split(separator: ".").prefix(2) + mine.split(separator: ".").suffix(1)
            #expect(await rig.identity(mixed.joined(separator: ".")) == (try rig.refused(.signature)))
            #expect(rig.lines.withLock { $0.isEmpty })
        }
    }

    @Test func takesTokensThatNameNoKey() async throws {
        try await Rig.with { rig in
            try rig.believe()
            let another = try SigningKey(identifier: "another")
            rig.issuer.behave { $0.keys = [another.published(), rig.key.published([#""use":"sig""#])] }
            #expect(await rig.identity(try rig.token(header: #"{"alg":"ES256"}"#)) == .success(.name("alice")))
        }
    }

    @Test func looksAgainForAnUnknownKey() async throws {
        try await Rig.with { rig in
            try rig.believe()
            #expect(await rig.identity(try rig.token()) == .success(.name("alice")))
            let next = try SigningKey(identifier: "key-2")
            rig.issuer.behave { $0.keys = [rig.key.published(), next.published()] }
            #expect(await rig.identity(try next.token(rig.claims())) == (try rig.refused(.unknownKey)))
            #expect(rig.issuer.count("/keys") == 1)
            rig.wait(KeyRing.unknownKeyInterval)
            #expect(await rig.identity(try next.token(rig.claims())) == .success(.name("alice")))
            #expect(rig.issuer.count("/keys") == 2)
            // Whoever invents names of keys has them asked for no more often.
            for number in 0..<20 {
                let invented = try SigningKey(identifier: "invented-\(number)").token(rig.claims())
                #expect(await rig.identity(invented) == (try rig.refused(.unknownKey)))
            }
            #expect(rig.issuer.count("/keys") == 2)
        }
    }

    @Test func goesOnWithOldKeysWhenTheIssuerIsAway() async throws {
        try await Rig.with { rig in
            try rig.believe()
            rig.issuer.behave { $0.isAway = true }
            #expect(await rig.identity(try rig.token()) == .failure(.unavailable))
            #expect(rig.lines.withLock { $0.count } == 1)
            // It is left alone for a moment.
            let asked = rig.issuer.count("/.well-known/openid-configuration")
            #expect(await rig.identity(try rig.token()) == .failure(.unavailable))
            #expect(rig.issuer.count("/.well-known/openid-configuration") == asked)
            rig.issuer.behave { $0.isAway = false }
            rig.wait(KeyRing.rest)
            #expect(await rig.identity(try rig.token()) == .success(.name("alice")))

            rig.issuer.behave { $0.isAway = true }
            rig.wait(KeyRing.lifetime)
            #expect(await rig.identity(try rig.token()) == .success(.name("alice")))
            let line = try #require(rig.lines.withLock { $0.last })
            #expect(line.contains("the keys of an issuer can't be had") && line.contains("status 503"), "\(line)")
            // Whether it has this key can't be told now.
            rig.wait(KeyRing.rest)
            let unknown = try SigningKey(identifier: "key-2").token(rig.claims())
            #expect(await rig.identity(unknown) == .failure(.unavailable))
            rig.wait(KeyRing.retention)
            #expect(await rig.identity(try rig.token()) == .failure(.unavailable))
        }
    }

    @Test func asksOnceHoweverManyWait() async throws {
        try await Rig.with { rig in
            try rig.believe()
            let token = try rig.token()
            let all = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { await rig.identity(token) == .success(.name("alice")) } }
                return await group.reduce(true) { $0 && $1 }
            }
            #expect(all && rig.issuer.count("/keys") == 1)
        }
    }

    @Test(arguments: [
        "[]", "{}", "nonsense", #"{"issuer":"https://other.example","jwks_uri":"https://other.example/keys"}"#,
        #"{"issuer":"ISSUER"}"#, #"{"issuer":"ISSUER","jwks_uri":"http://localhost:1/keys"}"#,
        #"{"issuer":"ISSUER","jwks_uri":"file:///etc/passwd"}"#, #"{"issuer":"ISSUER","jwks_uri":5}"#,
    ])
    func doesNotBelieveWrongMetadata(_ text: String) async throws {
        try await Rig.with { rig in
            let body = text.replacing("ISSUER", with: rig.issuer.address)
            rig.issuer.behave { $0.answers["/.well-known/openid-configuration"] = (200, body) }
            try rig.believe()
            #expect(await rig.identity(try rig.token()) == .failure(.unavailable))
            #expect(rig.issuer.count("/keys") == 0 && rig.lines.withLock { $0.count } == 1)
        }
    }

    @Test func doesNotBelieveAnUnknownAuthority() async throws {
        try await Rig.with { rig in
            try rig.believe { $0.authorityFile = nil }
            #expect(await rig.identity(try rig.token()) == .failure(.unavailable))
            #expect(rig.lines.withLock { $0.last ?? "" }.contains("certificate is not trusted"))
        }
    }

    @Test func namesByAddressOnlyWhenItIsVerified() async throws {
        try await Rig.with { rig in
            try rig.believe { $0.userClaim = "email" }
            let address = #""alice@ours.example""#
            for verified in ["true", #""true""#] {
                let token = try rig.token(["email": address, "email_verified": verified])
                #expect(await rig.identity(token) == .success(.address("alice@ours.example")))
            }
            for verified in ["false", #""false""#, "1", "null", ""] {
                let token = try rig.token(["email": address, "email_verified": verified])
                #expect(await rig.identity(token) == (try rig.refused(.unverifiedAddress)), "\(verified)")
            }
        }
    }

    @Test func keepsKeysOfWhoStaysTheSame() async throws {
        try await Rig.with { rig in
            try rig.believe()
            #expect(await rig.identity(try rig.token()) == .success(.name("alice")))
            try rig.believe()
            #expect(await rig.identity(try rig.token()) == .success(.name("alice")))
            #expect(rig.issuer.count("/keys") == 1)
            try rig.believe { $0.audience = "another" }
            #expect(await rig.identity(try rig.token()) == (try rig.refused(.claims(.audience))))
            #expect(rig.issuer.count("/keys") == 2)
        }
    }

    @Test func tellsClientsWhatTheyNeed() async throws {
        try await Rig.with { rig in
            let description = try rig.believe { $0.scopes = ["openid", "mail"] }
            let refusal = rig.tokens.refusal(.claims(.scope), issuer: description.address)
            #expect(
                refusal
                    == BearerRefusal(
                        .insufficientScope, scope: "openid mail",
                        configuration: "\(rig.issuer.address)/.well-known/openid-configuration"))
            #expect(rig.tokens.refusal(.signature, issuer: nil).status == .invalidToken)
        }
    }
}
