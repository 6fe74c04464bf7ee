import Foundation
import Glibc
import Loop
import SMTPRig
import TLS
import TestKit

/// A provider and Posthouse in front of it, without anything in between, and a loop that makes the load.
final class Bench {
    let provider: Provider
    let posthouse: Posthouse
    let directory: TemporaryDirectory
    /// Trusts the provider.
    let direct: Load
    /// Trusts Posthouse.
    let through: Load
    /// What lies between Posthouse and the provider's IMAP, where something does.
    let relay: Relay?
    /// Where sent mail goes instead of Postfix, where it does.
    let sink: MessageSink?
    private let script: ScriptedServer?
    private let sinkLoop: EventLoop?

    static let user = "alice"
    static let password = "alice-at-home"
    static let account = "support"
    static let accountPassword = "support-upstream"
    static let address = "support@example.test"

    /// What the account's servers are.
    enum Upstream {
        /// Dovecot and Postfix.
        case dovecot
        /// The same, and what is sent goes into the account's queue first.
        case queue
        /// Dovecot, and for what is sent a sink over TLS that keeps nothing.
        case sink(MessageSink.Manner)
        /// The same, behind a relay.
        case distantDovecot
        /// A script, over TLS.
        case script(@Sendable (EventLoop, ServerTLS) throws -> ScriptedServer)
    }

    /// Starts everything. The store writes to the disk as servers do by default: what is measured is not made easier.
    init(_ upstream: Upstream = .dovecot) async throws {
        directory = try TemporaryDirectory()
        provider = try await Provider(in: directory("provider"))
        posthouse = try await Posthouse(in: directory)
        let loop = try EventLoop(name: "load")
        direct = try Load(sharing: loop, authority: provider.certificates.authority)
        through = try Load(sharing: loop, authority: posthouse.certificates.authority)
        var imap = "port: \(provider.imapPort), tls: starttls, ca-file: \(provider.certificates.authority)"
        let authority = provider.certificates.authority
        var smtp = "port: \(provider.smtpPort), tls: starttls, ca-file: \(authority)"
        var outbox = ""
        (sink, sinkLoop) = try Self.sink(upstream, provider)
        if let sink { smtp = "port: \(sink.port), tls: implicit, ca-file: \(authority)" }
        switch upstream {
        case .dovecot, .sink: (relay, script) = (nil, nil)
        case .queue:
            (relay, script) = (nil, nil)
            outbox = ", outbox: queue"
        case .distantDovecot:
            let relay = try Relay(to: provider.imapPort)
            imap = "port: \(relay.port), tls: starttls, ca-file: \(provider.certificates.authority)"
            (self.relay, script) = (relay, nil)
        case .script(let make):
            let certificates = provider.certificates
            let server = try make(
                loop, try ServerTLS(certificateFile: certificates.chain, keyFile: certificates.key))
            imap = "port: \(server.port), tls: implicit, ca-file: \(certificates.authority)"
            (relay, script) = (nil, server)
        }

        for user in [Self.account, "customer"] { try await provider.user(user, password: Self.accountPassword) }
        try await provider.startDovecot(extra: "mail_fsync = optimized\nlog_path = /dev/null")
        // What becomes of a letter once Postfix has accepted it is the same work on both sides. Whether it falls into the
        // measured time would decide the result, so it is thrown away.
        try await provider.startPostfix(
            extra: "local_transport = discard\ndefault_transport = discard\nrelay_transport = discard")
        try directory.write("\(Self.accountPassword)\n", to: "secrets/support", mode: 0o600)
        try posthouse.configure(
            settings: "limits: {connections: 20000, connections-per-address: 20000}", logLevel: "warning",
            site: """
                users:
                  alice: {name: Alice, addresses: [alice@example.test]}
                servers:
                  provider:
                    imap: {host: localhost, \(imap)}
                    smtp: {host: localhost, \(smtp)}
                accounts:
                  support: {server: provider, address: \(Self.address), login: support, password-file: secrets/support\(outbox)}
                grants:
                  - {account: support, user: alice, rights: [all]}
                scanners:
                  support:
                    actions: [create-email, bind, open-ticket, create-ticket]
                    start: from now
                """)
        try await posthouse.succeed(["user", "password", "alice", "--password-fd", "0"], input: "\(Self.password)\n")
        try await start()
    }

