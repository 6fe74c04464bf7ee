import Bytes
import Glibc
import Loop
import TLS
import Testing

@Suite("Connections")
struct ConnectionTests {
    /// Does the handshake when there is one to do.
    private static func secure(
        _ connection: Connection, _ server: ServerTLS?
    ) async throws(ConnectionError) {
        if let server { try await connection.startTLS(server: server, until: connection.soon) }
    }

    private static func secure(
        _ connection: Connection, _ client: ClientTLS?
    ) async throws(ConnectionError) {
        if let client { try await connection.startTLS(client: client, host: "localhost", until: connection.soon) }
    }

    @Test("What was received before the handshake is dropped on the server's side")
    func injectionToServer() async throws {
        let (serverTLS, clientTLS) = (try serverTLS("good"), try clientTLS())
        let lines = Noted<String>()
        let outcome = try await converse { connection async throws(ConnectionError) in
            lines.note(try await connection.line())
            #expect(connection.input.count > 0)
            connection.output.append(text: "OK begin\n")
            try await connection.startTLS(server: serverTLS, until: connection.soon)
            lines.note(try await connection.line())
        } client: { connection async throws(ConnectionError) in
            try await connection.say("STARTTLS\nRCPT TO:<injected>\n")
            _ = try await connection.line()
            try await connection.startTLS(client: clientTLS, host: "localhost", until: connection.soon)
            try await connection.say("protected\n")
            await connection.finish(until: connection.soon)
        }
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
        #expect(lines.all == ["STARTTLS", "protected"])
    }

    @Test("What was received before the handshake is dropped on the client's side")
    func injectionToClient() async throws {
        let (serverTLS, clientTLS) = (try serverTLS("good"), try clientTLS())
        let lines = Noted<String>()
        let outcome = try await converse { connection async throws(ConnectionError) in
            _ = try await connection.line()
            try await connection.say("OK begin\n* CAPABILITY injected\n")
            try await connection.startTLS(server: serverTLS, until: connection.soon)
            try await connection.say("protected\n")
            await connection.finish(until: connection.soon)
        } client: { connection async throws(ConnectionError) in
            try await connection.say("STARTTLS\n")
            lines.note(try await connection.line())
            #expect(connection.input.count > 0)
            try await connection.startTLS(client: clientTLS, host: "localhost", until: connection.soon)
            lines.note(try await connection.line())
        }
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
        #expect(lines.all == ["OK begin", "protected"])
    }

    @Test("Ten megabytes go both ways at once through small buffers", arguments: [false, true])
    func bulk(isEncrypted: Bool) async throws {
        let total = 10 << 20
        let serverTLS = isEncrypted ? try serverTLS("good") : nil
        let clientTLS = isEncrypted ? try clientTLS() : nil
        let outcome = try await converse(buffers: 65536) { connection async throws(ConnectionError) in
            try await Self.secure(connection, serverTLS)
            try await exchange(total, seed: 1, over: connection)
        } client: { connection async throws(ConnectionError) in
            try await Self.secure(connection, clientTLS)
            try await exchange(total, seed: 2, over: connection)
        }
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
    }

    @Test("Received octets stop at the limit, and the rest is told of again", arguments: [false, true])
    func receiveLimit(isEncrypted: Bool) async throws {
        let serverTLS = isEncrypted ? try serverTLS("good") : nil
        let clientTLS = isEncrypted ? try clientTLS() : nil
        let outcome = try await converse { connection async throws(ConnectionError) in
            try await Self.secure(connection, serverTLS)
            var total = 0
            while total < 100_000 {
                let events = await connection.signal.next(until: connection.soon)
                #expect(events == .input)
                guard events == .input else { break }
                _ = try connection.receive(limit: 1000)
                #expect(connection.input.count <= 1000)
                total += connection.input.count
                connection.input.removeAll()
            }
            #expect(total == 100_000)
            try await connection.say("done\n")
        } client: { connection async throws(ConnectionError) in
            try await Self.secure(connection, clientTLS)
            try await connection.say(String(repeating: "x", count: 100_000))
            _ = try await connection.line()
        }
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
    }

