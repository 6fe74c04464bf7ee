import TestKit
import Testing

/// OBJECTID (RFC 8474) and SAVEDATE (RFC 8514), in front of a Dovecot with extensions and of one that seems to have none.
@Suite(.timeLimit(.minutes(20)))
struct ObjectIDTests {
    private func identifier(_ name: String, in line: String?) throws -> String {
        let line = try #require(line)
        let range = try #require(line.firstRange(of: "\(name) ("), "\(line)")
        return String(line[range.upperBound...].prefix { $0 != ")" })
    }

    private func emailID(_ uid: Int, _ client: TestKit.IMAPClient) async throws -> String {
        try identifier("EMAILID", in: try await client.ok("UID FETCH \(uid) EMAILID").untagged.first)
    }

    private func mailboxID(_ name: String, _ client: TestKit.IMAPClient) async throws -> String {
        try identifier("MAILBOXID", in: try await client.ok("STATUS \(name) (MAILBOXID)").untagged.first)
    }

    @Test(arguments: UIDOnlyTests.upstreams) func aMailboxIsTheSameUnderEveryName(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await house.client("support*alice")
            let made = try await client.ok("CREATE Work")
            let id = try identifier("[MAILBOXID", in: made.status)
            #expect(try await mailboxID("Work", client) == id)
            let listed = try await client.ok("LIST \"\" Work RETURN (STATUS (MAILBOXID MESSAGES))")
            #expect(listed.untagged.last == "STATUS \"Work\" (MAILBOXID (\(id)) MESSAGES 0)")
            for command in ["SELECT", "EXAMINE"] {
                let selected = try await client.ok("\(command) Work")
                #expect(selected.untagged.contains { $0.hasPrefix("OK [MAILBOXID (\(id))]") }, "\(selected)")
            }
            let inbox = try await mailboxID("INBOX", client)
            #expect(inbox != id)
            // The other way in leads to the same.
            let other = try await house.client("alice")
            #expect(try await mailboxID("Shared/support/Work", other) == id)
            #expect(try await mailboxID("INBOX", other) != inbox)
            try await client.ok("UNSELECT")
            try await client.ok("RENAME Work Done")
            #expect(try await mailboxID("Done", client) == id)
            // What gets the name now is another one.
            let again = try await client.ok("CREATE Work")
            #expect(try identifier("[MAILBOXID", in: again.status) != id)
            try await client.ok("DELETE Done")
            #expect(try await client.command("STATUS Done (MAILBOXID)").status.hasPrefix("NO"))
            for client in [client, other] { try await client.logout() }
        }
    }

    @Test(arguments: UIDOnlyTests.upstreams) func aMessageIsTheSameInEveryMailbox(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await house.client("support*alice")
            let nameless = "Subject: draft\r\n\r\n"
            for message in [letter("one"), letter("two"), nameless + "a\r\n", nameless + "b\r\n"] {
                #expect(try await client.append(message, to: "INBOX").isOK)
            }
            try await client.ok("CREATE Work")
            try await client.ok("SELECT INBOX")
            var ids: [String] = []
            for uid in 1...4 { ids.append(try await emailID(uid, client)) }
            #expect(Set(ids).count == 4)
            #expect(ids.allSatisfy { $0.utf8.allSatisfy { $0.isLetterOrDigit } })
            // By date of arrival and by body alike.
            try await client.ok("UID COPY 2,3 Work")
            try await client.ok("UID MOVE 4 Work")
            let found = try await client.ok("UID SEARCH EMAILID \(ids[1])")
            #expect(found.untagged.contains("SEARCH 2"))
            #expect(try await client.ok("UID SEARCH NOT EMAILID \(ids[1])").untagged == ["SEARCH 1 3"])
            #expect(try await client.ok("UID SEARCH EMAILID \(ids[0]) SUBJECT one").untagged == ["SEARCH 1"])
            #expect(try await client.ok("UID SEARCH EMAILID \(ids[0]) SUBJECT two").untagged == ["SEARCH"])
            #expect(try await client.ok("UID SEARCH OR EMAILID \(ids[0]) SUBJECT two").untagged == ["SEARCH 1 2"])
            #expect(try await client.ok("UID SEARCH EMAILID E0").untagged == ["SEARCH"])
            #expect(try await client.ok("UID SEARCH THREADID T0").untagged == ["SEARCH"])
            #expect(try await client.command("UID SEARCH EMAILID \"no id\"").status.hasPrefix("BAD"))
            try await client.ok("SELECT Work")
            for uid in 1...3 { #expect(try await emailID(uid, client) == ids[uid]) }
            let all = try await client.ok("FETCH 1 (EMAILID THREADID EMAILID)")
            #expect(all.untagged == ["1 FETCH (UID 1 EMAILID (\(ids[1])) THREADID NIL)"])
            try await client.logout()
        }
    }

    /// In UTC: the day may change while the test runs, so both are asked for.
    @Test(arguments: UIDOnlyTests.upstreams) func aMessageKnowsWhenItCame(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await house.client("support*alice")
            #expect(try await client.append(letter("one"), to: "INBOX").isOK)
            try await client.ok("SELECT INBOX")
            let fetched = try await client.ok("FETCH 1 (SAVEDATE INTERNALDATE)").untagged.joined()
            let range = try #require(fetched.firstRange(of: "SAVEDATE \""), "\(fetched)")
            let date = String(fetched[range.upperBound...].prefix { $0 != "\"" })
            #expect(try await client.ok("FETCH 1 SAVEDATE").untagged == ["1 FETCH (UID 1 SAVEDATE \"\(date)\")"])
            let day = date.prefix { $0 != " " || date.hasPrefix(" ") }.drop { $0 == " " }
            let words = date.split(separator: " ")
            #expect(words.count == 3 && !day.isEmpty)
            #expect(try await client.ok("SEARCH SAVEDON \(words[0])").untagged == ["SEARCH 1"])
            #expect(try await client.ok("SEARCH SAVEDSINCE \(words[0])").untagged == ["SEARCH 1"])
            #expect(try await client.ok("SEARCH SAVEDBEFORE \(words[0])").untagged == ["SEARCH"])
            #expect(try await client.ok("SEARCH SAVEDSINCE 1-Jan-2100").untagged == ["SEARCH"])
            #expect(try await client.ok("SEARCH SAVEDBEFORE 1-Jan-2100 SUBJECT one").untagged == ["SEARCH 1"])
            #expect(try await client.ok("SEARCH SAVEDATESUPPORTED").untagged == ["SEARCH 1"])
            #expect(try await client.ok("SEARCH NOT SAVEDATESUPPORTED").untagged == ["SEARCH"])
            #expect(try await client.command("SEARCH SAVEDON yesterday").status.hasPrefix("BAD"))
            try await client.logout()
        }
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }
}
