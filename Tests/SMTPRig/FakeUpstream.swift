internal import Bytes
package import Loop
package import TLS

/// An upstream submission server in the test's own process: it takes what it is told to take, and remembers it.
package final class FakeUpstream: Sendable {
    /// One message that was sent to its end.
    package struct Delivery: Sendable {
        package var sender = ""
        package var recipients: [String] = []
        /// Unstuffed.
        package var message = ""
        /// The message as it came by BDAT; empty when it came by DATA.
        package var octets: [UInt8] = []
        /// On which connection, from 1.
        package var connection = 0
        /// The header's fields with this name, unfolded.
        package func fields(_ name: String) -> [String] {
            let header = message.replacingOccurrences("\r\n ", with: " ").components("\r\n\r\n").first ?? ""
            return header.components("\r\n").filter { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        }
    }

    /// What it answers. Each answer is a whole line, or nil to cut the connection.
    package struct Behaviour: Sendable {
        package var capabilities = ["PIPELINING", "SIZE 10000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        /// Whether it takes BDAT. What it says of itself is in `capabilities`.
        package var knowsChunks = false
        /// Whether it asks for a sign-in; a client that has a password shows it in TLS alone.
        package var offersSignIn = true
        /// The line of AUTH PLAIN that is accepted; nil accepts any.
        package var credentials: String?
        package var mail: @Sendable (_ line: String) -> String? = { _ in "250 2.1.0 Sender fine" }
        package var recipient: @Sendable (_ line: String) -> String? = { _ in "250 2.1.5 Recipient fine" }
        package var data: @Sendable () -> String? = { "354 go" }
        package var end: @Sendable (_ delivery: Delivery) -> String? = { _ in "250 2.0.0 queued as TEST" }
        /// Said right after a message, when the connection is idle; nil for nothing.
        package var farewell: String?
        package init() {}
    }

    private struct State {
        var behaviour: Behaviour
        var deliveries: [Delivery] = []
        var commands: [String] = []
    }
    private let state: Locked<State>
    private let server: ScriptedServer

    /// With `tls` every connection begins with a handshake.
    package init(
        on loop: EventLoop, implicitTLS tls: ServerTLS? = nil, _ behaviour: Behaviour = Behaviour()
    ) throws {
        let state = Locked(State(behaviour: behaviour))
        self.state = state
        server = try ScriptedServer(on: loop, implicitTLS: tls) { peer in try await Self.serve(peer, state) }
    }

    package var port: UInt16 { server.port }
    package var deliveries: [Delivery] { state.withLock { $0.deliveries } }
    /// Every command line so far.
    package var commands: [String] { state.withLock { $0.commands } }
    package var connectionCount: Int { server.connectionCount }
    package func behave(_ change: (inout Behaviour) -> Void) { state.withLock { change(&$0.behaviour) } }
    package func stop() { server.stop() }

    private static func serve(_ peer: ScriptedPeer, _ state: Locked<State>) async throws {
        peer.patience = .seconds(60)
        try await peer.say("220 upstream.example ESMTP")
        var delivery = Delivery()
        while let line = try? await peer.line() {
            state.withLock { $0.commands.append(line) }
            let behaviour = state.withLock { $0.behaviour }
            let answer: String?
            switch line.prefix(4).uppercased() {
            case "EHLO":
                let lines =
                    ["upstream.example"] + behaviour.capabilities + (behaviour.offersSignIn ? ["AUTH PLAIN"] : [])
                for other in lines.dropLast() { try await peer.say("250-\(other)") }
                answer = "250 \(lines.last ?? "")"
            case "AUTH":
                answer = behaviour.credentials == nil || behaviour.credentials == line ? "235 2.7.0 in" : "535 5.7.8 no"
            case "MAIL":
                delivery = Delivery()
                delivery.sender = line
                answer = behaviour.mail(line)
            case "RCPT":
                answer = behaviour.recipient(line)
                if answer?.hasPrefix("2") == true { delivery.recipients.append(line) }
            case "DATA":
                guard let go = behaviour.data() else { return peer.cut() }
                try await peer.say(go)
                guard go.hasPrefix("3") else { continue }
                var message: [String] = []
                while true {
                    let text = try await peer.line()
                    if text == "." { break }
                    message.append(text.hasPrefix(".") ? String(text.dropFirst()) : text)
                }
                delivery.message = message.map { $0 + "\r\n" }.joined()
                delivery.connection = peer.number
                let taken = delivery
                state.withLock { $0.deliveries.append(taken) }
                answer = behaviour.end(taken)
            case "BDAT" where behaviour.knowsChunks:
                let words = line.split(separator: " ")
                guard words.count == 3, words[2] == "LAST", let size = Int(words[1]) else {
                    throw ScriptFailure("“\(line)” is not one chunk")
                }
                delivery.octets = try await peer.octets(size)
                delivery.message = String(lossy: delivery.octets)
                delivery.connection = peer.number
                let taken = delivery
                state.withLock { $0.deliveries.append(taken) }
                answer = behaviour.end(taken)
            case "RSET": answer = "250 2.0.0 forgotten"
            case "QUIT":
                try await peer.say("221 2.0.0 bye")
                return
            default: answer = "500 5.5.1 what?"
            }
            guard let answer else { return peer.cut() }
            try await peer.say(answer)
            if let farewell = behaviour.farewell, line.uppercased() == "DATA" {
                try await peer.say(farewell)
                return
            }
        }
    }
}

extension String {
    fileprivate func components(_ separator: String) -> [String] {
        var parts: [String] = []
        var rest = Array(utf8)[...]
        let mark = Array(separator.utf8)
        var part: [UInt8] = []
        while !rest.isEmpty {
            if rest.starts(with: mark) {
                parts.append(String(lossy: part))
                part = []
                rest = rest.dropFirst(mark.count)
            } else {
                part.append(rest.removeFirst())
            }
        }
        return parts + [String(lossy: part)]
    }

    fileprivate func replacingOccurrences(_ old: String, with new: String) -> String {
        components(old).joined(separator: new)
    }
}
