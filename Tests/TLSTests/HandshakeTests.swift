import Loop
import TLS
import Testing

@Suite("Handshakes")
struct HandshakeTests {
    /// Echoes one line under TLS.
    private func server(_ tls: ServerTLS) -> Side {
        { connection async throws(ConnectionError) in
            try await connection.startTLS(server: tls, until: connection.soon)
            try await connection.say("hello \(connection.line())\n")
            await connection.finish(until: connection.soon)
        }
    }

    private func client(_ tls: ClientTLS, host: String = "localhost", note: Noted<String> = Noted()) -> Side {
        { connection async throws(ConnectionError) in
            try await connection.startTLS(client: tls, host: host, until: connection.soon)
            try await connection.say("you\n")
            note.note(try await connection.line())
            note.note(connection.isResumed ? "resumed" : "new")
            note.note(connection.tlsVersion ?? "none")
            await connection.finish(until: connection.soon)
        }
    }

    @Test("A verified connection by name and by address", arguments: ["localhost", "127.0.0.1"])
    func verified(host: String) async throws {
        let note = Noted<String>()
        let outcome = try await converse(
            server: server(serverTLS("good")), client: client(clientTLS(), host: host, note: note))
        #expect(outcome.server == nil)
        #expect(outcome.client == nil)
        #expect(note.all == ["hello you", "new", "TLSv1.3"])
    }

    @Test("A chain with its intermediate certificate is trusted")
    func chain() async throws {
        let outcome = try await converse(
            server: server(serverTLS("chain", key: "chained")), client: client(clientTLS()))
        #expect(outcome.client == nil)
    }

    @Test("The second connection takes the session up again, toward the same host alone")
    func resumption() async throws {
        let note = Noted<String>()
        let (server, tls) = (server(try serverTLS("good")), try clientTLS())
        // A session is kept for host and port, and each conversation has a port of its own: one server for all.
        let loop = try EventLoop(name: "server")
        let listener = try Listener(on: .loopback())
        loop.spawn { context in
            guard let acceptor = try? Acceptor(listener, on: context.loop) else { return }
            while let socket = await acceptor.next() {
                guard let connection = try? Connection(socket, on: context.loop) else { return }
                try? await server(connection)
            }
        }
        for host in ["localhost", "localhost", "127.0.0.1"] {
            let client = client(tls, host: host, note: note)
            try await loop.run { context in
                let socket = try await Socket.connect(
                    to: listener.address, until: context.loop.now + .seconds(30), on: context.loop)
                try await client(try Connection(socket, on: context.loop))
            }
        }
        loop.stop()
        #expect(loop.join() == 0)
        #expect(note.all.filter { $0 == "new" || $0 == "resumed" } == ["new", "resumed", "new"])
    }

    @Test(
        "A certificate that is not acceptable is refused with its reason",
        arguments: [
            ("wrong", HandshakeFailure.wrongHost(names: ["other.example"])), ("expired", .certificateExpired),
            ("foreign", .unknownAuthority), ("chained", .unknownAuthority), ("self", .selfSigned),
        ])
    func refused(certificate: String, failure: HandshakeFailure) async throws {
        let outcome = try await converse(
            server: server(serverTLS(certificate, key: certificate == "self" ? "good" : nil)),
            client: client(clientTLS()))
        #expect(outcome.client == .handshake(peer: "localhost", failure))
        // The server learns that it was broken off, and nothing was said.
        #expect(outcome.server != nil)
    }

    @Test("Without verification anything goes, when that was asked for")
    func unverified() async throws {
        let outcome = try await converse(
            server: server(serverTLS("wrong")), client: client(ClientTLS(trust: .nothing)))
        #expect(outcome.client == nil)
    }

