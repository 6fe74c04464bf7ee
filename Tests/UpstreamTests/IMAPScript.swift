import Bytes
import Loop
import MailTypes
import SASL
import SMTPRig
import TLS
import Testing
import Upstream

/// The test kit has a client of its own.
typealias IMAP = Upstream.IMAPClient

extension ScriptedPeer {
    /// The next command without its tag, and the tag.
    func command() async throws -> (tag: String, text: String) {
        let line = try await line()
        guard let space = line.firstIndex(of: " ") else { throw ScriptFailure("no command: “\(line)”") }
        return (String(line[..<space]), String(line[line.index(after: space)...]))
    }

    /// The next command is this one; says the lines, and OK.
    func answer(_ expected: String, _ lines: String..., ok: String = "done") async throws {
        let (tag, text) = try await command()
        guard text == expected else { throw ScriptFailure("“\(text)” instead of “\(expected)”") }
        try await say(octets: (lines + ["\(tag) OK \(ok)"]).map { $0 + "\r\n" }.joined())
    }

    /// The next command is this one; says the lines, and this instead of OK.
    func refuse(_ expected: String, _ lines: String..., with answer: String) async throws {
        let (tag, text) = try await command()
        guard text == expected else { throw ScriptFailure("“\(text)” instead of “\(expected)”") }
        try await say(octets: (lines + ["\(tag) \(answer)"]).map { $0 + "\r\n" }.joined())
    }

    /// Greets, takes PLAIN for alice with "secret", and has these capabilities besides.
    /// - Parameter namespaces: what is answered to NAMESPACE, where that is among the capabilities.
    func signIn(
        _ capabilities: String = "", delimiter: String = "/", namespaces: String = #"(("" "/")) NIL NIL"#
    ) async throws {
        try await say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready")
        try await answer(
            "AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==", ok: "[CAPABILITY IMAP4rev1 \(capabilities)] in")
        if capabilities.contains("QRESYNC ENABLE") { try await answer("ENABLE QRESYNC", "* ENABLED QRESYNC") }
        guard !capabilities.contains("NAMESPACE") else {
            return try await answer("NAMESPACE", "* NAMESPACE \(namespaces)")
        }
        try await answer(#"LIST "" """#, #"* LIST (\Noselect) "\#(delimiter)" """#)
    }

    /// Answers SELECT INBOX with so many messages.
    func select(_ exists: Int, _ lines: String...) async throws {
        let (tag, text) = try await command()
        guard text.hasPrefix(#"SELECT "INBOX""#) else { throw ScriptFailure("“\(text)” instead of SELECT") }
        let usual = [
            "* FLAGS (\\Seen \\Deleted)", "* OK [UIDVALIDITY 7] v", "* OK [UIDNEXT 100] n", "* \(exists) EXISTS",
        ]
        try await say(octets: (usual + lines + ["\(tag) OK [READ-WRITE] in"]).map { $0 + "\r\n" }.joined())
    }
}

/// What the client ended with.
func failure<Value>(_ body: () async throws(UpstreamError) -> Value) async -> UpstreamError? {
    do throws(UpstreamError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

extension Bench {
    func imapEndpoint(
        _ server: ScriptedServer, _ security: Endpoint.Security = .none, trust: ClientTLS? = nil,
        patience: Duration = .seconds(20)
    ) -> Endpoint {
        Endpoint(
            host: "localhost", port: server.port, security: security, trust: trust ?? self.trust,
            connectTimeout: patience, replyTimeout: patience)
    }

    /// Signs in as alice.
    func imap(_ endpoint: Endpoint) async throws(UpstreamError) -> IMAP {
        try await IMAP.connect(to: endpoint, on: loop, pool: pool) { (offered, _) throws(UpstreamError) in
            do {
                return try SASLClient(
                    offered: offered, service: "imap", host: "localhost", login: "alice",
                    secret: Array("secret".utf8).span, mayShowPassword: true)
            } catch { throw .authenticationFailed("\(error)") }
        }
    }

    /// Runs a script on one side, the body with a signed-in client on the other, and holds the script to its end.
    func play(
        patience: Duration = .seconds(20), sourceLocation: SourceLocation = #_sourceLocation,
        _ script: @escaping ScriptedServer.Script,
        _ body: @escaping @Sendable (isolated LoopContext, IMAP) async throws -> Void
    ) async throws {
        let server = try ScriptedServer(on: loop, script: script)
        defer { server.stop() }
        var endpoint = imapEndpoint(server)
        endpoint.replyTimeout = patience
        let place = endpoint
        try await loop.run { (context: isolated LoopContext) async throws -> Void in
            let client = try await self.imap(place)
            defer { client.close() }
            try await body(context, client)
        }
        #expect(await server.settled() == [], sourceLocation: sourceLocation)
    }

    /// Runs a script and gives what connecting to it fails with.
    func refusal(
        _ security: Endpoint.Security = .none, trust: ClientTLS? = nil, patience: Duration = .seconds(20),
        _ script: @escaping ScriptedServer.Script
    ) async throws -> UpstreamError? {
        let server = try ScriptedServer(on: loop, script: script)
        defer { server.stop() }
        let endpoint = imapEndpoint(server, security, trust: trust, patience: patience)
        let failure = await loop.run { (context: isolated LoopContext) async -> UpstreamError? in
            do throws(UpstreamError) {
                try await self.imap(endpoint).close()
                return nil
            } catch {
                return error
            }
        }
        #expect(await server.settled() == [])
        return failure
    }
}

/// Keeps the messages it is given, and fails where it is told to.
final class BodyBasket: BodySink {
    struct Message: Hashable {
        var uid: UID
        var size: UInt64
        var bytes: [UInt8] = []
        var isComplete = false
    }

    var messages: [Message] = []
    var failsAtBegin: Set<UID> = []
    var failsAtTake: Set<UID> = []

    func begin(_ uid: UID, size: UInt64) throws(UpstreamError) {
        if failsAtBegin.contains(uid) { throw .local("no room for \(uid)") }
        messages.append(Message(uid: uid, size: size))
    }

    func take(_ bytes: [UInt8]) throws(UpstreamError) {
        let last = messages.count - 1
        if failsAtTake.contains(messages[last].uid) { throw .local("disk full at \(messages[last].uid)") }
        messages[last].bytes += bytes
    }

    func end(internalDate: Moment?) { messages[messages.count - 1].isComplete = true }
}

extension IMAPClient {
    /// Asks for these messages in one command.
    /// - Throws: what is told of messages that can't be had, too.
    func fetchBodies(_ uids: NumberSet, into sink: any BodySink) async throws(UpstreamError) {
        var next: NumberSet? = uids
        var reason: UpstreamError?
        let requests = BodyRequests {
            defer { next = nil }
            return next
        } answered: { (answered, failure) in
            #expect(answered == uids)
            reason = failure
        }
        try await fetchBodies(requests, into: sink)
        if let reason { throw reason }
    }
}
