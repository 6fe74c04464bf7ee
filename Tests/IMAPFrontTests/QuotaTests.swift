import TestKit
import Testing

/// Quotas of upstreams, passed on (RFC 9208).
@Suite(.timeLimit(.minutes(20))) struct QuotaTests {
    /// Dovecot that counts what is in its indexes; each account may have two messages.
    static let dovecot = """
        mail_plugins = $mail_plugins quota
        protocol imap {
          mail_plugins = $mail_plugins imap_quota
        }
        plugin {
          quota = count:User quota
          quota_vsizes = yes
          quota_grace = 0
          quota_rule = *:storage=1M:messages=2
        }
        """

    @Test func passesOnWhatTheUpstreamTells() async throws {
        try await FrontHouse.with(dovecot: Self.dovecot) { house in
            let client = try await house.client("alice")
            let capabilities = try await client.ok("CAPABILITY").untagged.joined()
            #expect(capabilities.contains(" QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE "))
            #expect(!capabilities.contains("QUOTASET"))
            let own = try await client.ok("GETQUOTAROOT INBOX").untagged
            #expect(own.first == #"QUOTAROOT "INBOX" "sales/User quota""#)
            #expect(own.dropFirst().first?.hasPrefix(#"QUOTA "sales/User quota" ("#) == true, "\(own)")
            #expect(own.last?.contains("STORAGE 0 1024") == true && own.last?.contains("MESSAGE 0 2") == true, "\(own)")
            #expect(try await client.append(letter("one"), to: "Shared/support/INBOX").isOK)
            let shared = try await client.ok("GETQUOTAROOT Shared/support/INBOX").untagged
            #expect(shared.first == #"QUOTAROOT "Shared/support/INBOX" "support/User quota""#)
            let quota = try await client.ok(#"GETQUOTA "support/User quota""#).untagged
            #expect(quota == Array(shared.dropFirst()) && quota.first?.contains("MESSAGE 1 2") == true, "\(quota)")
            #expect(try await client.ok(#"GETQUOTA "sales/User quota""#).untagged == Array(own.dropFirst()))
            let refused = try await client.command(#"SETQUOTA "sales/User quota" (STORAGE 5)"#).status
            #expect(refused.hasPrefix("NO [NOPERM]"))
            try await client.logout()
        }
    }

    /// A root of an account that she may not read is answered as one that is not there.
    @Test func tellsNothingOfOthers() async throws {
        try await FrontHouse.with(dovecot: Self.dovecot) { house in
            let carol = try await house.client("carol")
            #expect(try await carol.ok(#"GETQUOTA "support/User quota""#).untagged.count == 1)
            var answers: Set<String> = []
            for root in ["sales/User quota", "nobody/User quota", "support/Other", "User quota", "", "/"] {
                answers.insert(try await carol.command("GETQUOTA \"\(root)\"").status)
            }
            #expect(answers == ["NO [NONEXISTENT] There is no such quota root"])
            answers = []
            for name in ["Shared/sales/INBOX", "Shared/nobody/INBOX", "NoSuchBox"] {
                answers.insert(try await carol.command("GETQUOTAROOT \(name)").status)
            }
            #expect(answers == ["NO [NONEXISTENT] There is no such mailbox"])
            answers = []
            for root in ["support/User quota", "sales/User quota", "nobody/User quota"] {
                answers.insert(try await carol.command("SETQUOTA \"\(root)\" (MESSAGE 1)").status)
            }
            #expect(answers.count == 1 && answers.first?.hasPrefix("NO [NOPERM]") == true, "\(answers)")
            try await carol.logout()
        }
    }

    @Test func anAccountWithoutQuotasHasNoRoots() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            #expect(try await client.ok("GETQUOTAROOT INBOX").untagged == [#"QUOTAROOT "INBOX""#])
            #expect(try await client.command(#"GETQUOTA "support/""#).status.hasPrefix("NO [NONEXISTENT]"))
            try await client.logout()
        }
    }

    @Test func saysWhyThereIsNoRoom() async throws {
        try await FrontHouse.with(dovecot: Self.dovecot) { house in
            let client = try await house.client("support*alice")
            for _ in 0..<2 { #expect(try await client.append(letter("one"), to: "INBOX").isOK) }
            #expect(try await client.append(letter("two"), to: "INBOX").status.hasPrefix("NO [OVERQUOTA]"))
            try await client.ok("CREATE Elsewhere")
            try await client.ok("SELECT INBOX")
            #expect(try await client.command("COPY 1 Elsewhere").status.hasPrefix("NO [OVERQUOTA]"))
            #expect(try await client.append(letter("two"), to: "Elsewhere").status.hasPrefix("NO [OVERQUOTA]"))
            try await client.logout()
        }
    }

    /// An upstream that moves by itself, one that has to be told to copy and to remove, and one that can't even be told
    /// which messages to remove.
    @Test(arguments: ["", "IMAP4rev1 UIDPLUS", "IMAP4rev1"])
    func movesNothingWhereThereIsNoRoom(capabilities: String) async throws {
        // Within one quota a move takes no room: these mailboxes have one of their own, of one message.
        let own = """
            namespace full {
              prefix = Full/
              separator = /
              location = maildir:~/Full
            }

            """
        let dovecot =
            own
            + Self.dovecot.replacing("count:User quota", with: "count:Full quota:ns=Full/")
            .replacing("messages=2", with: "messages=1")
            + (capabilities.isEmpty ? "" : "\nimap_capability = \(capabilities)")
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await house.client("support*alice")
            for name in ["one", "two"] {
                #expect(try await client.append(letter(name), to: "INBOX", flags: "\\Flagged").isOK)
            }
            try await client.ok("CREATE Full/Box")
            #expect(try await client.append(letter("there"), to: "Full/Box").isOK)
            try await client.ok("SELECT INBOX")
            try await client.ok("STORE 2 +FLAGS.SILENT (\\Deleted)")
            for command in ["MOVE 1", "UID MOVE 1", "UID MOVE 1:2", "MOVE 1:2", "COPY 1:2", "UID COPY 2"] {
                let refused = try await client.command("\(command) Full/Box")
                #expect(refused.status.hasPrefix("NO [OVERQUOTA]"), "\(command): \(refused)")
                #expect(refused.lines(containing: "EXPUNGE").isEmpty && refused.lines(containing: "UID").isEmpty)
                for reader in [try await house.upstream(), try await house.client("support*alice")] {
                    #expect(
                        try await reader.ok("STATUS Full/Box (MESSAGES)").untagged.first?.hasSuffix("(MESSAGES 1)")
                            == true)
                    try await reader.ok("EXAMINE INBOX")
                    let flags = try await reader.ok("UID FETCH 1:* (FLAGS)").untagged.map { line in
                        line.split(separator: "(").last.map { $0.replacing("\\Recent", with: "").filter { $0 != ")" } }
                            ?? ""
                    }.map { $0.split(separator: " ") }
                    #expect(flags == [["\\Flagged"], ["\\Flagged", "\\Deleted"]], "\(command)")
                    try await reader.logout()
                }
            }
            // With room it moves, and the other message that is marked stays.
            try await client.ok("CREATE Roomy")
            #expect(try await client.ok("UID MOVE 1 Roomy").lines(containing: "EXPUNGE") == ["1 EXPUNGE"])
            #expect(try await client.ok("UID FETCH 1:* (UID)").untagged == ["1 FETCH (UID 2)"])
            try await client.logout()
        }
    }

    /// Between accounts: what was saved before the refusal is removed again.
    @Test func takesBackWhatOneAccountHadRoomFor() async throws {
        try await FrontHouse.with(dovecot: Self.dovecot) { house in
            let client = try await house.client("alice")
            #expect(try await client.append(letter("mine"), to: "INBOX").isOK)
            for name in ["one", "two"] {
                #expect(try await client.append(letter(name), to: "Shared/support/INBOX").isOK)
            }
            try await client.ok("SELECT Shared/support/INBOX")
            for command in ["MOVE 1:2", "UID MOVE 1:2", "COPY 1:2", "UID COPY 1:*"] {
                let refused = try await client.command("\(command) INBOX")
                #expect(refused.status.hasPrefix("NO [OVERQUOTA]"), "\(command): \(refused)")
                #expect(try await client.ok("FETCH 1:2 (FLAGS)").untagged.allSatisfy { !$0.contains("Deleted") })
                let upstream = try await house.upstream("sales")
                try await upstream.ok("EXAMINE INBOX")
                let subjects = try await upstream.ok("FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])").untagged
                #expect(subjects.count == 1 && subjects.joined().contains("mine"), "\(command): \(subjects)")
                try await upstream.logout()
            }
            let moved = try await client.ok("MOVE 1 INBOX")
            #expect(moved.lines(containing: "COPYUID").count == 1 && moved.lines(containing: "EXPUNGE").count == 1)
            #expect(try await client.ok("FETCH 1:* (UID)").untagged == ["1 FETCH (UID 2)"])
            #expect(try await client.ok("STATUS INBOX (MESSAGES)").untagged == [#"STATUS "INBOX" (MESSAGES 2)"#])
            try await client.logout()
        }
    }

    /// More than one command to the upstream is needed, and only the first has room.
    @Test func takesBackWhatOneCommandHadRoomFor() async throws {
        let dovecot = Self.dovecot.replacing("storage=1M:messages=2", with: "messages=2030")
        try await FrontHouse.with(dovecot: dovecot) { house in
            let upstream = try await house.upstream()
            for _ in 0..<51 {
                #expect(
                    try await upstream.append(
                        several: Array(repeating: "Subject: x\r\n\r\nx\r\n", count: 20), to: "INBOX"
                    ).isOK)
            }
            try await upstream.make("Elsewhere")
            let client = try await house.client("support*alice")
            try await client.open("INBOX", messages: 1020)
            #expect(try await client.command("COPY 1:* Elsewhere").status.hasPrefix("NO [OVERQUOTA]"))
            for reader in [upstream, client] {
                #expect(try await reader.ok("STATUS Elsewhere (MESSAGES)").untagged.joined().hasSuffix("(MESSAGES 0)"))
            }
            let copied = try await client.ok("COPY 1:1010 Elsewhere")
            #expect(copied.status.contains("COPYUID"))
            try await client.logout()
        }
    }

    /// RFC 9208 §4.1.4: what an EXPUNGE would free.
    @Test func tellsWhatIsMarkedAsDeleted() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            let text = letter("one", String(repeating: "x", count: 900))
            for _ in 0..<3 { #expect(try await client.append(text, to: "INBOX").isOK) }
            let items = "(DELETED DELETED-STORAGE)"
            #expect(
                try await client.ok("STATUS INBOX \(items)").untagged
                    == [#"STATUS "INBOX" (DELETED 0 DELETED-STORAGE 0)"#])
            try await client.ok("SELECT INBOX")
            try await client.ok(#"STORE 1:2 +FLAGS.SILENT (\Deleted)"#)
            let told = [#"STATUS "INBOX" (DELETED 2 DELETED-STORAGE \#(2 * text.utf8.count))"#]
            #expect(try await client.ok("STATUS INBOX \(items)").untagged == told)
            let listed = try await client.ok("LIST \"\" INBOX RETURN (STATUS \(items))").untagged
            #expect(Array(listed.dropFirst()) == told)
            try await client.logout()
        }
    }
}
