internal import Bytes
package import Loop
package import TLS

/// A submission server that takes everything, and keeps each message octet by octet as it came.
package final class MessageSink: Sendable {
    /// What it offers, and what it does with messages.
    package struct Manner: Sendable {
        /// The lines of its answer to EHLO after the first.
        package var capabilities = ["PIPELINING", "SIZE 104857600", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        /// False to throw messages away.
        package var keepsMessages = true
        /// What it says to a message.
        package var answer = "250 2.0.0 taken"

        package init() {}

        /// Takes one command at a time, and nothing that a server need not take but 8-bit text.
        package static var plain: Manner {
            var manner = Manner()
            manner.capabilities = ["8BITMIME"]
            return manner
        }

        /// Takes messages in chunks (RFC 3030).
        package static var chunks: Manner {
            var manner = Manner()
            manner.capabilities.append("CHUNKING")
            return manner
        }
    }

    /// A message that was taken.
    package struct Message: Sendable {
        /// The lines MAIL and RCPT.
        package var envelope: [String]
        /// What came between DATA and the end, without the stuffing; or in the chunks.
        package var octets: [UInt8]
    }

    private struct State {
        var messages: [Message] = []
        var count = 0
    }
    private let state: Locked<State>
    private let server: ScriptedServer

    /// Listens on loopback, over TLS from the start where there is one.
    package init(on loop: EventLoop, _ manner: Manner = Manner(), implicitTLS tls: ServerTLS? = nil) throws {
        let state = Locked(State())
        self.state = state
        server = try ScriptedServer(on: loop, implicitTLS: tls) { peer in
            try await Self.serve(peer, manner) { message in
                state.withLock {
                    $0.count += 1
                    if manner.keepsMessages { $0.messages.append(message) }
                }
            }
        }
    }

    package var port: UInt16 { server.port }
    /// Messages that were taken, kept or not.
    package var count: Int { state.withLock { $0.count } }
    /// What went wrong in sessions.
    package var failures: [String] { server.failures }
    /// The connections that there were.
    package var connectionCount: Int { server.connectionCount }
    /// Stops to listen.
    package func stop() { server.stop() }

    /// The messages kept since the last call, the oldest first.
    package func takeMessages() -> [Message] {
        state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }

    // MARK: Sessions

    private static func serve(
        _ peer: ScriptedPeer, _ manner: Manner, _ take: (Message) -> Void
    ) async throws {
        peer.patience = .seconds(600)
        try await peer.say("220 sink.example ESMTP")
        var message = Message(envelope: [], octets: [])
        while let line = try? await peer.line() {
            switch line.prefix(4).uppercased() {
            case "EHLO":
                let lines = ["sink.example"] + manner.capabilities + ["AUTH PLAIN"]
                for other in lines.dropLast() { peer.connection.output.append(text: "250-\(other)\r\n") }
                try await peer.say("250 \(lines.last ?? "")")
            case "AUTH": try await peer.say("235 2.7.0 in")
            case "MAIL":
                message = Message(envelope: [line], octets: [])
                try await peer.say("250 2.1.0 fine")
            case "RCPT":
                message.envelope.append(line)
                try await peer.say("250 2.1.5 fine")
            case "DATA":
                try await peer.say("354 go")
                message.octets = try await data(from: peer, keeping: manner.keepsMessages)
                take(message)
                try await peer.say(manner.answer)
            case "BDAT":
                let words = line.split(separator: " ")
                guard words.count > 1, let size = Int(words[1]) else { throw ScriptFailure("“\(line)” has no size") }
                if manner.keepsMessages {
                    message.octets += try await peer.octets(size)
                } else {
                    try await drop(size, from: peer)
                }
                if words.count > 2 { take(message) }
                try await peer.say(words.count > 2 ? manner.answer : "250 2.0.0 go on")
            case "RSET": try await peer.say("250 2.0.0 forgotten")
            case "QUIT": return try await peer.say("221 2.0.0 bye")
            default: try await peer.say("500 5.5.1 what?")
            }
        }
    }

    private static func drop(_ size: Int, from peer: ScriptedPeer) async throws {
        var left = size
        while left > 0 {
            let present = min(left, peer.connection.input.count)
            peer.connection.input.drop(present)
            left -= present
            if left > 0 { try await peer.connection.receiveMore(until: peer.deadline) }
        }
    }

    /// The message after DATA, up to and without CRLF `.` CRLF, the stuffing removed; nothing where it is not kept.
    private static func data(from peer: ScriptedPeer, keeping isKept: Bool) async throws -> [UInt8] {
        var message: [UInt8] = []
        var line: [UInt8] = []
        while true {
            let chunk = peer.connection.input.takeAll()
            var start = 0
            while start < chunk.count {
                guard let end = ByteSearch.first(ASCII.lf, in: chunk, from: start) else {
                    line += chunk[start...]
                    break
                }
                line += chunk[start...end]
                start = end + 1
                // An LF alone is text: the line goes on.
                guard line.count > 1, line[line.count - 2] == ASCII.cr else { continue }
                if line == [0x2E, ASCII.cr, ASCII.lf] {
                    peer.connection.input.append(contentsOf: chunk[start...])
                    return message
                }
                if isKept { message += line.first == 0x2E ? line[1...] : line[...] }
                line.removeAll(keepingCapacity: true)
            }
            try await peer.connection.receiveMore(until: peer.deadline)
        }
    }
}