    @Test("Nothing leaves before it is sent")
    func nothingBeforeSend() async throws {
        let outcome = try await converse { connection async throws(ConnectionError) in
            connection.output.append(text: "* one\n")
            connection.output.append(text: "* two\n")
            _ = try await connection.line()
            connection.output.append(text: "ok\n")
            #expect(connection.unsentCount == 15)
            try connection.send()
            #expect(connection.unsentCount == 0)
            _ = try await connection.line()
        } client: { connection async throws(ConnectionError) in
            #expect(await connection.signal.next(until: connection.signal.loop.now + .milliseconds(30)) == .deadline)
            try await connection.say("go\n")
            try await connection.receiveMore(until: connection.soon)
            #expect(String(decoding: connection.input.takeAll(), as: UTF8.self) == "* one\n* two\nok\n")
            try await connection.say("bye\n")
        }
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
    }

    @Test("After the peer's end one may still answer", arguments: [false, true])
    func halfClose(isEncrypted: Bool) async throws {
        let serverTLS = isEncrypted ? try serverTLS("good") : nil
        let clientTLS = isEncrypted ? try clientTLS() : nil
        let outcome = try await converse { connection async throws(ConnectionError) in
            try await Self.secure(connection, serverTLS)
            #expect(try await connection.line() == "last words")
            await #expect(throws: ConnectionError.ended) { try await connection.receiveMore(until: connection.soon) }
            #expect(!connection.wasCut)
            try await connection.say("heard\n")
        } client: { connection async throws(ConnectionError) in
            try await Self.secure(connection, clientTLS)
            connection.output.append(text: "last words\n")
            await connection.finish(until: connection.soon)
            #expect(connection.isClosed)
        }
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
    }

    @Test("Words and end that arrive together are both seen", arguments: [false, true])
    func wordsWithEnd(isEncrypted: Bool) async throws {
        let serverTLS = isEncrypted ? try serverTLS("good") : nil
        let clientTLS = isEncrypted ? try clientTLS() : nil
        let outcome = try await converse { connection async throws(ConnectionError) in
            try await Self.secure(connection, serverTLS)
            // The client has said and ended everything before this looks for the first time.
            await connection.signal.loop.sleep(until: connection.signal.loop.now + .milliseconds(30))
            var text: [UInt8] = []
            while true {
                let events = await connection.signal.next(until: connection.soon)
                #expect(events == .input)
                guard events == .input else { break }
                let received = try connection.receive()
                text += connection.input.takeAll()
                if received == .end { break }
            }
            #expect(text == Array("logout\n".utf8))
        } client: { connection async throws(ConnectionError) in
            try await Self.secure(connection, clientTLS)
            connection.output.append(text: "logout\n")
            await connection.finish(until: connection.soon)
        }
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
    }

    @Test("A TLS stream that is cut is told from one that ended")
    func cut() async throws {
        let (serverTLS, clientTLS) = (try serverTLS("good"), try clientTLS())
        let descriptors = Noted<Bool>()
        let outcome = try await converse { connection async throws(ConnectionError) in
            try await connection.startTLS(server: serverTLS, until: connection.soon)
            try await connection.say("go on\n")
            _ = try await connection.line()
            await #expect(throws: ConnectionError.ended) { try await connection.receiveMore(until: connection.soon) }
            descriptors.note(connection.wasCut)
        } client: { connection async throws(ConnectionError) in
            try await connection.startTLS(client: clientTLS, host: "localhost", until: connection.soon)
            // Reads the session tickets too: a socket that is closed with something unread sends a reset.
            _ = try await connection.line()
            try await connection.say("in the middle\n")
            connection.abandon()
        }
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
        #expect(descriptors.all == [true])
    }

