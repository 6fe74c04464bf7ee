import TestKit
import Testing

/// Many clients on many mailboxes of one account: the provider's limit of connections holds, and everybody still hears
/// of everything.
@Suite("Many clients, few connections")
struct FanInTests {
    static let mailboxes = 40
    static let clients = 100
    /// The limit that a server has when none is configured.
    static let connections = 4

    @Test func `Many that open a mailbox at the same moment need no more connections than one`() async throws {
        try await House.with { house in
            try await house.arrive(Letters.plain("one"))
            var clients: [IMAPClient] = []
            for _ in 0..<30 { clients.append(try await house.imap("support*alice")) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in clients { group.addTask { try await client.ok("SELECT INBOX") } }
                try await group.waitForAll()
            }
            let logins = house.provider.dovecotLog.split(separator: "\n").count {
                $0.contains("Login: user=<support>") && $0.contains("secured")
            }
            // One that watches the mailbox, one for everything else.
            #expect(logins <= 2, "\(logins)")
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func `A hundred clients on forty mailboxes share four connections`() async throws {
        try await House.with { house in
            let upstream = try await house.upstream("support")
            let names = (0..<Self.mailboxes).map { "Box\($0)" }
            for name in names {
                try await upstream.make(name)
                #expect(try await upstream.append(Letters.plain("first in \(name)"), to: name).isOK)
            }
            // Sales is another account, with a connection of its own for its monitored mailbox.
            let others = house.provider.dovecotLog.split(separator: "\n").count { $0.contains("Login: user=<sales>") }
            var clients: [(client: IMAPClient, name: String)] = []
            for number in 0..<Self.clients {
                let name = names[number % names.count]
                let client = try await house.imap(number % 3 == 0 ? "support*alice" : "alice")
                try await client.open(name, messages: 1)
                clients.append((client, name))
            }
            #expect(house.imapRelay.connectionCount <= Self.connections + others)

            // What one changes, everybody in the same mailbox hears of, and nobody else.
            for (number, place) in [0, 17, 39].enumerated() {
                try await clients[place].client.ok("UID STORE 1 +FLAGS (work\(number))")
                for (index, other) in clients.enumerated() where index != place {
                    let told = try await other.client.ok("NOOP").untagged.contains { $0.contains("work\(number)") }
                    #expect(told == (other.name == names[place]), "\(index) in \(other.name)")
                }
            }

            // What arrives behind our back is heard of in every mailbox, watched or polled.
            for name in names { #expect(try await upstream.append(Letters.plain("second", number: 2), to: name).isOK) }
            for (client, name) in clients {
                try await eventually(
                    "the new message in \(name) is told", within: .seconds(60),
                    holds: {
                        try await client.ok("NOOP")
                        return try await client.ok("UID SEARCH ALL").untagged.contains("SEARCH 1 2")
                    })
            }
            #expect(house.imapRelay.connectionCount <= Self.connections + others)
            let logins = house.provider.dovecotLog.split(separator: "\n").count { line in
                line.contains("Login: user=<support>") && line.contains("secured")
            }
            // Not one after the other either: connections are kept, not made anew for each mailbox.
            #expect(logins <= Self.connections * 2, "\(logins)")
        }
    }
}
