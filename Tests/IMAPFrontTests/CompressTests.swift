import Bytes
import Loop
import TLS
import TestKit
import Testing

/// COMPRESS=DEFLATE (RFC 4978): everything after its answer is compressed, in both directions.
@Suite("Compressed sessions")
struct CompressTests {
    /// Sends a command and gives everything up to its tagged answer, or up to the one with another tag.
    private static func command(
        _ connection: Connection, _ text: String, until tag: String = "t"
    ) async throws(ConnectionError) -> String {
        connection.output.append(text: "t \(text)\r\n")
        try await connection.flush(until: connection.signal.loop.now + .seconds(30))
        var answer: [UInt8] = []
        while true {
            answer += connection.input.takeAll()
            let lines = String(decoding: answer, as: UTF8.self).split(separator: "\r\n")
            if answer.last == 10, lines.last?.hasPrefix("\(tag) ") == true {
                return String(decoding: answer, as: UTF8.self)
            }
            try await connection.receiveMore(until: connection.signal.loop.now + .seconds(30))
        }
    }

    @Test func everythingAfterItsAnswerIsCompressed() async throws {
        try await FrontHouse.with { house in
            let letter = Letters.plain("long") + String(repeating: "And so on, and so on.\r\n", count: 20_000)
            let upstream = try await house.upstream()
            #expect(try await upstream.append(letter, to: "INBOX").isOK)
            let tls = try ClientTLS(trust: .file(house.provider.certificates.authority))
            let loop = house.loops[0]
            try await loop.run { (_) async throws in
                let socket = try await Socket.connect(
                    to: .loopback(port: house.tlsPort), until: loop.now + .seconds(30), on: loop)
                let connection = try Connection(socket, on: loop)
                try await connection.startTLS(client: tls, host: "localhost", until: loop.now + .seconds(30))
                #expect(try await Self.command(connection, "COMPRESS DEFLATE").contains("BAD Sign in first"))
                let greeting = try await Self.command(connection, "LOGIN \"support*alice\" pencil")
                #expect(greeting.contains("COMPRESS=DEFLATE"))
                #expect(try await Self.command(connection, "COMPRESS LZW").contains("t NO "))
                // What follows before the answer may or may not be compressed: nobody could know.
                let both = try await Self.command(connection, "COMPRESS DEFLATE\r\nu NOOP", until: "u")
                #expect(both.contains("t BAD Nothing may"))
                #expect(try await Self.command(connection, "COMPRESS DEFLATE").contains("t OK "))
                try await connection.startCompression(until: loop.now + .seconds(30))
                #expect(try await Self.command(connection, "COMPRESS DEFLATE").contains("NO [COMPRESSIONACTIVE]"))
                #expect(try await Self.command(connection, "SELECT INBOX").contains("* 1 EXISTS"))
                let before = connection.receivedCount
                let body = try await Self.command(connection, "FETCH 1 BODY.PEEK[]")
                #expect(body.contains(letter) && connection.receivedCount - before < 20_000)
                // A session in IDLE rests, and goes on.
                connection.output.append(text: "i IDLE\r\n")
                try await connection.flush(until: loop.now + .seconds(30))
                while connection.input.isEmpty { try await connection.receiveMore(until: loop.now + .seconds(30)) }
                connection.input.removeAll()
                connection.output.append(text: "DONE\r\n")
                #expect(try await Self.command(connection, "NOOP").contains("i OK"))
                #expect(try await Self.command(connection, "LOGOUT").contains("* BYE"))
                connection.close()
            }
        }
    }
}
