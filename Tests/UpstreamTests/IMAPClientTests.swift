import IMAPSyntax
import Loop
import MailTypes
import SASL
import TLS
import TestKit
import Testing
import Upstream

/// The IMAP client against a real Dovecot.
@Suite(.timeLimit(.minutes(20)))
struct IMAPClientTests {
    private func withServer(
        security: Endpoint.Security = .startTLS, extra: String = "",
        _ body: @escaping @Sendable (isolated LoopContext, Endpoint, WorkerPool) async throws -> Void
    ) async throws {
        try await Slots.servers.hold {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let provider = try await Provider(in: directory.path)
            try await provider.user("support", password: "support-upstream")
            try await provider.startDovecot(extra: extra)
            let bench = try Bench()
            let endpoint = Endpoint(
                host: "localhost", port: security == .implicit ? provider.imapsPort : provider.imapPort,
                security: security, trust: try ClientTLS(trust: .file(provider.certificates.authority)),
                connectTimeout: .seconds(20), replyTimeout: .seconds(20))
            let pool = bench.pool
            do {
                try await bench.loop.run { (context: isolated LoopContext) async throws -> Void in
                    try await body(context, endpoint, pool)
                }
            } catch {
                await provider.kill()
                throw error
            }
            await provider.kill()
        }
    }

    @Test(arguments: [Endpoint.Security.none, .startTLS, .implicit])
    func signsInSavesReadsAndRemoves(security: Endpoint.Security) async throws {
        try await withServer(security: security) { context, endpoint, pool in
            let client = try await connect(endpoint, context.loop, pool)
            try await client.create(MailboxName("Archive/Übersicht"), use: nil)
            let names = try await client.list().map(\.name)
            #expect(names.contains(.inbox))
            #expect(names.contains(MailboxName("Archive/Übersicht")))
            #expect(try await client.select(.inbox).exists == 0)
            let large = Array(("Subject: large\r\n\r\n" + String(repeating: "x", count: 100_000) + "\r\n").utf8)
            let small = Array("Subject: small\r\n\r\nHello.\r\n".utf8)
            for message in [large, small] {
                let seen = OutgoingMessage(flags: [.seen], internalDate: nil, size: message.count) {
                    Array(message[$0])
                }
                #expect(try await client.append([seen], to: .inbox) != nil)
            }
            #expect(client.takeEvents().contains(.exists))
            let flags = try await client.fetchAllFlags()
            #expect(flags.allSatisfy { $0.flags.contains(.seen) })
            let uids = NumberSet(flags.map(\.uid))
            let metadata = try await client.fetchMetadata(uids)
            #expect(metadata.map(\.size) == [large.count, small.count])
            #expect(metadata.allSatisfy { $0.envelope != nil && $0.structure != nil && $0.internalDate != nil })
            #expect(metadata.first?.header == Array("Subject: large\r\n\r\n".utf8))
            let order = try await client.fetchOrder(uids)
            #expect(order.map(\.size) == metadata.map(\.size))
            #expect(order.map(\.envelope) == metadata.map(\.envelope))
            #expect(order.allSatisfy { $0.referenceFields == Array("\r\n".utf8) && $0.header == nil })
            let sink = Collector()
            try await client.fetchBodies(uids, into: sink)
            #expect(sink.messages == [large, small])
            try await client.store(NumberSet([flags[0].uid]), .add, [.deleted, Flag("$Work")])
            guard case .flags(let changed)? = client.takeEvents().first else {
                Issue.record("no flags reported")
                return
            }
            #expect(Set(changed.flags).isSuperset(of: [.seen, .deleted, Flag("$Work")]))
            let copied = try await client.copy(uids, to: MailboxName("Archive/Übersicht"))
            #expect(copied?.copies.count == 2)
            try await client.expunge(uids)
            #expect(client.takeEvents() == [.expunged(flags[0].uid)])
            #expect(try await client.search(.subject(Array("SMALL".utf8))) == NumberSet([flags[1].uid]))
            let moved = try await client.move(NumberSet([flags[1].uid]), to: MailboxName("Archive/Übersicht"))
            #expect(moved?.copies.count == 1)
            #expect(client.takeEvents() == [.expunged(flags[1].uid)])
            #expect(try await client.status(MailboxName("Archive/Übersicht")).messages == 3)
            try await client.rename(MailboxName("Archive/Übersicht"), to: MailboxName("Archive/Neu"))
            try await client.delete(MailboxName("Archive/Neu"))
            await client.logout()
        }
    }

