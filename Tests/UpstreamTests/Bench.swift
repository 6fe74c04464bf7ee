import Loop
import MailTypes
import SMTPRig
import SMTPSyntax
import TLS
import Upstream

/// The test kit has a client of its own.
typealias Client = Upstream.SMTPClient

/// A loop and workers for one test.
final class Bench: Sendable {
    let loop: EventLoop
    let pool: WorkerPool
    /// For endpoints without TLS, which never look at it.
    let trust: ClientTLS

    init() throws {
        trust = try ClientTLS(trust: .nothing)
        loop = try EventLoop(name: "test")
        pool = try WorkerPool(threads: 1)
    }

    deinit {
        loop.stop(grace: .seconds(1))
        loop.join()
        pool.stop()
    }

    func endpoint(
        _ server: ScriptedServer, _ security: Endpoint.Security = .none, tls: ClientTLS? = nil
    ) -> SMTPEndpoint {
        let place = Endpoint(
            host: security == .none ? "127.0.0.1" : "localhost", port: server.port, security: security,
            trust: tls ?? trust)
        var endpoint = SMTPEndpoint(place, clientName: "client.example")
        endpoint.patience.command = .seconds(5)
        endpoint.patience.dataTermination = .seconds(5)
        return endpoint
    }

    func connect(_ endpoint: SMTPEndpoint, authenticator: Client.Authenticator = { _, _ in nil })
        async throws(SMTPFailure) -> Client
    {
        try await Client.connect(to: endpoint, on: loop, pool: pool, authenticator: authenticator)
    }
}

/// A recipient of whom nothing is to be heard.
func to(_ text: String) -> EnvelopeRecipient { EnvelopeRecipient(path(text)) }

func path(_ text: String) -> SMTPPath { EmailAddress(text).map(SMTPPath.mailbox) ?? .null }

extension ScriptedPeer {
    /// Greeting and EHLO, with these capabilities.
    func welcome(_ capabilities: String...) async throws {
        try await say("220 mx.example ESMTP")
        try await expect("EHLO client.example")
        let lines = ["mx.example"] + capabilities
        for (index, line) in lines.enumerated() {
            try await say("250\(index == lines.count - 1 ? " " : "-")\(line)")
        }
    }

    /// The end of a client that has no more use for the connection.
    func farewell() async throws {
        try await expect("QUIT")
        try await say("221 bye")
    }
}
