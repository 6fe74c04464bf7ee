import Foundation
import TestKit
import Testing

/// Identifiers (OBJECTID, RFC 8474) and previews (RFC 8970) before and after Posthouse has lost its cache.
@Suite("Identifiers")
struct IdentifierTests {
    static let providers = ["", "imap_capability = IMAP4rev1"]

    private func told(_ house: House) async throws -> [String] {
        let alice = try await house.imap("alice")
        var lines: [String] = []
        for name in ["INBOX", "Work"] { lines += try await alice.ok("STATUS \(name) (MAILBOXID)").untagged }
        lines += try await alice.open("INBOX", messages: 3).lines(containing: "MAILBOXID")
        lines += try await alice.ok("UID FETCH 1:* (EMAILID THREADID PREVIEW)").untagged
        try await alice.ok("SELECT Work")
        lines += try await alice.ok("UID FETCH 1:* EMAILID").untagged
        try await alice.logout()
        return lines
    }

    @Test(arguments: providers) func `They mean the same without the cache`(dovecot: String) async throws {
        var plan = Plan()
        plan.dovecot = dovecot
        try await House.with(plan) { house in
            let alice = try await house.imap("alice")
            for number in 1...3 {
                #expect(try await alice.append(Letters.plain("n", number: number), to: "INBOX").isOK)
            }
            try await alice.ok("CREATE Work")
            try await alice.open("INBOX", messages: 3)
            try await alice.ok("UID COPY 2 Work")
            try await alice.logout()
            let before = try await told(house)
            #expect(before.count == 7 && before.allSatisfy { !$0.contains("()") }, "\(before)")
            let id = try #require(before[6].split(separator: " ").last { $0.hasPrefix("(") })
            #expect(before[4].contains("EMAILID \(id.dropLast())"), "\(before)")
            try await house.posthouse.stop()
            try await house.posthouse.start()
            #expect(try await told(house) == before)
            try await house.posthouse.stop()
            try house.posthouse.removeCache()
            try await house.posthouse.start()
            #expect(try await told(house) == before)
        }
    }
}
