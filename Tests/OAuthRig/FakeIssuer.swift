internal import Bytes
package import Loop
internal import SMTPRig
package import TLS

/// An issuer: its metadata, its keys, and its word on opaque tokens.
package final class FakeIssuer: Sendable {
    /// How it behaves; may be changed while it runs.
    package struct Behaviour: Sendable {
        /// The keys that it publishes, each as a JSON Web Key.
        package var keys: [String] = []
        /// What it says of each token; of any other that it is not active.
        package var tokens: [String: String] = [:]
        /// The name and password that who asks must have, as they stand before base 64.
        package var client = "posthouse:ask me"
        /// Whether it answers with an error whatever it is asked.
        package var isAway = false
        /// Answers by path, in place of its own: status and body.
        package var answers: [String: (status: Int, body: String)] = [:]

        package init() {}
    }

    private struct State {
        var behaviour = Behaviour()
        var counts: [String: Int] = [:]
        var forms: [String] = []
    }

    private let state: Locked<State>
    private let server: ScriptedServer
    /// Its name, which tokens have as `iss`.
    package let address: String

    /// Listens on loopback, by HTTPS when there is a certificate.
    package init(on loop: EventLoop, tls: ServerTLS?) throws {
        let state = Locked(State())
        self.state = state
        let scheme = tls == nil ? "http" : "https"
        server = try ScriptedServer(on: loop, implicitTLS: tls) { peer in
            let request = try await Self.request(from: peer)
            let address = "\(scheme)://localhost:\(request.port)"
            let answer = state.withLock { Self.answer(to: request, at: address, &$0) }
            try await peer.say(
                octets: "HTTP/1.1 \(answer.status) Whatever\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(answer.body.utf8.count)\r\nConnection: close\r\n"
                    + "Location: \(address)/elsewhere\r\n\r\n\(answer.body)")
        }
        address = "\(scheme)://localhost:\(server.port)"
    }

    package func behave(_ change: (inout Behaviour) -> Void) { state.withLock { change(&$0.behaviour) } }

    /// How often this path was asked for.
    package func count(_ path: String) -> Int { state.withLock { $0.counts[path] ?? 0 } }

    /// The bodies that were posted.
    package var forms: [String] { state.withLock { $0.forms } }

    package func stop() { server.stop() }

    /// Claims that let `user` in at Posthouse, good for an hour; `others` replace them or go in besides.
    package func claims(_ user: String, now: Int64, _ others: [String: String] = [:]) -> String {
        var members = [
            "iss": "\"\(address)\"", "aud": "\"posthouse\"", "sub": "\"4711\"", "exp": "\(now + 3600)",
            "nbf": "\(now - 5)", "scope": "\"openid mail\"", "preferred_username": "\"\(user)\"",
        ]
        for (name, value) in others { members[name] = value.isEmpty ? nil : value }
        return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    // MARK: HTTP

    private struct Request {
        var path = ""
        var port = ""
        var authorization = ""
        var body = ""
    }

    private static func request(from peer: ScriptedPeer) async throws -> Request {
        var request = Request()
        let words = try await peer.line().split(separator: " ")
        guard words.count == 3 else { throw ScriptFailure("no request: \(words)") }
        request.path = String(words[1])
        var count = 0
        while true {
            let line = try await peer.line()
            if line.isEmpty { break }
            let name = line.prefix { $0 != ":" }.lowercased()
            let value = line.dropFirst(name.count + 2)
            switch name {
            case "host": request.port = String(value.split(separator: ":").last ?? "")
            case "content-length": count = Int(value) ?? 0
            case "authorization": request.authorization = String(value)
            default: break
            }
        }
        request.body = String(lossy: try await peer.octets(count))
        return request
    }

    private static func answer(
        to request: Request, at address: String, _ state: inout State
    ) -> (status: Int, body: String) {
        state.counts[request.path, default: 0] += 1
        if !request.body.isEmpty { state.forms.append(request.body) }
        let behaviour = state.behaviour
        if behaviour.isAway { return (503, "{}") }
        if let answer = behaviour.answers[request.path] { return answer }
        switch request.path {
        case "/.well-known/openid-configuration":
            return (
                200,
                #"{"issuer":"\#(address)","jwks_uri":"\#(address)/keys","introspection_endpoint":"\#(address)/ask"}"#
            )
        case "/keys": return (200, #"{"keys":[\#(behaviour.keys.joined(separator: ","))]}"#)
        case "/ask":
            // Name and password are encoded as in a form first (RFC 6749 §2.3.1).
            let pair = behaviour.client.replacing(" ", with: "+")
            guard request.authorization == "Basic \(String(lossy: Base64.encode(Array(pair.utf8))))" else {
                return (401, #"{"error":"invalid_client"}"#)
            }
            let token = request.body.split(separator: "&").first { $0.hasPrefix("token=") }?.dropFirst(6) ?? ""
            return (200, behaviour.tokens[String(token)] ?? #"{"active":false}"#)
        default: return (404, "{}")
        }
    }
}