    @Test("The message names host, reason and remedy")
    func message() {
        let error = ConnectionError.handshake(peer: "imap.example.com", .wrongHost(names: ["mail.example.com"]))
        #expect(
            error.description
                == "imap.example.com: its certificate is for mail.example.com: configure the server by the name "
                + "in its certificate")
    }

    @Test("A server that does not speak TLS is told as such")
    func plaintextServer() async throws {
        let client = client(try clientTLS())
        let server: Side = { connection async throws(ConnectionError) in
            try await connection.say("* OK IMAP4rev1 ready\r\n")
            try? await connection.receiveMore(until: connection.soon)
        }
        let outcome = try await converse(server: server, client: client)
        #expect(outcome.client == .handshake(peer: "localhost", .notTLS))
    }

    @Test("A client that does not speak TLS is told as such")
    func plaintextClient() async throws {
        let outcome = try await converse(server: server(serverTLS("good"))) {
            connection async throws(ConnectionError) in
            try await connection.say("a1 LOGIN alice secret\r\n")
            try? await connection.receiveMore(until: connection.soon)
        }
        guard case .handshake(peer: "127.0.0.1", .notTLS) = outcome.server else {
            Issue.record("\(String(describing: outcome.server))")
            return
        }
    }

    @Test("A silent peer is given up at the deadline")
    func silentPeer() async throws {
        let tls = try clientTLS()
        let outcome = try await converse { connection async throws(ConnectionError) in
            while true { try await connection.receiveMore(until: connection.soon) }
        } client: { connection async throws(ConnectionError) in
            try await connection.startTLS(
                client: tls, host: "localhost", until: connection.signal.loop.now + .milliseconds(50))
        }
        #expect(outcome.client == .deadline)
    }

    @Test("Files that do not fit are refused with the remedy")
    func badFiles() throws {
        let all = try Certificates.shared.get()
        let good = all.path("good.pem")
        #expect(throws: TLSError.mismatch(certificate: good, key: all.path("wrong.key"))) {
            try serverTLS("good", key: "wrong")
        }
        #expect { try serverTLS("absent") } throws: {
            if case TLSError.certificateFile(all.path("absent.pem"), _) = $0 { true } else { false }
        }
        #expect { try serverTLS("good", key: "locked") } throws: {
            if case TLSError.keyFile(all.path("locked.key"), _) = $0 { true } else { false }
        }
        #expect { try ServerTLS(certificateFile: all.path("good.key"), keyFile: all.path("good.key")) } throws: {
            if case TLSError.certificateFile = $0 { true } else { false }
        }
        #expect { try ClientTLS(trust: .file(all.path("good.key"))) } throws: {
            if case TLSError.authorities = $0 { true } else { false }
        }
    }

    @Test("Files that clients' certificates are held against, and what is wrong with others")
    func clientFiles() throws {
        let all = try Certificates.shared.get()
        func server(authority: String, revocations: String? = nil) throws {
            _ = try ServerTLS(
                certificateFile: all.path("good.pem"), keyFile: all.path("good.key"),
                clients: ClientCertificates(
                    authorityFile: all.path(authority), revocationFile: revocations.map(all.path), naming: .email))
        }
        try server(authority: "ca.pem")
        for wrong in ["good.key", "absent.pem"] {
            #expect { try server(authority: wrong) } throws: {
                if case TLSError.authorities(all.path(wrong), _) = $0 { true } else { false }
            }
            #expect { try server(authority: "ca.pem", revocations: wrong) } throws: {
                if case TLSError.revocations(all.path(wrong), _) = $0 { true } else { false }
            }
        }
    }

    @Test("What a certificate says")
    func certificateSummary() throws {
        let certificate = try serverTLS("renewed").certificate
        #expect(certificate.names == ["localhost", "127.0.0.1", "renewed.example"])
        #expect(certificate.notAfter - certificate.notBefore == 2 * 86400)
    }

    @Test("Reloading serves the new certificate, and keeps the old one when the new files are wrong")
    func reload() async throws {
        let all = try Certificates.shared.get()
        let place = all.path("served")
        func put(_ name: String, key: String? = nil) throws {
            try copyFile(all.path(name + ".pem"), to: place + ".pem")
            try copyFile(all.path((key ?? name) + ".key"), to: place + ".key")
        }
        try put("good")
        let tls = try serverTLS("served")
        try put("renewed")
        #expect(tls.certificate.names.count == 2)
        try tls.reload()
        #expect(tls.certificate.names.contains("renewed.example"))
        let outcome = try await converse(server: server(tls), client: client(clientTLS(), host: "renewed.example"))
        #expect(outcome.client == nil)
        try put("good", key: "wrong")
        #expect(throws: TLSError.mismatch(certificate: place + ".pem", key: place + ".key")) { try tls.reload() }
        #expect(tls.certificate.names.contains("renewed.example"))
    }
}
