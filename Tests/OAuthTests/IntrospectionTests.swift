import HTTPClient
import Loop
import OAuthRig
import Testing
import TokenSyntax
import Vault

@testable import OAuth

/// Tokens that the issuer is asked about.
@Suite(.timeLimit(.minutes(20)))
struct IntrospectionTests {
    private static func believe(_ rig: Rig, _ change: (inout IssuerDescription) -> Void = { _ in }) throws {
        try rig.believe {
            $0.check = .introspection(nil, client: "posthouse")
            $0.userClaim = "username"
            $0.audience = nil
            change(&$0)
        }
    }

    @Test func asksAndRemembersForAMoment() async throws {
        try await Rig.with { rig in
            try Self.believe(rig)
            rig.issuer.behave { $0.tokens["t-1"] = #"{"active":true,"username":"alice","scope":"mail"}"# }
            for _ in 0..<5 { #expect(await rig.identity("t-1") == .success(.name("alice"))) }
            #expect(rig.issuer.count("/ask") == 1)
            #expect(rig.issuer.forms == ["token=t-1&token_type_hint=access_token"])
            // Withdrawn: it is found out when the moment is over.
            rig.issuer.behave { $0.tokens = [:] }
            #expect(await rig.identity("t-1") == .success(.name("alice")))
            rig.wait(Introspection.lifetime)
            for _ in 0..<2 { #expect(await rig.identity("t-1") == (.failure(.refused(.inactive, issuer: nil)))) }
            #expect(rig.issuer.count("/ask") == 3)
        }
    }

    @Test func believesNothingBeyondItsEnd() async throws {
        try await Rig.with { rig in
            try Self.believe(rig)
            rig.issuer.behave {
                $0.tokens["t-1"] = #"{"active":true,"username":"alice","scope":"mail","exp":\#(rig.now + 10)}"#
            }
            #expect(await rig.identity("t-1") == .success(.name("alice")))
            rig.wait(.seconds(9))
            #expect(await rig.identity("t-1") == .success(.name("alice")))
            #expect(rig.issuer.count("/ask") == 1)
            rig.wait(.seconds(1))
            _ = await rig.identity("t-1")
            #expect(rig.issuer.count("/ask") == 2)
        }
    }

    @Test func refusesWhatTheAnswerLacks() async throws {
        try await Rig.with { rig in
            try Self.believe(rig) { $0.audience = "posthouse" }
            func answer(_ others: String) async -> Result<TokenIdentity.Subject, TokenRefusal> {
                let token = "t-\(others.hashValue.magnitude)"
                rig.issuer.behave { $0.tokens[token] = #"{"active":true\#(others)}"# }
                return await rig.identity(token)
            }
            let good = #","username":"alice","scope":"mail","aud":"posthouse""#
            #expect(await answer(good) == .success(.name("alice")))
            #expect(await answer(#","username":"alice","scope":"mail""#) == (try rig.refused(.claims(.audience))))
            #expect(await answer(#","username":"alice","aud":"posthouse""#) == (try rig.refused(.claims(.scope))))
            #expect(
                await answer(#","scope":"mail","aud":"posthouse""#) == (try rig.refused(.nameless(claim: "username"))))
            #expect(await answer(good + #","iss":"https://other.example""#) == (try rig.refused(.claims(.issuer))))
            #expect(await answer(good + #","exp":5"#) == (try rig.refused(.claims(.expired))))
            #expect(await rig.identity("unknown") == .failure(.refused(.inactive, issuer: nil)))
        }
    }

    @Test func isUnavailableWhenItCannotAsk() async throws {
        try await Rig.with { rig in
            try Self.believe(rig)
            rig.issuer.behave {
                $0.tokens["t-1"] = #"{"active":true,"username":"alice","scope":"mail"}"#
                $0.client = "posthouse:another"
            }
            #expect(await rig.identity("t-1") == .failure(.unavailable))
            let line = try #require(rig.lines.withLock { $0.last })
            #expect(line.contains("status 401") && !line.contains("t-1") && !line.contains("ask me"), "\(line)")
            let asked = rig.issuer.count("/ask")
            #expect(await rig.identity("t-1") == .failure(.unavailable))
            #expect(rig.issuer.count("/ask") == asked)
            rig.wait(KeyRing.rest)
            rig.issuer.behave { $0.client = "posthouse:ask me" }
            #expect(await rig.identity("t-1") == .success(.name("alice")))
            rig.issuer.behave { $0.answers["/ask"] = (200, "no JSON") }
            rig.wait(Introspection.lifetime)
            #expect(await rig.identity("t-1") == .failure(.unavailable))
        }
    }

    /// Whoever finds a token that the issuer stumbles over shuts nobody out.
    @Test func asksOnAfterATokenThatItStumblesOver() async throws {
        try await Rig.with { rig in
            try Self.believe(rig)
            for (status, body, outcome) in [
                (400, #"{"error":"invalid_request"}"#, TokenRefusal.refused(.inactive, issuer: nil)),
                (500, "Oops", .unavailable), (200, "<html>", .unavailable),
            ] {
                rig.issuer.behave { $0.answers["/ask"] = (status, body) }
                #expect(await rig.identity("odd") == .failure(outcome), "\(status)")
                rig.issuer.behave {
                    $0.answers = [:]
                    $0.tokens["t-\(status)"] = #"{"active":true,"username":"alice","scope":"mail"}"#
                }
                #expect(await rig.identity("t-\(status)") == .success(.name("alice")))
            }
        }
    }

    /// A token that tells its issuer is that one's affair; one that tells nothing goes to who is asked.
    @Test func showsTokensToNobodyElse() async throws {
        try await Rig.with { rig in
            try Self.believe(rig)
            let foreign = try rig.token(["iss": #""https://other.example""#])
            #expect(await rig.identity(foreign) == .failure(.refused(.unknownIssuer, issuer: nil)))
            #expect(rig.issuer.forms.isEmpty)
            let own = try rig.token()
            rig.issuer.behave { $0.tokens[own] = #"{"active":true,"username":"alice","scope":"mail"}"# }
            #expect(await rig.identity(own) == .success(.name("alice")))
            #expect(rig.issuer.count("/keys") == 0)
        }
    }

    @Test func asksOneAfterTheOther() async throws {
        try await Rig.with { rig in
            let first = try #require(WebAddress("https://127.0.0.1:1"))
            let second = try #require(WebAddress(rig.issuer.address))
            func description(_ address: WebAddress) -> IssuerDescription {
                IssuerDescription(
                    address: address, audience: nil, userClaim: "username",
                    check: .introspection(WebAddress("\(address)/ask"), client: "posthouse"),
                    authorityFile: rig.authority)
            }
            rig.tokens.follow([description(first), description(second)]) { _ in ClientSecret(.init(text: "ask me")) }
            rig.issuer.behave { $0.tokens["t-1"] = #"{"active":true,"username":"alice"}"# }
            #expect(await rig.identity("t-1") == .success(.name("alice")))
            // It may be the other's.
            #expect(await rig.identity("t-2") == .failure(.unavailable))
        }
    }
}