    /// The sink, on a loop of its own.
    private static func sink(_ upstream: Upstream, _ provider: Provider) throws -> (MessageSink?, EventLoop?) {
        guard case .sink(let manner) = upstream else { return (nil, nil) }
        let loop = try EventLoop(name: "sink")
        let certificates = provider.certificates
        let tls = try ServerTLS(certificateFile: certificates.chain, keyFile: certificates.key)
        return (try MessageSink(on: loop, manner, implicitTLS: tls), loop)
    }

    /// Starts Posthouse; it needs a descriptor for each of a thousand clients and more.
    func start() async throws {
        try await posthouse.start(under: ["prlimit", "--nofile=20000:20000"])
    }

    /// Ends everything.
    func tearDown() async {
        posthouse.kill()
        relay?.close()
        script?.stop()
        sink?.stop()
        if let sinkLoop {
            sinkLoop.stop(grace: .seconds(1))
            _ = sinkLoop.join()
        }
        await provider.kill()
        directory.remove()
    }

    /// Puts letters of a kilobyte into a mailbox that nobody has open, as files in its Maildir, some of them read: faster
    /// than by APPEND. Their UIDs are their numbers when they come in this order.
    ///
    /// Not behind the back of a client in IDLE: Dovecot takes it from the folder's times whether there is more in it, and
    /// may never tell of files that came while it was looking.
    func fill(_ mailbox: String, with numbers: ClosedRange<Int>) async throws {
        let mail = "\(provider.directory)/mail"
        let maildir = "\(mail)/\(Self.account)/Maildir/.\(mailbox)"
        for name in ["cur", "new", "tmp"] where !FileManager.default.fileExists(atPath: "\(maildir)/\(name)") {
            try FileManager.default.createDirectory(atPath: "\(maildir)/\(name)", withIntermediateDirectories: true)
        }
        let own = ["chown", "-R", "--reference", mail, "\(mail)/\(Self.account)"]
        try await ChildProcess.succeed(own)
        for number in numbers {
            let name = String(format: "17%08d.M%08dP1.bench", number, number)
            let path = "\(maildir)/cur/\(name):2,\(number % 3 == 0 ? "S" : "")"
            try Data(Self.letter(number, size: 1000)).write(to: URL(fileURLWithPath: path))
        }
        try await ChildProcess.succeed(own)
    }

    /// Lets letters of a kilobyte arrive at the provider. Their UIDs are their numbers when they come in this order.
    func deliver(_ numbers: ClosedRange<Int>, to mailbox: String) async throws {
        _ = try await direct.run(clients: 1) { [direct, port = provider.imapsPort] _ in
            let client = try await LineClient.connect(to: port, tls: direct.tls, on: direct.loop)
            try await client.imap("LOGIN \(Self.account) \(Self.accountPassword)")
            try await client.append(numbers.map { Self.letter($0, size: 1000) }, to: mailbox)
            try await client.imap("LOGOUT")
            client.close()
        }
    }

    /// A letter of about `size` octets, in lines as mail programs write them, with CRLF.
    static func letter(_ number: Int, size: Int, from: String = "Customer <customer@customer.test>") -> [UInt8] {
        var text = """
            From: \(from)
            To: \(Self.address)
            Subject: Letter number \(number)
            Date: Sat, 21 Nov 2026 10:00:00 +0100
            Message-ID: <\(number).\(size).\(UInt64.random(in: 0 ... .max))@customer.test>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8


            """.replacing("\n", with: "\r\n")
        let line = "The quick brown fox jumps over the lazy dog, and over the fence, and away it is\r\n"
        while text.utf8.count < size { text += line }
        return Array(text.utf8)
    }
}
