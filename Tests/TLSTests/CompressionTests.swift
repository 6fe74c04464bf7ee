import Bytes
import Loop
import TLS
import Testing

@Suite("Compressed connections")
struct CompressionTests {
    /// Reads so many octets.
    private static func read(_ connection: Connection, _ count: Int) async throws(ConnectionError) -> [UInt8] {
        while connection.input.count < count { try await connection.receiveMore(until: connection.soon) }
        return connection.input.take(count)
    }

    private static func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 88_172_645_463_325_252
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
    }

    @Test("Everything arrives as it was, whatever it is and however often the sides rest", arguments: [false, true])
    func roundTrip(encrypted: Bool) async throws {
        let (serverTLS, clientTLS) = encrypted ? (try serverTLS("good"), try clientTLS()) : (nil, nil)
        let texts: [[UInt8]] = [
            Array("a1 NOOP\r\n".utf8), [0], [UInt8](repeating: 0x61, count: 3_000_000), Self.noise(300_000),
            Array("* OK done\r\n".utf8),
        ]
        let outcome = try await converse { connection async throws(ConnectionError) in
            if let serverTLS { try await connection.startTLS(server: serverTLS, until: connection.soon) }
            connection.output.append(text: "OK\n")
            try await connection.startCompression(until: connection.soon)
            for text in texts {
                #expect(try await Self.read(connection, text.count) == text)
                connection.output.append(contentsOf: text)
                try await connection.flush(until: connection.soon)
                connection.rest()
            }
            await connection.finish(until: connection.soon)
        } client: { connection async throws(ConnectionError) in
            if let clientTLS {
                try await connection.startTLS(client: clientTLS, host: "localhost", until: connection.soon)
            }
            #expect(try await connection.line() == "OK")
            try await connection.startCompression(until: connection.soon)
            for text in texts {
                connection.output.append(contentsOf: text)
                try await connection.flush(until: connection.soon)
                #expect(try await Self.read(connection, text.count) == text)
            }
            // Three megabytes of one letter went each way.
            #expect(connection.sentCount < 400_000 && connection.receivedCount < 400_000)
            await connection.finish(until: connection.soon)
        }
        #expect(outcome.server == nil && outcome.client == nil)
    }

    @Test("A few octets that become very many are taken in piece by piece")
    func bomb() async throws {
        let outcome = try await converse { connection async throws(ConnectionError) in
            try await connection.startCompression(until: connection.soon)
            var total = 0
            while total < 50_000_000 {
                try await connection.receiveMore(until: connection.soon)
                #expect(connection.input.count <= Connection.receiveLimit)
                total += connection.input.count
                connection.input.removeAll()
            }
            #expect(total == 50_000_000 && connection.receivedCount < 200_000)
        } client: { connection async throws(ConnectionError) in
            try await connection.startCompression(until: connection.soon)
            connection.output.append(contentsOf: [UInt8](repeating: 0, count: 50_000_000))
            await connection.finish(until: connection.soon)
        }
        #expect(outcome.server == nil && outcome.client == nil)
    }

    @Test("What comes while there is something to inflate is not forgotten")
    func arrivalMeanwhile() async throws {
        let hasCome = Noted<Bool>()
        let outcome = try await converse { connection async throws(ConnectionError) in
            try await connection.startCompression(until: connection.soon)
            while connection.input.isEmpty {
                if try connection.receive(limit: 1000) == .nothing {
                    _ = await connection.signal.next(until: connection.soon)
                }
            }
            hasCome.note(true)
            // The peer's second words come, and are told of, before the first are inflated.
            await connection.signal.loop.sleep(until: connection.signal.loop.now + .milliseconds(50))
            while connection.input.count < 60_000 {
                let events = await connection.signal.next(until: connection.signal.loop.now + .seconds(5))
                guard events == .input else { break }
                _ = try connection.receive()
            }
            #expect(connection.input.count == 60_000)
            try await connection.say("done\n")
        } client: { connection async throws(ConnectionError) in
            try await connection.startCompression(until: connection.soon)
            try await connection.say(String(repeating: "x", count: 30_000))
            while hasCome.all.isEmpty {
                await connection.signal.loop.sleep(until: connection.signal.loop.now + .milliseconds(2))
            }
            try await connection.say(String(repeating: "y", count: 30_000))
            #expect(try await connection.line() == "done")
        }
        #expect(outcome.server == nil && outcome.client == nil)
    }

    @Test("What is not compressed is no stream; a last block ends it")
    func faults() async throws {
        let faults = Noted<String>()
        for octets in [Array("a1 NOOP\r\n".utf8), [0x4B, 0x04, 0x00], [0x03, 0x00]] as [[UInt8]] {
            _ = try await converse { connection async throws(ConnectionError) in
                try await connection.startCompression(until: connection.soon)
                do throws(ConnectionError) {
                    try await connection.receiveMore(until: connection.soon)
                    faults.note(connection.input.takeAll() == [0x61] ? "a" : "data")
                    try await connection.receiveMore(until: connection.soon)
                } catch {
                    if case .protocolFault = error { faults.note("fault") }
                    if error == .ended { faults.note("end") }
                }
            } client: { connection async throws(ConnectionError) in
                connection.output.append(contentsOf: octets)
                await connection.finish(until: connection.soon)
            }
        }
        #expect(faults.all == ["fault", "a", "end", "end"])
    }
}
