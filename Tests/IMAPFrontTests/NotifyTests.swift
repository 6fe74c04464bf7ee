import Engine
import IMAPFront
import Store
import TestKit
import Testing

/// NOTIFY (RFC 5465): what is told without being asked.
@Suite(.timeLimit(.minutes(20))) struct NotifyTests {
    @Test func isOfferedAndSaysWhatItKnows() async throws {
        try await FrontHouse.with(limits: limits { $0.watchedMailboxes = 2 }) { house in
            let early = try await house.connect()
            #expect(try await early.command("NOTIFY NONE").status.hasPrefix("BAD"))
            let client = try await house.client("support*alice")
            #expect(try await client.ok("CAPABILITY").untagged.joined().contains(" NOTIFY"))
            let unknown = try await client.command("NOTIFY SET (INBOXES (MessageNew MessageExpunge Weather))")
            #expect(
                unknown.status.hasPrefix(
                    "NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange "
                        + "MailboxMetadataChange ServerMetadataChange)]"))
            #expect(
                try await client.command("NOTIFY SET (INBOXES (MessageNew MessageExpunge AnnotationChange))").status
                    .hasPrefix("NO [BADEVENT ("))
            for bad in [
                "NOTIFY", "NOTIFY SET", "NOTIFY SET (SELECTED (MessageNew))", "NOTIFY SET (SELECTED (FlagChange))",
                "NOTIFY SET (SELECTED (MailboxName))",
                "NOTIFY SET (SELECTED NONE) (SELECTED-DELAYED NONE)",
                "NOTIFY SET (PERSONAL (MessageNew (FLAGS) MessageExpunge))",
            ] {
                #expect(try await client.command(bad).status.hasPrefix("BAD"), "\(bad)")
            }
            for name in ["One", "Two"] { try await client.ok("CREATE \(name)") }
            #expect(
                try await client.command("NOTIFY SET (PERSONAL (MessageNew MessageExpunge))").status
                    .hasPrefix("NO [NOTIFICATIONOVERFLOW]"))
            // A mailbox that is not there is passed over, and names alone are not counted.
            try await client.ok("NOTIFY SET (MAILBOXES (One Nowhere) (MessageNew MessageExpunge)) (PERSONAL NONE)")
            try await client.ok("NOTIFY SET (PERSONAL (MailboxName))")
            try await client.ok("NOTIFY NONE")
            try await client.logout()
        }
    }

    @Test func tellsOfTheSelectedMailboxAtOnce() async throws {
        try await FrontHouse.with { house in
            let watcher = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            #expect(try await other.append(letter("first"), to: "INBOX").isOK)
            try await other.ok("SELECT INBOX")
            try await watcher.ok("SELECT INBOX")
            #expect(try await other.append(letter("second"), to: "INBOX").isOK)
            // It implies a NOOP.
            let set = try await watcher.ok(
                """
                NOTIFY SET (SELECTED (MessageNew (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))
                """)
            #expect(set.lines(containing: "EXISTS") == ["2 EXISTS"])
            #expect(try await other.append(letter("third"), to: "INBOX", flags: "\\Flagged").isOK)
            #expect(try await watcher.dialogue.line() == "* 3 EXISTS")
            let told = try await watcher.dialogue.line()
            #expect(told.hasPrefix("* 3 FETCH (UID 3 FLAGS (\\Flagged) BODY[HEADER.FIELDS (SUBJECT)] {"), "\(told)")
            #expect(told.contains("Subject: third"))
            try await other.ok("UID STORE 1 +FLAGS (\\Answered \\Deleted)")
            #expect(try await watcher.dialogue.line().hasPrefix("* 1 FETCH (UID 1 FLAGS (\\Answered \\Deleted)"))
            try await other.ok("EXPUNGE")
            #expect(try await watcher.dialogue.line() == "* 1 EXPUNGE")
            // The same in another mailbox, without NOTIFY being said again.
            try await other.ok("CREATE Archive")
            try await watcher.ok("SELECT Archive")
            #expect(try await other.append(letter("fourth"), to: "Archive").isOK)
            #expect(try await watcher.dialogue.line() == "* 1 EXISTS")
            let fourth = try await watcher.dialogue.line()
            #expect(fourth.contains("Subject: fourth"), "\(fourth)")
            for client in [watcher, other] { try await client.logout() }
        }
    }

    @Test func tellsOfFlagsOnlyWhoWantsToKnow() async throws {
        try await FrontHouse.with { house in
            let watcher = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            #expect(try await other.append(letter("first"), to: "INBOX").isOK)
            for client in [watcher, other] { try await client.ok("SELECT INBOX") }
            try await watcher.ok("NOTIFY SET (SELECTED (MessageNew MessageExpunge))")
            try await other.ok("STORE 1 +FLAGS (\\Flagged)")
            #expect(try await other.append(letter("second"), to: "INBOX").isOK)
            #expect(try await watcher.dialogue.line() == "* 2 EXISTS")
            // Its own changes are answered all the same.
            let stored = try await watcher.ok("UID STORE 1 +FLAGS (\\Seen)")
            #expect(stored.untagged.contains { $0.hasPrefix("1 FETCH (UID 1 FLAGS (") })
            for client in [watcher, other] { try await client.logout() }
        }
    }

    @Test func keepsExpungesBackWhereTheyAreToWait() async throws {
        try await FrontHouse.with { house in
            let watcher = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            #expect(try await other.append(letter("first"), to: "INBOX").isOK)
            for client in [watcher, other] { try await client.ok("SELECT INBOX") }
            try await watcher.ok("NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange))")
            try await other.ok("STORE 1 +FLAGS (\\Deleted)")
            #expect(try await watcher.dialogue.line().hasPrefix("* 1 FETCH (UID 1 FLAGS (\\Deleted)"))
            try await other.ok("EXPUNGE")
            #expect(try await other.append(letter("second"), to: "INBOX").isOK)
            #expect(try await watcher.dialogue.line() == "* 2 EXISTS")
            #expect(try await watcher.ok("FETCH 2 (UID)").lines(containing: "EXPUNGE").isEmpty)
            #expect(try await watcher.ok("NOOP").untagged == ["1 EXPUNGE"])
            // In IDLE they need not wait (RFC 5465 §6.1.2).
            try await watcher.idle()
            try await other.ok("STORE 1 +FLAGS (\\Deleted)")
            try await other.ok("EXPUNGE")
            #expect(try await watcher.dialogue.line(containing: "EXPUNGE") == "* 1 EXPUNGE")
            #expect(try await watcher.done().isOK)
            for client in [watcher, other] { try await client.logout() }
        }
    }

    /// Who wants nothing is told nothing, and what he asks for is still true.
    @Test func tellsNothingToWhoWantsNothing() async throws {
        try await FrontHouse.with { house in
            let watcher = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            #expect(try await other.append(letter("first"), to: "INBOX").isOK)
            for client in [watcher, other] { try await client.ok("SELECT INBOX") }
            try await watcher.ok("NOTIFY NONE")
            #expect(try await other.append(letter("second"), to: "INBOX").isOK)
            #expect(try await watcher.ok("NOOP").untagged.isEmpty)
            try await watcher.idle()
            #expect(try await other.append(letter("third"), to: "INBOX").isOK)
            #expect(try await watcher.done().untagged.isEmpty)
            // No group is of the selected mailbox: the same as NONE (RFC 5465 §3.1).
            #expect(try await watcher.ok("NOTIFY SET (PERSONAL (MailboxName))").untagged == ["3 EXISTS"])
            #expect(try await other.append(letter("fourth"), to: "INBOX").isOK)
            #expect(try await watcher.ok("NOOP").untagged.isEmpty)
            #expect(try await watcher.ok("NOTIFY SET (SELECTED (MessageNew MessageExpunge))").untagged == ["4 EXISTS"])
            for client in [watcher, other] { try await client.logout() }
        }
    }

    @Test func tellsCountsOfOtherMailboxes() async throws {
        try await FrontHouse.with { house in
            let watcher = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            for name in ["Archive", "Archive/2026", "Quiet"] { try await other.ok("CREATE \(name)") }
            try await watcher.ok("SELECT INBOX")
            let set = try await watcher.ok(
                """
                NOTIFY SET STATUS (MAILBOXES Quiet NONE) (SUBTREE Archive (MessageNew MessageExpunge)) \
                (PERSONAL (MessageNew MessageExpunge FlagChange))
                """)
            let archives = set.lines(containing: "Archive")
            #expect(archives.count == 2, "\(set.untagged)")
            #expect(archives.allSatisfy { $0.contains("(MESSAGES 0 UIDNEXT 1 UIDVALIDITY ") && !$0.contains("UNSEEN") })
            #expect(set.lines(containing: "Sent").first?.contains(" UNSEEN 0 HIGHESTMODSEQ ") == true)
            #expect(set.lines(containing: "Quiet").isEmpty && set.lines(containing: "INBOX").isEmpty)
            #expect(try await other.append(letter("quiet"), to: "Quiet").isOK)
            #expect(try await other.append(letter("one"), to: "Archive/2026").isOK)
            let told = try await watcher.dialogue.line()
            #expect(told.hasPrefix("* STATUS \"Archive/2026\" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY "), "\(told)")
            // Once INBOX is not selected it is one of the others.
            try await watcher.ok("UNSELECT")
            #expect(try await other.append(letter("two"), to: "INBOX").isOK)
            let inbox = try await watcher.dialogue.line()
            #expect(inbox.hasPrefix("* STATUS \"INBOX\" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY "), "\(inbox)")
            #expect(inbox.contains(" UNSEEN 1 HIGHESTMODSEQ "))
            try await other.ok("SELECT INBOX")
            try await other.ok("STORE 1 +FLAGS (\\Seen)")
            #expect(try await watcher.dialogue.line(containing: "INBOX").contains(" UNSEEN 0 HIGHESTMODSEQ "))
            // In IDLE too, and no more after NONE.
            try await watcher.idle()
            #expect(try await other.append(letter("three"), to: "Archive").isOK)
            #expect(try await watcher.dialogue.line().hasPrefix("* STATUS \"Archive\" (MESSAGES 1 "))
            #expect(try await watcher.done().isOK)
            try await watcher.ok("NOTIFY NONE")
            #expect(try await other.append(letter("four"), to: "Archive").isOK)
            #expect(try await watcher.ok("NOOP").untagged.isEmpty)
            for client in [watcher, other] { try await client.logout() }
        }
    }

    /// What happens at the provider, in mailboxes that nobody has open: asked for now and then.
    @Test func asksTheProviderForWhatNobodyHasOpen() async throws {
        try await FrontHouse.with(dovecot: "imap_capability = IMAP4rev1") { house in try await Self.lookFar(house) }
    }

    /// A provider with NOTIFY of its own tells it.
    @Test func hearsFromTheProvider() async throws {
        let rarely: (inout Engine.Configuration) -> Void = { $0.surveyInterval = .seconds(3600) }
        try await FrontHouse.with(engine: rarely) { house in try await Self.lookFar(house) }
    }

    /// What happens between the last look and the moment from which the provider tells is not lost.
    @Test func missesNothingBeforeTheProviderTells() async throws {
        let rarely: (inout Engine.Configuration) -> Void = { $0.surveyInterval = .seconds(3600) }
        try await FrontHouse.with(engine: rarely) { house in
            let behind = try await house.upstream()
            let watcher = try await house.client("support*alice")
            try await watcher.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge MailboxName))")
            try await behind.make("Soon")
            #expect(try await watcher.dialogue.line(containing: "Soon").hasPrefix("* LIST (\\HasNoChildren"))
            for client in [watcher, behind] { try await client.logout() }
        }
    }

    private static func lookFar(_ house: FrontHouse) async throws {
        let behind = try await house.upstream()
        try await behind.make("Far")
        let watcher = try await house.client("support*alice")
        try await watcher.ok("NOTIFY SET STATUS (PERSONAL (MessageNew MessageExpunge FlagChange MailboxName))")
        #expect(try await behind.append(letter("one"), to: "Far").isOK)
        try await watcher.dialogue.line(containing: "STATUS \"Far\" (MESSAGES 1 ")
        try await behind.make("Farther")
        #expect(try await watcher.dialogue.line(containing: "Farther").hasPrefix("* LIST (\\HasNoChildren"))
        // The new one is followed as well.
        #expect(try await behind.append(letter("two"), to: "Farther").isOK)
        try await watcher.dialogue.line(containing: "STATUS \"Farther\" (MESSAGES 1 ")
        try await behind.ok("SELECT Far")
        try await behind.ok("STORE 1 +FLAGS (\\Seen)")
        // The counts may be told in between too.
        var told = ""
        while !told.contains(" UNSEEN 0 ") { told = try await watcher.dialogue.line(containing: "STATUS \"Far\"") }
        for client in [watcher, behind] { try await client.logout() }
    }

    @Test func tellsOfNames() async throws {
        try await FrontHouse.with { house in
            let watcher = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            try await watcher.ok("NOTIFY SET (PERSONAL (MailboxName SubscriptionChange))")
            try await other.ok("CREATE Old")
            #expect(try await watcher.dialogue.line() == "* LIST (\\HasNoChildren) \"/\" \"Old\"")
            try await other.ok("CREATE Old/Below")
            #expect(try await watcher.dialogue.line() == "* LIST (\\HasNoChildren) \"/\" \"Old/Below\"")
            // The level above is affected too (RFC 5465 §5.4).
            #expect(try await watcher.dialogue.line() == "* LIST (\\HasChildren) \"/\" \"Old\"")
            try await other.ok("SUBSCRIBE Old")
            #expect(try await watcher.dialogue.line() == "* LIST (\\HasChildren \\Subscribed) \"/\" \"Old\"")
            try await other.ok("UNSUBSCRIBE Old")
            #expect(try await watcher.dialogue.line() == "* LIST (\\HasChildren) \"/\" \"Old\"")
            try await other.ok("RENAME Old New")
            // What moves along with it is not told.
            #expect(
                try await watcher.dialogue.line() == "* LIST (\\HasChildren) \"/\" \"New\" (\"OLDNAME\" (\"Old\"))")
            try await other.ok("DELETE New/Below")
            #expect(try await watcher.dialogue.line() == "* LIST (\\NonExistent \\HasNoChildren) \"/\" \"New/Below\"")
            #expect(try await watcher.dialogue.line() == "* LIST (\\HasNoChildren) \"/\" \"New\"")
            // Who looks at the level above alone, or at what moves alone.
            try await watcher.ok("NOTIFY SET (MAILBOXES (New New/Low) (MailboxName))")
            try await other.ok("CREATE New/Low")
            #expect(try await watcher.dialogue.line() == "* LIST (\\HasNoChildren) \"/\" \"New/Low\"")
            #expect(try await watcher.dialogue.line() == "* LIST (\\HasChildren) \"/\" \"New\"")
            try await watcher.ok("NOTIFY SET (MAILBOXES New/Low (MailboxName))")
            try await other.ok("RENAME New Newer")
            #expect(
                try await watcher.dialogue.line()
                    == "* LIST (\\HasNoChildren) \"/\" \"Newer/Low\" (\"OLDNAME\" (\"New/Low\"))")
            for client in [watcher, other] { try await client.logout() }
        }
    }

    /// Grants hold here as everywhere: what she may not read makes no noise.
    @Test func tellsNothingOfWhatIsNotGranted() async throws {
        try await FrontHouse.with { house in
            let carol = try await house.client("carol")
            let alice = try await house.client("alice")
            try await carol.ok("NOTIFY SET (PERSONAL (MailboxName)) (SUBTREE Shared (MailboxName))")
            try await alice.ok("NOTIFY SET (SUBTREE Shared (MailboxName))")
            try await alice.ok("CREATE Secret")
            try await alice.ok("CREATE Shared/support/Open")
            #expect(try await carol.dialogue.line() == "* LIST (\\HasNoChildren) \"/\" \"Open\"")
            try await house.takeBackGrants(of: "carol")
            // To her it is as if it were removed, and what becomes of it after that is no news.
            try await carol.dialogue.line(containing: "LIST (\\NonExistent \\HasNoChildren) \"/\" \"Open\"")
            try await alice.ok("DELETE Shared/support/Open")
            try await alice.ok("CREATE Shared/support/Opener")
            #expect(try await carol.command("NOOP").untagged.allSatisfy { !$0.contains("Open") })
            for client in [carol, alice] { await client.dialogue.close() }
        }
    }

    /// Grants that are taken back, and given again (RFC 5465 §5.4, §5.9).
    @Test func tellsOfOtherGrants() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("alice")
            let upstream = try await house.upstream()
            try await alice.ok("NOTIFY SET (SUBTREE Shared (MessageNew MessageExpunge MailboxName))")
            try await house.redescribe { site in
                site.grants.removeAll { $0.grantee == .user("alice") && $0.account == "support" }
            }
            let inbox = "\"/\" \"Shared/support/INBOX\""
            try await alice.dialogue.line(containing: "* LIST (\\NonExistent \\HasNoChildren) \(inbox)")
            try await house.redescribe { _ in }
            try await alice.dialogue.line(containing: "* LIST (\\HasNoChildren) \(inbox)")
            try await alice.ok("NOOP")
            #expect(try await upstream.append(letter("again"), to: "INBOX").isOK)
            try await alice.dialogue.line(containing: "* STATUS \"Shared/support/INBOX\" (MESSAGES 1 ")
            // A mailbox alone.
            try await house.redescribe { site in
                for index in site.grants.indices where site.grants[index].grantee == .user("alice") {
                    site.grants[index].mailboxes = [MailboxPattern("INBOX")]
                }
            }
            try await alice.dialogue.line(containing: "\"Shared/support/Sent\"")
            #expect(try await alice.ok("NOOP").untagged.allSatisfy { !$0.contains("INBOX") })
            for client in [alice, upstream] { try await client.logout() }
        }
    }

    /// What happens while a message is taken in is told when it has been.
    @Test func tellsWhatCameDuringAnAppend() async throws {
        try await FrontHouse.with { house in
            let watcher = try await house.client("support*alice")
            let other = try await house.client("support*alice")
            try await watcher.ok("NOTIFY SET (PERSONAL (MailboxName))")
            try await watcher.dialogue.send("a APPEND INBOX {\(letter("one").utf8.count)}")
            #expect(try await watcher.dialogue.line().hasPrefix("+"))
            try await other.ok("CREATE Meanwhile")
            try await watcher.dialogue.send(octets: Array(letter("one").utf8) + [13, 10])
            let lines = [try await watcher.dialogue.line(), try await watcher.dialogue.line()]
            #expect(lines.first?.hasPrefix("a OK") == true, "\(lines)")
            #expect(lines.last == "* LIST (\\HasNoChildren) \"/\" \"Meanwhile\"", "\(lines)")
            for client in [watcher, other] { try await client.logout() }
        }
    }
}
