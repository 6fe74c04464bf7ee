import TestKit
import Testing

/// COMPRESS=DEFLATE with a client that has its zlib from elsewhere (RFC 4978).
@Suite(.timeLimit(.minutes(20))) struct CompressionTests {
    /// Signs in, compresses, writes a message and reads it again; prints how many octets of how many came over.
    private static let program = """
        import socket, ssl, sys, zlib
        port, authority, password = int(sys.argv[1]), sys.argv[2], sys.argv[3]
        context = ssl.create_default_context(cafile=authority)
        stream = context.wrap_socket(socket.create_connection(("localhost", port), 30), server_hostname="localhost")
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        unpacker = zlib.decompressobj(-15)
        active, buffer, packed, plain = False, b"", 0, 0

        def send(octets):
            if active:
                octets = packer.compress(octets) + packer.flush(zlib.Z_SYNC_FLUSH)
            stream.sendall(octets)

        def until(start):
            global buffer, packed, plain
            said = b""
            while True:
                while b"\\r\\n" in buffer:
                    line, buffer = buffer.split(b"\\r\\n", 1)
                    said += line + b"\\r\\n"
                    if line.startswith(start):
                        return said
                octets = stream.recv(65536)
                if not octets:
                    sys.exit(f"the connection ended before {start}: {said} {buffer}")
                packed += len(octets)
                octets = unpacker.decompress(octets) if active else octets
                plain += len(octets)
                buffer += octets

        def ask(command):
            send(b"a " + command + b"\\r\\n")
            said = until(b"a ")
            if b"\\r\\na OK" not in b"\\r\\n" + said:
                sys.exit(said.decode())
            return said

        until(b"* OK")
        ask(b"LOGIN alice " + password.encode())
        ask(b"COMPRESS DEFLATE")
        active, packed, plain = True, 0, 0
        send(b"b COMPRESS DEFLATE\\r\\n")
        assert until(b"b ").startswith(b"b NO [COMPRESSIONACTIVE]")
        letter = b"Subject: Long\\r\\n\\r\\n" + b"Much of the same.\\r\\n" * 20000
        send(b"a APPEND INBOX {%d}\\r\\n" % len(letter))
        until(b"+")
        send(letter + b"\\r\\n")
        until(b"a OK")
        assert b"EXISTS" in ask(b"SELECT INBOX")
        assert letter in ask(b"FETCH * BODY.PEEK[]")
        send(b"a IDLE\\r\\n")
        until(b"+")
        send(b"DONE\\r\\n")
        until(b"a OK")
        for _ in range(50):
            ask(b"NOOP")
        ask(b"LOGOUT")
        print(packed, plain)
        """

    @Test func servesAnotherZlib() async throws {
        try await House.with { house in
            let finished = try await ChildProcess.run([
                "python3", "-c", Self.program, "\(house.posthouse.imapsPort)", house.posthouse.certificates.authority,
                House.passwords["alice"] ?? "",
            ])
            #expect(finished.succeeded, "\(finished.output)\(finished.errors)\(house.posthouse.tail())")
            let counts = finished.output.split { $0.isWhitespace }.compactMap { Int($0) }
            try #require(counts.count == 2, "\(finished.output)")
            #expect(counts[1] > 300_000 && counts[0] * 20 < counts[1], "\(counts)")
        }
    }
}
