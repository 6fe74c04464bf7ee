import Bytes
import HTTPClient
import Loop
import OAuth
import Store
import Testing

@testable import Engine

/// What tokens count at the door. That right ones open it is for the fronts' tests, which have an issuer.
@Suite("The door, with tokens", .timeLimit(.minutes(20)))
final class TokenGateTests: Sendable {
    /// Nobody listens there.
    private static let issuer = "https://127.0.0.1:1"
    private let loop: EventLoop
    private let http = HTTPClient()

    init() throws { loop = try EventLoop(name: "tokens") }

    deinit {
        http.stop()
        loop.stop(grace: .seconds(2))
        loop.join()
    }

    private func house(failureLimit: Int = 2) throws -> GateHouse {
        var policy = Attempts.Policy()
        policy.failureLimit = failureLimit
        let (loop, http) = (loop, http)
        return try GateHouse(policy: policy) { pool, log in
            let tokens = BearerTokens(
                BearerTokens.Services(
                    http: http, pool: pool, log: log, clock: .system,
                    begin: { work in loop.spawn { _ in await work() } }
                ))
            let address = try #require(WebAddress(Self.issuer))
            tokens.follow(
                [IssuerDescription(address: address, audience: "posthouse", userClaim: "sub", check: .keys(nil))]
            ) { _ in nil }
            return tokens
        }
    }

    private func exchange(_ house: GateHouse, _ mechanism: String = "OAUTHBEARER") throws -> SignInExchange {
        SignInExchange(house.gate, mechanism: mechanism, peer: .init(try GateHouse.peer()), isOffered: true)
    }

    /// A message with a token that claims to be from this issuer.
    private static func message(_ issuer: String = issuer) -> [UInt8] {
        let parts = [#"{"alg":"ES256"}"#, #"{"iss":"\#(issuer)","sub":"alice"}"#, "signature"].map {
            String(lossy: Base64.encode(Array($0.utf8), .url))
        }
        return Array("n,,\u{1}auth=Bearer \(parts.joined(separator: "."))\u{1}\u{1}".utf8)
    }

    @Test("An exchange that is given up counts nothing, and neither does one that is dropped")
    func givenUp() async throws {
        let house = try house()
        for number in 0..<10 {
            let given = try exchange(house, number % 2 == 0 ? "OAUTHBEARER" : "XOAUTH2")
            #expect(await given.step(nil) == .challenge([]))
            guard number % 3 > 0 else { continue }
            given.cancel()
            #expect(await given.step(Self.message()) == .failed(.refused))
        }
        #expect(try await house.signIn("alice").get().userName == "Alice")
        #expect(house.waits.isEmpty)
    }

    @Test("A refusal counts once, whatever the client says to it", arguments: [0, 1, 2])
    func counted(_ way: Int) async throws {
        let house = try house(failureLimit: 3)
        for round in 1...3 {
            let refused = try exchange(house)
            let challenge = await refused.step(Self.message("https://unknown.example"))
            #expect(
                challenge
                    == .challenge(
                        Array(
                            #"{"status":"invalid_token","openid-configuration":"\#(Self.issuer)/.well-known/openid-configuration"}"#
                                .utf8)))
            #expect(house.waits.count == round)
            switch way {
            case 0: #expect(await refused.step([1]) == .failed(.refused))
            case 1: #expect(await refused.step(Self.message()) == .failed(.refused))
            default: refused.cancel()
            }
            #expect(await refused.step([1]) == .failed(.refused))
        }
        #expect(house.waits == [.seconds(1), .seconds(2), .seconds(4)])
        // Now nothing is looked at any more, of tokens as of passwords.
        guard case .failed(.throttled) = await (try exchange(house)).step(Self.message()),
            case .failure(.throttled) = await house.signIn("alice")
        else {
            Issue.record("the address is still listened to")
            return
        }
        #expect(house.log.contains(#"reason="the token is from an issuer that is not configured""#))
    }

    @Test("What is no message of the mechanism is refused like a wrong one")
    func nonsense() async throws {
        let house = try house()
        for (mechanism, answer) in [
            ("OAUTHBEARER", #"{"status":"invalid_request"}"#), ("XOAUTH2", #"{"status":"400","schemes":"bearer"}"#),
        ] {
            let refused = try exchange(house, mechanism)
            #expect(await refused.step([]) == .challenge(Array(answer.utf8)))
            #expect(await refused.step(nil) == .failed(.refused))
        }
        #expect(house.waits == [.seconds(1), .seconds(2)])
    }

    @Test("An issuer that does not answer counts nothing and holds nothing back")
    func unavailable() async throws {
        let house = try house()
        for _ in 0..<10 { #expect(await (try exchange(house)).step(Self.message()) == .failed(.unavailable)) }
        #expect(house.waits.isEmpty)
        #expect(try await house.signIn("alice").get().userName == "Alice")
    }

    @Test("Nobody's tokens are believed: there is no such mechanism")
    func notThere() async throws {
        let house = try GateHouse()
        #expect(await (try exchange(house)).step(Self.message()) == .failed(.noMechanism))
    }
}