    @Test("A reset is told as such, and stays")
    func reset() async throws {
        let outcome = try await converse { connection async throws(ConnectionError) in
            _ = try await connection.line()
            await #expect(throws: ConnectionError.broken(ECONNRESET)) {
                try await connection.receiveMore(until: connection.soon)
            }
            connection.output.append(text: "too late\n")
            #expect(throws: ConnectionError.broken(ECONNRESET)) { try connection.send() }
        } client: { connection async throws(ConnectionError) in
            try await connection.say("now\n")
            connection.reset()
        }
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
    }

    @Test("A peer that does not read is given up at the deadline")
    func stalledPeer() async throws {
        let isDone = Noted<Bool>()
        let outcome = try await converse(buffers: 65536) { connection async throws(ConnectionError) in
            connection.output.append(contentsOf: [UInt8](repeating: 1, count: 8 << 20))
            let deadline = connection.signal.loop.now + .milliseconds(50)
            await #expect(throws: ConnectionError.deadline) { try await connection.flush(until: deadline) }
            #expect(connection.unsentCount > 0)
            isDone.note(true)
        } client: { connection async throws(ConnectionError) in
            while isDone.all.isEmpty {
                await connection.signal.loop.sleep(until: connection.signal.loop.now + .milliseconds(5))
            }
        }
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
    }

    @Test("Waiting for output leaves the other events in place")
    func eventsSurviveFlush() async throws {
        let outcome = try await converse(buffers: 65536) { connection async throws(ConnectionError) in
            connection.signal.raise(.mailbox)
            connection.output.append(contentsOf: [UInt8](repeating: 1, count: 1 << 20))
            try await connection.flush(until: connection.soon)
            #expect(connection.signal.take(.mailbox) == .mailbox)
        } client: { connection async throws(ConnectionError) in
            var total = 0
            while total < 1 << 20 {
                try await connection.receiveMore(until: connection.soon)
                total += connection.input.count
                connection.input.removeAll()
            }
        }
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
    }

    @Test("Stopping the loop ends a wait, and the reason is told")
    func stopping() async throws {
        let outcome = try await converse { connection async throws(ConnectionError) in
            _ = try await connection.line()
            connection.signal.raise(.shutdown)
            await #expect(throws: ConnectionError.stopping) { try await connection.receiveMore(until: connection.soon) }
            #expect(connection.signal.peek.contains(.shutdown))
        } client: { connection async throws(ConnectionError) in
            try await connection.say("here\n")
            try? await connection.receiveMore(until: connection.soon)
        }
        #expect(outcome.server == nil)
    }

    @Test("A connection moves to another loop in the middle of its life", arguments: [false, true])
    func moves(isEncrypted: Bool) async throws {
        let serverTLS = isEncrypted ? try serverTLS("good") : nil
        let clientTLS = isEncrypted ? try clientTLS() : nil
        let other = try EventLoop(name: "other")
        let isDone = Noted<String>()
        let outcome = try await converse { connection async throws(ConnectionError) in
            try await Self.secure(connection, serverTLS)
            try await connection.say("first \(connection.line())\n")
            let detached = connection.detach()
            await withUnsafeContinuation { continuation in
                other.spawn { context in
                    do {
                        let connection = try Connection.attach(detached, on: context.loop)
                        isDone.note(try await connection.line())
                        try await connection.say("second\n")
                        await connection.finish(until: connection.soon)
                    } catch {
                        isDone.note("\(error)")
                    }
                    continuation.resume()
                }
            }
        } client: { connection async throws(ConnectionError) in
            try await Self.secure(connection, clientTLS)
            try await connection.say("a\n")
            #expect(try await connection.line() == "first a")
            try await connection.say("b\n")
            #expect(try await connection.line() == "second")
        }
        other.stop()
        #expect(other.join() == 0)
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
        #expect(isDone.all == ["b"])
    }

    @Test("Idle TLS connections hold little memory, also after much has passed")
    func idleMemory() async {
        await #expect(processExitsWith: .success) {
            let perConnection = try await idleMemoryPerPair(count: 100, octets: 1 << 20)
            // Both ends live in this process: twice 17 KB are OpenSSL's, a little is ours.
            guard perConnection < 56 << 10 else {
                print("\(perConnection) octets for both ends of a connection")
                exit(1)
            }
            exit(0)
        }
    }
}

