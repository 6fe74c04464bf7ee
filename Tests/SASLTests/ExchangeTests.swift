import Bytes
import SASL
import Testing

@Suite("Both sides of an exchange")
struct ExchangeTests {
    static let mechanisms: [SASLMechanism] = [.plain, .login, .scramSHA256]

    @Test("The right password signs in", arguments: mechanisms, [true, false])
    func rightPassword(_ mechanism: SASLMechanism, _ initialResponse: Bool) throws {
        let outcome = try Fixture.converse(
            Fixture.client(mechanism), Fixture.server(mechanism), initialResponse: initialResponse)
        guard case .authenticated(let identity, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(identity == SASLIdentity(authentication: "alice"))
    }

    @Test(
        "Nobody else gets in", arguments: mechanisms, [("alice", "pencils"), ("alice", "penci"), ("mallory", "pencil")])
    func wrongPassword(_ mechanism: SASLMechanism, _ login: (name: String, password: String)) throws {
        let client = try Fixture.client(mechanism, login: login.name, password: login.password)
        #expect(try Fixture.converse(client, Fixture.server(mechanism)) == .failed)
    }

    @Test("The authorization identity arrives", arguments: [SASLMechanism.plain, .scramSHA256])
    func authorization(_ mechanism: SASLMechanism) throws {
        let outcome = try Fixture.converse(
            Fixture.client(mechanism, authorization: "support"), Fixture.server(mechanism))
        guard case .authenticated(let identity, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(identity == SASLIdentity(authentication: "alice", authorization: "support"))
    }

    @Test("A name with a scope in it arrives whole")
    func scopedName() throws {
        let outcome = try Fixture.converse(
            Fixture.client(.scramSHA256, login: "support*alice"), Fixture.server(.scramSHA256))
        guard case .authenticated(let identity, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(identity.authentication == "support*alice")
    }

    @Test("As many rounds as a Cyrus client computes")
    func rounds() throws {
        let outcome = try Fixture.converse(
            Fixture.client(.scramSHA256), Fixture.server(.scramSHA256, iterations: 65536))
        guard case .authenticated = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("More rounds are refused by the client, with a reason")
    func tooManyRounds() throws {
        #expect(throws: SASLError.tooManyRounds) {
            try Fixture.converse(
                Fixture.client(.scramSHA256), Fixture.server(.scramSHA256, iterations: 100_000))
        }
    }

    @Test("A server that skips its proof is not believed")
    func unprovenServer() throws {
        let client = try Fixture.client(.scramSHA256)
        let server = try Fixture.server(.scramSHA256)
        guard case .challenge(let first) = server.step(try client.start()) else {
            Issue.record("no challenge")
            return
        }
        _ = try client.step(first)
        #expect(throws: SASLError.unfinished) { try client.finish() }
        #expect(throws: SASLError.self) { try client.step(Array("v=AAAA".utf8)) }
    }

    @Test("An unknown name is asked the same question each time, like a known one")
    func decoy() throws {
        func question(_ name: String) throws -> [ArraySlice<UInt8>] {
            let hello = Array("n,,n=\(name),r=fyko+d2lbbFgONRv9qkxdawL".utf8)
            guard case .challenge(let challenge) = try Fixture.server(.scramSHA256).step(hello) else { return [] }
            return challenge.split(separator: UInt8(ascii: ","))
        }
        let unknown = try (question("mallory"), question("mallory"))
        let other = try question("trent")
        let known = try question("alice")
        #expect(unknown.0.count == 3 && known.count == 3)
        #expect(unknown.0[1...] == unknown.1[1...])
        #expect(unknown.0[1] != other[1])
        #expect(unknown.0[2] == known[2])
    }

    @Test(
        "Whatever is no mechanism's grammar fails, and stays failed",
        arguments: mechanisms,
        ["", "n", "n,,", "\0", "\0\0", "alice", "\0alice", "\0alice\0", "y,,n=alice", "\u{FF}\0\0\0"])
    func garbage(_ mechanism: SASLMechanism, _ text: String) throws {
        let server = try Fixture.server(mechanism)
        var outcome = server.step(Array(text.utf8))
        for _ in 0..<3 {
            guard case .challenge = outcome else { break }
            outcome = server.step(Array(text.utf8))
        }
        #expect(outcome == .failed)
        #expect(server.step(Array("\0alice\0pencil".utf8)) == .failed)
    }

    @Test("An endless response is refused unread", arguments: mechanisms)
    func endless(_ mechanism: SASLMechanism) throws {
        let response = [UInt8](repeating: 0x61, count: SASLServer.responseLimit + 1)
        #expect(try Fixture.server(mechanism).step(response) == .failed)
    }

    @Test("Octets that are no text are nobody's name")
    func badName() throws {
        let response: [UInt8] = [0, 0xFF, 0xFE, 0] + Fixture.password
        #expect(try Fixture.server(.plain).step(response) == .failed)
    }

    @Test("Exchanges run side by side on several threads")
    func threads() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<40 {
                group.addTask {
                    let mechanism = Self.mechanisms[index % 3]
                    let outcome = try Fixture.converse(Fixture.client(mechanism), Fixture.server(mechanism))
                    if case .authenticated = outcome { return true }
                    return false
                }
            }
            for try await isSignedIn in group { #expect(isSignedIn) }
        }
    }
}
