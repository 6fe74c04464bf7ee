import Bytes
import Loop
import SMTPRig
import SMTPSyntax
import TestKit
import Testing
import Upstream

@Suite("A submission server that closes", .timeLimit(.minutes(20)))
struct SMTPClosingTests {
    let bench: Bench
    init() throws { bench = try Bench() }

    @Test("A message does not begin on a connection that the server has closed meanwhile", arguments: [true, false])
    func closedBefore(saysWhy: Bool) async throws {
        let server = try ScriptedServer(on: bench.loop) { peer in
            try await peer.welcome("PIPELINING", "CHUNKING")
            try await peer.expect("MAIL FROM:<alice@example.com>")
            try await peer.expect("RCPT TO:<bob@example.net>")
            try await peer.say("250 2.1.0 ok", "250 2.1.5 ok")
            if saysWhy { try await peer.say("421 4.4.2 waited too long") }
            peer.cut()
        }
        defer { server.stop() }
        let bench = bench
        try await bench.loop.run { _ in
            let client = try await bench.connect(bench.endpoint(server))
            _ = try await client.begin(
                .init(sender: path("alice@example.com")), recipients: [to("bob@example.net")])
            _ = await server.settled()
            do throws(SMTPFailure) {
                let reply = try await client.send(size: 3) { _ in Array("x\r\n".utf8) }
                Issue.record("\(reply)")
            } catch {
                guard case .lost = error else {
                    Issue.record("\(error)")
                    return
                }
            }
            #expect(!client.isUsable)
        }
        #expect(await server.settled() == [])
    }
}
