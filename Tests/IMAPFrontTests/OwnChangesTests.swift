import IMAPFront
import TestKit
import Testing

/// What a client that has asked for news (NOTIFY, RFC 5465 §5) has done itself: it is not told of that, others are.
@Suite(.timeLimit(.minutes(20))) struct OwnChangesTests {
    @Test func ownNamesAndMetadataAreNotTold() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            let second = try await house.client("support*alice")
            let everything = "(MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange)"
            for listener in [client, second] { try await listener.ok("NOTIFY SET (PERSONAL \(everything))") }
            for (command, told) in [
                (
                    "CREATE A/B",
                    ["LIST (\\HasNoChildren) \"/\" \"A/B\"", "LIST (\\NonExistent \\HasChildren) \"/\" \"A\""]
                ),
                ("SUBSCRIBE A/B", ["LIST (\\HasNoChildren \\Subscribed) \"/\" \"A/B\""]),
                ("UNSUBSCRIBE A/B", ["LIST (\\HasNoChildren) \"/\" \"A/B\""]),
                ("CREATE C", ["LIST (\\HasNoChildren) \"/\" \"C\""]),
                ("CREATE C/D", ["LIST (\\HasNoChildren) \"/\" \"C/D\"", "LIST (\\HasChildren) \"/\" \"C\""]),
                ("RENAME C E", ["LIST (\\HasChildren) \"/\" \"E\" (\"OLDNAME\" (\"C\"))"]),
                (
                    "DELETE E/D",
                    ["LIST (\\NonExistent \\HasNoChildren) \"/\" \"E/D\"", "LIST (\\HasNoChildren) \"/\" \"E\""]
                ),
                ("SETMETADATA E (/private/comment \"x\")", ["METADATA \"E\" /private/comment"]),
                ("SETMETADATA \"\" (/private/comment \"x\")", ["METADATA \"\" /private/comment"]),
            ] {
                #expect(try await client.ok(command).untagged.isEmpty, "\(command)")
                // Somebody else's session, though the same user's.
                var lines = Set<String>()
                for _ in told { lines.insert(try await second.dialogue.line()) }
                #expect(lines.isSuperset(of: told.map { "* \($0)" }), "\(command): \(lines)")
                #expect(try await client.ok("NOOP").untagged.isEmpty, "\(command)")
            }
            // What nothing came of is no excuse for what others do later.
            try await second.ok("NOTIFY NONE")
            try await client.ok("SUBSCRIBE INBOX")
            try await client.ok("SUBSCRIBE INBOX")
            try await second.ok("UNSUBSCRIBE INBOX")
            #expect(try await client.dialogue.line() == "* LIST (\\HasNoChildren) \"/\" \"INBOX\"")
            for client in [client, second] { try await client.logout() }
        }
    }

    /// An upstream that tells of its mailboxes, and one that is asked.
    @Test(arguments: ["", "imap_capability = IMAP4rev1 UIDPLUS", "imap_capability = IMAP4rev1"])
    func ownMessagesAreNotTold(dovecot: String) async throws {
        try await FrontHouse.with(dovecot: dovecot) { house in
            let client = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            for name in ["Archive", "Kept"] { try await client.ok("CREATE \(name)") }
            for number in 1...3 { #expect(try await client.append(letter("\(number)"), to: "INBOX").isOK) }
            try await client.ok("SELECT INBOX")
            try await client.ok("STORE 2 +FLAGS.SILENT (\\Seen)")
            let events = "(MessageNew MessageExpunge FlagChange)"
            for listener in [client, other] {
                try await listener.ok("NOTIFY SET (SELECTED \(events)) (MAILBOXES (INBOX Archive Kept) \(events))")
            }
            // One that is not seen, and one that is.
            for (flags, count) in [("", "MESSAGES 1 UIDNEXT 2"), ("\\Seen", "MESSAGES 2 UIDNEXT 3")] {
                #expect(try await client.append(letter("mine"), to: "Archive", flags: flags).isOK)
                #expect(try await client.ok("NOOP").untagged.isEmpty)
                let told = try await other.dialogue.line(containing: count)
                #expect(told.hasPrefix("* STATUS \"Archive\" ("), "\(told)")
            }
            if dovecot.hasSuffix("UIDPLUS") || dovecot.isEmpty {
                #expect(try await client.ok("COPY 1:2 Archive").untagged.isEmpty)
                #expect(try await client.ok("NOOP").untagged.isEmpty)
                try await other.dialogue.line(containing: "STATUS \"Archive\" (MESSAGES 4 ")
                let moved = try await client.ok("UID MOVE 1:2 Kept").untagged
                #expect(moved.count == 3 && !moved.contains { $0.contains("STATUS") }, "\(moved)")
                #expect(try await client.ok("NOOP").untagged.isEmpty)
                try await other.dialogue.line(containing: "STATUS \"Kept\" (MESSAGES 2 ")
            } else {
                try await client.ok("UID STORE 1:2 +FLAGS.SILENT (\\Deleted)")
                try await client.ok("EXPUNGE")
            }
            // What CLOSE expunges it does not say, and need not.
            try await client.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
            #expect(try await client.ok("CLOSE").untagged.isEmpty)
            #expect(try await client.ok("NOOP").untagged.isEmpty)
            try await other.dialogue.line(containing: "STATUS \"INBOX\" (MESSAGES 0 ")
            #expect(try await client.ok("NOOP").untagged.isEmpty)
            // Then others' are told, its own among them.
            let before = dovecot.hasSuffix("UIDPLUS") || dovecot.isEmpty ? 4 : 2
            #expect(try await other.append(letter("theirs"), to: "Archive").isOK)
            let told = try await client.dialogue.line()
            #expect(told.hasPrefix("* STATUS \"Archive\" (MESSAGES \(before + 1) UIDNEXT \(before + 2) "), "\(told)")
            for client in [client, other] { try await client.logout() }
        }
    }

    /// What others do at the same time is never taken for the client's own.
    @Test func othersAreToldBesideOnesOwn() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            try await client.ok("CREATE Archive")
            #expect(try await other.append(letter("first"), to: "Archive").isOK)
            try await other.ok("SELECT Archive")
            try await client.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge FlagChange MailboxName))")
            func append(_ meanwhile: () async throws -> Bool) async throws {
                let text = letter("mine")
                try await client.dialogue.send("a APPEND Archive (\\Seen) {\(text.utf8.count)}")
                #expect(try await client.dialogue.line().hasPrefix("+"))
                let isDone = try await meanwhile()
                #expect(isDone)
                try await client.dialogue.send(octets: Array(text.utf8) + [13, 10])
                #expect(try await client.dialogue.line().hasPrefix("a OK"))
            }
            try await append { try await other.append(letter("theirs"), to: "Archive").isOK }
            let added = try await client.dialogue.line(containing: "MESSAGES 3 UIDNEXT 4 ")
            #expect(added.contains(" UNSEEN 2 "), "\(added)")
            try await append {
                try await other.ok("UID STORE 1 +FLAGS.SILENT (\\Deleted)")
                return try await other.ok("EXPUNGE").isOK
            }
            try await client.dialogue.line(containing: "MESSAGES 3 UIDNEXT 5 ")
            try await append { try await other.ok("UID STORE 2 +FLAGS.SILENT (\\Seen)").isOK }
            let seen = try await client.dialogue.line(containing: "MESSAGES 4 UIDNEXT 6 ")
            #expect(seen.contains(" UNSEEN 0 "), "\(seen)")
            // As many come as go.
            try await append {
                try await other.ok("UID STORE 2 +FLAGS.SILENT (\\Deleted)")
                try await other.ok("EXPUNGE")
                return try await other.append(letter("theirs too"), to: "Archive", flags: "\\Seen").isOK
            }
            try await client.dialogue.line(containing: "MESSAGES 5 UIDNEXT 8 ")
            // Names: theirs first, and then one's own; each is told of the other's alone.
            try await other.ok("CREATE Theirs")
            let made = try await client.ok("CREATE Mine").untagged
            #expect(made.allSatisfy { $0.contains("Theirs") })
            if made.isEmpty { #expect(try await client.dialogue.line().contains("Theirs")) }
            #expect(try await client.ok("NOOP").untagged.isEmpty)
            for client in [client, other] { try await client.logout() }
        }
    }

    /// Flags of others could hide behind one's own messages from who goes by mod-sequences: she is told of both.
    @Test func whoKnowsModSequencesIsToldInDoubt() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("support*alice")
            try await client.ok("CREATE Archive")
            try await client.ok("ENABLE CONDSTORE")
            try await client.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge))")
            #expect(try await client.append(letter("one"), to: "Archive").isOK)
            #expect(try await client.ok("NOOP").untagged.isEmpty)
            try await client.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge FlagChange))")
            #expect(try await client.append(letter("two"), to: "Archive").isOK)
            #expect(try await client.dialogue.line().contains("(MESSAGES 2 UIDNEXT 3 "))
            try await client.logout()
        }
    }
}
