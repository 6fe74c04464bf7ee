import Bytes
import IMAPFront
import TestKit
import Testing

/// Metadata of mailboxes and of the server (RFC 5464, RFC 9590): kept here, the same over every upstream.
@Suite(.timeLimit(.minutes(20))) struct MetadataTests {
    @Test func isSetToldAndRemoved() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            #expect(try await client.ok("CAPABILITY").untagged.joined().contains(" METADATA LIST-METADATA "))
            try await client.dialogue.play(
                """
                C: a GETMETADATA INBOX /shared/comment
                S: * METADATA "INBOX" (/shared/comment NIL)
                S: a OK …
                C: b SETMETADATA INBOX (/shared/comment "Its sunny outside!" /private/Comment "Mine")
                S: b OK …
                C: c GETMETADATA INBOX (/SHARED/comment /private/comment /private/none)
                S: * METADATA "INBOX" (/SHARED/comment "Its sunny outside!" /private/comment "Mine" /private/none NIL)
                S: c OK …
                C: d SETMETADATA Shared/sales/INBOX (/shared/comment "")
                S: d NO [NONEXISTENT] …
                C: e SETMETADATA Shared/support/INBOX (/shared/comment "")
                S: e OK …
                C: f GETMETADATA Shared/support/INBOX /shared/comment
                S: * METADATA "Shared/support/INBOX" (/shared/comment "")
                S: f OK …
                C: g SETMETADATA INBOX (/shared/comment NIL /private/none NIL)
                S: g OK …
                C: h GETMETADATA INBOX (/shared/comment /private/comment)
                S: * METADATA "INBOX" (/shared/comment NIL /private/comment "Mine")
                S: h OK …
                C: i GETMETADATA INBOX (/private/comment /PRIVATE/COMMENT)
                S: * METADATA "INBOX" (/private/comment "Mine")
                S: i OK …
                """)
            try await client.logout()
        }
    }

    @Test func takesAnyOctets() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            try await client.dialogue.send(
                octets: Array("a SETMETADATA INBOX (/private/a ~{3+}\r\n".utf8) + [0x61, 0, 0xFF]
                    + Array(" /private/b {4+}\r\na\r\nb /private/c {3}\r\n".utf8))
            try await client.dialogue.expect("+ …")
            try await client.dialogue.send(octets: Array("\u{0141}x)\r\n".utf8))
            try await client.dialogue.expect("a OK …")
            let told = try await client.ok("GETMETADATA INBOX (/private/a /private/b /private/c)").untagged
            #expect(told.count == 1 && told[0].hasPrefix("METADATA \"INBOX\" (/private/a ~{3}\r\na\u{0}"), "\(told)")
            #expect(told[0].hasSuffix(" /private/b {4}\r\na\r\nb /private/c {3}\r\n\u{0141}x)"), "\(told)")
            try await client.logout()
        }
    }

    @Test func looksBelowAnEntry() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            try await client.dialogue.play(
                """
                C: a SETMETADATA INBOX (/private/f/v/boss "FROM x" /private/f/v/small "SMALLER 5000" /private/f "f")
                S: a OK …
                C: b GETMETADATA (DEPTH 1) INBOX /private/f/v
                S: * METADATA "INBOX" (/private/f/v NIL /private/f/v/boss "FROM x" /private/f/v/small "SMALLER 5000")
                S: b OK …
                C: c GETMETADATA INBOX (DEPTH 1) /private/f
                S: * METADATA "INBOX" (/private/f "f")
                S: c OK …
                C: d GETMETADATA (DEPTH infinity) INBOX (/private/f /private/f/v/boss)
                S: * METADATA "INBOX" (/private/f "f" /private/f/v/boss "FROM x" /private/f/v/small "SMALLER 5000")
                S: d OK …
                C: e GETMETADATA (DEPTH 0) INBOX (/private/f /shared)
                S: * METADATA "INBOX" (/private/f "f" /shared NIL)
                S: e OK …
                """)
            try await client.logout()
        }
    }

    @Test func leavesOutWhatIsTooLong() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            try await client.dialogue.play(
                """
                C: a SETMETADATA INBOX (/private/a "1234" /private/b "12345" /private/c "1234567")
                S: a OK …
                C: b GETMETADATA (MAXSIZE 4) INBOX (/private/a /private/b /private/d)
                S: * METADATA "INBOX" (/private/a "1234" /private/d NIL)
                S: b OK [METADATA LONGENTRIES 5] …
                C: c GETMETADATA (MAXSIZE 3 DEPTH infinity) INBOX /private/c
                N: * METADATA …
                S: c OK [METADATA LONGENTRIES 7] …
                C: d GETMETADATA (MAXSIZE 7) INBOX (/private/b /private/c)
                S: * METADATA "INBOX" (/private/b "12345" /private/c "1234567")
                S: d OK Metadata told
                """)
            try await client.logout()
        }
    }

    @Test func isTheAccountsOrOnesOwn() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("alice")
            let carol = try await house.client("carol")
            try await alice.ok("SETMETADATA Shared/support/INBOX (/shared/comment \"ours\" /private/comment \"hers\")")
            try await carol.dialogue.play(
                """
                C: a GETMETADATA INBOX (/shared/comment /private/comment)
                S: * METADATA "INBOX" (/shared/comment "ours" /private/comment NIL)
                S: a OK …
                C: b SETMETADATA INBOX (/private/comment "Carol's")
                S: b OK …
                C: c SETMETADATA INBOX (/private/comment "changed" /shared/comment "changed")
                S: c NO [NOPERM] …
                C: d GETMETADATA INBOX (/shared/comment /private/comment)
                S: * METADATA "INBOX" (/shared/comment "ours" /private/comment "Carol's")
                S: d OK …
                """)
            let other = try await house.client("support*alice")
            try await other.dialogue.play(
                """
                C: a GETMETADATA INBOX (/shared/comment /private/comment)
                S: * METADATA "INBOX" (/shared/comment "ours" /private/comment "hers")
                S: a OK …
                """)
            for client in [alice, carol, other] { try await client.logout() }
        }
    }

    /// What she may not see is answered as what is not there, and as SELECT answers it.
    @Test func tellsNothingOfOthers() async throws {
        try await FrontHouse.with { house in
            let carol = try await house.client("carol")
            let bob = try await house.client("bob")
            let commands = [
                "SELECT %", "GETMETADATA % /shared/comment", "SETMETADATA % (/shared/comment \"x\")",
                "SETMETADATA % (/private/comment NIL)",
            ]
            for command in commands {
                for (client, name) in [
                    (carol, "Shared/sales/INBOX"), (carol, "Shared/nobody/INBOX"), (carol, "NoSuchBox"), (bob, "INBOX"),
                    (bob, "Shared/support/INBOX"), (carol, "Shared"),
                ] {
                    let answer = try await client.command(command.replacing("%", with: name))
                    #expect(answer.status == "NO [NONEXISTENT] There is no such mailbox", "\(command): \(name)")
                    #expect(answer.untagged.isEmpty)
                }
            }
            let alice = try await house.client("support*alice")
            try await carol.ok("SETMETADATA INBOX (/private/comment \"x\")")
            try await house.takeBackGrants(of: "carol")
            let status = try await carol.command("GETMETADATA INBOX /private/comment").status
            #expect(status == "NO [NONEXISTENT] There is no such mailbox")
            for client in [alice, carol, bob] { try await client.logout() }
        }
    }

    @Test func tellsOfTheServer() async throws {
        try await FrontHouse.with(upstream: false) { house in
            let stranger = try await house.connect()
            for command in ["GETMETADATA \"\" /shared/comment", "SETMETADATA \"\" (/private/x \"y\")"] {
                #expect(try await stranger.command(command).status == "BAD Sign in first")
            }
            let bob = try await house.client("bob")
            let alice = try await house.client("alice")
            try await bob.dialogue.play(
                """
                C: a GETMETADATA "" (/shared/comment /shared/admin /private/comment)
                S: * METADATA "" (/shared/comment "For tests" /shared/admin NIL /private/comment NIL)
                S: a OK …
                C: b SETMETADATA "" (/private/comment "his")
                S: b OK …
                C: c SETMETADATA "" (/private/comment NIL /shared/comment NIL)
                S: c NO [NOPERM] …
                C: d SETMETADATA "" (/shared/vendor/x "y")
                S: d NO [NOPERM] …
                C: e GETMETADATA (DEPTH infinity) "" (/shared /private)
                S: * METADATA "" (/shared NIL /shared/comment "For tests" /private NIL /private/comment "his")
                S: e OK …
                C: f GETMETADATA (MAXSIZE 8) "" /shared/COMMENT
                N: * METADATA …
                S: f OK [METADATA LONGENTRIES 9] …
                """)
            let hers = try await alice.ok("GETMETADATA \"\" /private/comment").untagged
            #expect(hers == [#"METADATA "" (/private/comment NIL)"#])
            for client in [stranger, alice, bob] { try await client.logout() }
        }
    }

    @Test func followsItsMailbox() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("support*alice")
            for name in ["Old", "Old/Sub", "Older"] {
                try await alice.make(name)
                try await alice.ok("SETMETADATA \(name) (/shared/x \"\(name)\" /private/x \"\(name)\")")
            }
            try await alice.dialogue.play(
                """
                C: a RENAME Old New
                S: a OK …
                C: b GETMETADATA New (/shared/x /private/x)
                S: * METADATA "New" (/shared/x "Old" /private/x "Old")
                S: b OK …
                C: c GETMETADATA New/Sub (/shared/x /private/x)
                S: * METADATA "New/Sub" (/shared/x "Old/Sub" /private/x "Old/Sub")
                S: c OK …
                C: d GETMETADATA Older /shared/x
                S: * METADATA "Older" (/shared/x "Older")
                S: d OK …
                C: e GETMETADATA Old /shared/x
                S: e NO [NONEXISTENT] …
                C: f DELETE New/Sub
                S: f OK …
                C: g CREATE New/Sub
                S: g OK …
                C: h GETMETADATA New/Sub (/shared/x /private/x)
                S: * METADATA "New/Sub" (/shared/x NIL /private/x NIL)
                S: h OK …
                """)
            // One that somebody has removed elsewhere takes nothing over when it is made again.
            let upstream = try await house.upstream()
            try await upstream.ok("DELETE Older")
            try await eventually(
                "the mailbox is gone", holds: { try await alice.ok("LIST \"\" Older").untagged.isEmpty })
            try await alice.ok("CREATE Older")
            let told = try await alice.ok("GETMETADATA Older /shared/x").untagged
            #expect(told == [#"METADATA "Older" (/shared/x NIL)"#])
            for client in [alice, upstream] { try await client.logout() }
        }
    }

    @Test func isThereWhileTheUpstreamIsAway() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            try await client.ok("SETMETADATA INBOX (/shared/comment \"ours\")")
            try await house.provider.stopDovecot(atOnce: true)
            try await client.dialogue.play(
                """
                C: a SETMETADATA INBOX (/private/comment "mine")
                S: a OK …
                C: b LIST "" INBOX RETURN (METADATA (/shared/comment /private/comment))
                S: * LIST (…) "/" "INBOX"
                S: * METADATA "INBOX" (/shared/comment "ours" /private/comment "mine")
                S: b OK …
                """)
            try await client.logout()
        }
    }

    @Test func isListed() async throws {
        try await FrontHouse.with { house in
            let carol = try await house.client("carol")
            let alice = try await house.client("support*alice")
            try await alice.make("Work/Sub")
            try await alice.ok("SETMETADATA INBOX (/shared/vendor/x/color \"#b71c1c\" /private/comment \"x\")")
            try await carol.dialogue.play(
                """
                C: a LIST "" (INBOX Work*) RETURN (METADATA (/shared/vendor/x/color /private/comment) MYRIGHTS)
                S: * LIST (…) "/" "INBOX"
                S: * MYRIGHTS "INBOX" lr
                S: * METADATA "INBOX" (/shared/vendor/x/color "#b71c1c" /private/comment NIL)
                S: * LIST (…) "/" "Work"
                S: * LIST (…) "/" "Work/Sub"
                S: * MYRIGHTS "Work/Sub" lr
                S: * METADATA "Work/Sub" (/shared/vendor/x/color NIL /private/comment NIL)
                S: a OK …
                """)
            for client in [alice, carol] { try await client.logout() }
        }
    }

    @Test func boundsWhatOneCommandAsksFor() async throws {
        try await FrontHouse.with(limits: limits { $0.metadataEntries = 2 }) { house in
            let client = try await house.client("alice")
            try await client.dialogue.play(
                """
                C: a GETMETADATA INBOX (/shared/a /shared/b /shared/c)
                S: a NO [LIMIT] …
                C: b LIST "" * RETURN (METADATA (/shared/a /shared/b /shared/c))
                S: b NO [LIMIT] …
                C: c GETMETADATA INBOX (/shared/a /shared/b)
                S: * METADATA "INBOX" (/shared/a NIL /shared/b NIL)
                S: c OK …
                """)
            try await client.logout()
        }
    }

    /// RFC 5465 §5.6, §5.7: shared entries are told to all, private ones to the same user's sessions.
    @Test func tellsWhatHasChanged() async throws {
        try await FrontHouse.with { house in
            let carol = try await house.client("carol")
            let alice = try await house.client("alice")
            let other = try await house.client("support*alice")
            try await carol.ok("NOTIFY SET (PERSONAL (MailboxMetadataChange ServerMetadataChange))")
            try await alice.ok(
                "NOTIFY SET (SUBTREE Shared/support (MailboxMetadataChange)) (INBOXES (ServerMetadataChange))")
            try await other.ok("SETMETADATA INBOX (/private/a \"x\" /shared/a \"x\" /private/b NIL)")
            try await other.ok("SETMETADATA \"\" (/private/c \"x\")")
            try await other.ok("SETMETADATA INBOX (/shared/end \"x\")")
            #expect(try await carol.dialogue.line() == #"* METADATA "INBOX" /shared/a"#)
            #expect(try await carol.dialogue.line() == #"* METADATA "INBOX" /shared/end"#)
            var heard: Set<String> = []
            for _ in 0..<5 { heard.insert(try await alice.dialogue.line()) }
            #expect(
                heard == [
                    #"* METADATA "Shared/support/INBOX" /private/a"#,
                    #"* METADATA "Shared/support/INBOX" /private/b"#,
                    #"* METADATA "Shared/support/INBOX" /shared/a"#, #"* METADATA "" /private/c"#,
                    #"* METADATA "Shared/support/INBOX" /shared/end"#,
                ])
            // Who does not ask hears nothing of it.
            try await alice.ok("NOTIFY SET (PERSONAL (MailboxName))")
            try await other.ok("SETMETADATA INBOX (/shared/a NIL)")
            try await other.ok("SETMETADATA \"\" (/private/c NIL)")
            #expect(try await alice.ok("NOOP").untagged.isEmpty)
            #expect(try await carol.dialogue.line() == #"* METADATA "INBOX" /shared/a"#)
            for client in [alice, carol, other] { try await client.logout() }
        }
    }

    @Test func refusesBadNames() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            for name in [
                "comment", "/comment", "/sharedx", "/shared/", "/shared//x", "\"/shared/*\"", "\"/private/a%\"",
                "\"/private/a\u{7F}\"", "\"/private/ä\"",
            ] {
                for command in ["GETMETADATA INBOX \(name)", "SETMETADATA INBOX (\(name) \"x\")"] {
                    #expect(try await client.command(command).status.hasPrefix("BAD "), "\(command)")
                }
            }
            for name in ["/private", "/SHARED"] {
                #expect(
                    try await client.command("SETMETADATA INBOX (\(name) \"x\")").status.hasPrefix("NO [CANNOT] "))
            }
            let long = "/private/" + String(repeating: "x", count: 992)
            #expect(try await client.command("SETMETADATA INBOX (\(long) \"x\")").status.hasPrefix("NO [LIMIT] "))
            #expect(try await client.ok("GETMETADATA INBOX \(long)").untagged.first?.hasSuffix(" NIL)") == true)
            try await client.ok("SETMETADATA INBOX (\(long.dropLast()) \"x\")")
            try await client.logout()
        }
    }

    @Test func keepsToItsLimits() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            let hundred = (0..<100).map { "/private/\($0) \"x\"" }.joined(separator: " ")
            try await client.ok("SETMETADATA INBOX (\(hundred))")
            let more = try await client.command("SETMETADATA INBOX (/private/0 \"y\" /private/more \"x\")").status
            #expect(more.hasPrefix("NO [METADATA TOOMANY] "))
            let told = try await client.ok("GETMETADATA INBOX (/private/0 /private/more)").untagged
            #expect(told == [#"METADATA "INBOX" (/private/0 "x" /private/more NIL)"#])
            let large = String(repeating: "l", count: 65_536)
            for number in 0..<8 {
                try await client.dialogue.send("a SETMETADATA INBOX (/shared/\(number) {65536+}\r\n\(large))")
                try await client.dialogue.expect("a OK …")
            }
            // More than may wait to be sent comes in several responses.
            let lines = try await client.ok("GETMETADATA (DEPTH infinity) INBOX /shared").untagged
            #expect(lines.count > 1 && lines.allSatisfy { $0.hasPrefix("METADATA \"INBOX\" (/shared") })
            #expect(lines.joined().utf8.count { $0 == UInt8(ascii: "l") } == 8 * large.utf8.count)
            try await client.dialogue.play(
                """
                C: b SETMETADATA INBOX (/shared/x "x" /shared/large {65537}
                S: b NO [METADATA MAXSIZE 65536] …
                C: c GETMETADATA INBOX /shared/x
                S: * METADATA "INBOX" (/shared/x NIL)
                S: c OK …
                """)
            try await client.logout()
        }
    }
}