/// Sends so many pseudo-random octets while receiving as many, and holds those to the other side's sequence.
private func exchange(_ total: Int, seed: UInt8, over connection: Connection) async throws(ConnectionError) {
    var toSend = total
    var toReceive = total
    var outgoing = Sequence(seed: seed)
    var incoming = Sequence(seed: 3 - seed)
    while toSend > 0 || toReceive > 0 || connection.unsentCount > 0 {
        if toSend > 0, connection.unsentCount < 65536 {
            let count = min(toSend, 40_000)
            connection.output.append(with: { buffer in for _ in 0..<count { buffer.append(outgoing.next()) } })
            toSend -= count
        }
        try connection.send()
        switch try connection.receive() {
        case .data:
            for byte in connection.input.takeAll() {
                guard byte == incoming.next() else { throw .protocolFault("wrong octet at \(total - toReceive)") }
                toReceive -= 1
            }
        case .end: throw .ended
        case .nothing:
            guard connection.unsentCount > 0 || toReceive > 0 else { continue }
            if await connection.signal.next(until: connection.soon) == .deadline { throw .deadline }
        }
    }
}

/// A sequence that both sides can compute.
private struct Sequence {
    private var state: UInt32
    init(seed: UInt8) { state = UInt32(seed) }
    mutating func next() -> UInt8 {
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(truncatingIfNeeded: state >> 24)
    }
}

/// The growth of the process for each idle connection, both ends counted, after so many octets went over each.
private func idleMemoryPerPair(count: Int, octets: Int) async throws -> Int {
    let (serverTLS, clientTLS) = (try serverTLS("good"), try clientTLS())
    let loop = try EventLoop(name: "memory")
    let listener = try Listener(on: .loopback())
    loop.spawn { context in
        guard let acceptor = try? Acceptor(listener, on: context.loop) else { return }
        while let socket = await acceptor.next() {
            context.loop.spawn { context in
                guard let connection = try? Connection(socket, on: context.loop) else { return }
                try? await connection.startTLS(server: serverTLS, until: connection.soon)
                while (try? await connection.receiveMore(until: nil)) != nil {
                    connection.output.append(contentsOf: connection.input.takeAll())
                    if (try? await connection.flush(until: connection.soon)) == nil { return }
                }
            }
        }
    }
    return try await loop.run { context in
        var kept: [Connection] = []
        var before = 0
        // The first ones pay for what all share.
        for index in 0..<count + 10 {
            if index == 10 { before = residentOctets() }
            let socket = try await Socket.connect(
                to: listener.address, until: context.loop.now + .seconds(30), on: context.loop)
            let connection = try Connection(socket, on: context.loop)
            try await connection.startTLS(client: clientTLS, host: "localhost", until: connection.soon)
            var received = 0
            let block = [UInt8](repeating: 9, count: 32768)
            while received < octets {
                connection.output.append(contentsOf: block)
                try await connection.flush(until: connection.soon)
                while received < connection.sentCount {
                    try await connection.receiveMore(until: connection.soon)
                    received += connection.input.count
                    connection.input.removeAll()
                }
            }
            kept.append(connection)
        }
        return (residentOctets() - before) / count
    }
}

/// The resident memory of this process.
private func residentOctets() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 256)
    guard fgets(&text, 256, file) != nil else { return 0 }
    let fields = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
        separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
}