    /// Without UIDPLUS and MOVE nothing else that is marked may go.
    @Test func removesOnlyWhatWasAskedForWithoutUIDPLUS() async throws {
        try await withServer(extra: "imap_capability = IMAP4rev1") { context, endpoint, pool in
            let client = try await connect(endpoint, context.loop, pool)
            _ = try await client.select(.inbox)
            let message = Array("Subject: one\r\n\r\nHello.\r\n".utf8)
            for _ in 0..<3 {
                let outgoing = OutgoingMessage(flags: [], internalDate: nil, size: message.count) { Array(message[$0]) }
                _ = try await client.append([outgoing], to: .inbox)
            }
            let uids = try await client.fetchAllFlags().map(\.uid)
            #expect(uids.count == 3)
            try await client.store(NumberSet(uids.prefix(2)), .add, [.deleted])
            _ = client.takeEvents()
            try await client.expunge(NumberSet([uids[0]]))
            #expect(client.takeEvents().contains(.expunged(uids[0])))
            let left = try await client.fetchAllFlags()
            #expect(left.map(\.uid) == [uids[1], uids[2]])
            #expect(left.map { $0.flags.contains(.deleted) } == [true, false])
        }
    }

    @Test func idleBringsWhatAnotherClientDoes() async throws {
        try await withServer { context, endpoint, pool in
            let watcher = try await connect(endpoint, context.loop, pool)
            let other = try await connect(endpoint, context.loop, pool)
            _ = try await watcher.select(.inbox)
            let message = Array("Subject: one\r\n\r\nHello.\r\n".utf8)
            let outgoing = OutgoingMessage(flags: [], internalDate: nil, size: message.count) { Array(message[$0]) }
            let saved = try await other.append([outgoing], to: .inbox)
            let uid = try #require(saved?.1.first)
            try await watcher.idle(until: context.loop.now + .seconds(20))
            #expect(watcher.takeEvents().contains(.exists))
            #expect(try await watcher.fetchFlags(fromUID: 1).map(\.uid) == [uid])
            _ = try await other.select(.inbox)
            try await other.store(NumberSet([uid]), .add, [.flagged, .deleted])
            try await watcher.idle(until: context.loop.now + .seconds(20))
            #expect(!watcher.takeEvents().isEmpty)
            try await other.expunge(NumberSet([uid]))
            var events: [IMAPEvent] = []
            while !events.contains(.expunged(uid)) {
                try await watcher.idle(until: context.loop.now + .seconds(20))
                let new = watcher.takeEvents()
                if new.isEmpty { break }
                events += new
            }
            #expect(events.contains(.expunged(uid)))
            watcher.interrupt()
            try await watcher.idle(until: context.loop.now + .seconds(60))
        }
    }

    @Test func saysWhyItCannotSignIn() async throws {
        try await withServer { context, endpoint, pool in
            let refused = await failure { try await connect(endpoint, context.loop, pool, password: "wrong") }
            guard case .authenticationFailed(let text) = refused else {
                Issue.record("\(String(describing: refused))")
                return
            }
            #expect(!text.contains("wrong"))
            var strange = endpoint
            strange.trust = try ClientTLS(trust: .system)
            guard case .unreachable(let reason) = await failure({ try await connect(strange, context.loop, pool) })
            else {
                Issue.record("a certificate nobody vouches for was accepted")
                return
            }
            #expect(reason.contains("localhost"))
            #expect(reason.contains("certificate"))
        }
    }

    private func failure(_ body: () async throws -> IMAP) async -> UpstreamError? {
        do {
            _ = try await body()
            return nil
        } catch { return error as? UpstreamError }
    }
}

private func connect(
    _ endpoint: Endpoint, _ loop: EventLoop, _ pool: WorkerPool, password: String = "support-upstream"
) async throws -> IMAP {
    try await IMAP.connect(to: endpoint, on: loop, pool: pool) { (offered, _) throws(UpstreamError) in
        do {
            return try SASLClient(
                offered: offered, service: "imap", host: "localhost", login: "support",
                secret: Array(password.utf8).span,
                mayShowPassword: true)
        } catch { throw .authenticationFailed("\(error)") }
    }
}

private final class Collector: BodySink {
    var messages: [[UInt8]] = []
    func begin(_ uid: UID, size: UInt64) { messages.append([]) }
    func take(_ bytes: [UInt8]) { messages[messages.count - 1] += bytes }
    func end(internalDate: Moment?) { #expect(internalDate != nil) }
}
