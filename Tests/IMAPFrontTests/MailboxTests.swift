import Bytes
import TestKit
import Testing

@Suite(.timeLimit(.minutes(3)))
struct MailboxTests {
    @Test func listsWhatIsGranted() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            try await client.dialogue.play(
                """
                C: a NAMESPACE
                S: * NAMESPACE (("" "/")) NIL (("Shared/" "/"))
                S: a OK …
                C: b LIST "" ""
                S: * LIST (\\Noselect) "/" ""
                S: b OK …
                C: c CREATE "Projekty/&AUE-&AWA-d&AXo-"
                S: c NO [CANNOT] …
                C: d CREATE "Projekty/&AUEBYA-d&AXo-"
                S: d OK …
                C: e LIST "" %
                S: * LIST (…\\HasNoChildren…) "/" "INBOX"
                S: * LIST (…\\HasChildren…) "/" "Projekty"
                S: * LIST (\\Noselect \\HasChildren) "/" "Shared"
                N: * LIST … "Projekty/…"
                S: e OK …
                C: f LIST "" inb%
                S: * LIST … "INBOX"
                S: f OK …
                C: g SUBSCRIBE "Projekty/&AUEBYA-d&AXo-"
                S: g OK …
                C: h LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (CHILDREN)
                S: * LIST (…) "/" "Projekty" ("CHILDINFO" ("SUBSCRIBED"))
                N: * LIST … "Shared"
                S: h OK …
                C: i LSUB "" %
                S: * LSUB (\\Noselect) "/" "Projekty"
                S: i OK …
                C: j LSUB "" *
                S: * LSUB () "/" "Projekty/&AUEBYA-d&AXo-"
                S: j OK …
                C: k LIST "Projekty/" * RETURN (STATUS (MESSAGES SIZE) SUBSCRIBED)
                S: * LIST (…\\Subscribed) "/" "Projekty/&AUEBYA-d&AXo-"
                S: * STATUS "Projekty/&AUEBYA-d&AXo-" (MESSAGES 0 SIZE 0)
                S: k OK …
                C: l RENAME "Projekty/&AUEBYA-d&AXo-" Inne
                S: l OK …
                C: m STATUS Inne (MESSAGES RECENT UNSEEN DELETED UIDNEXT UIDVALIDITY APPENDLIMIT)
                S: * STATUS "Inne" (MESSAGES 0 RECENT 0 UNSEEN 0 DELETED 0 UIDNEXT 1 UIDVALIDITY … APPENDLIMIT 1048576)
                S: m OK …
                C: n DELETE Inne
                S: n OK …
                C: o STATUS Inne (MESSAGES)
                S: o NO [NONEXISTENT] …
                C: p SELECT Shared/nothing/INBOX
                S: p NO [NONEXISTENT] …
                C: q CREATE INBOX
                S: q NO [ALREADYEXISTS] …
                """)
            try await client.logout()
        }
    }

    @Test func speaksTheSecondRevision() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            try await client.dialogue.play(
                """
                C: a ENABLE CONDSTORE IMAP4rev2 UTF8=ACCEPT
                S: * ENABLED IMAP4rev2 CONDSTORE
                S: a OK …
                C: b CREATE "Łódź & R&D"
                S: b OK …
                C: c LIST "" "Ł*"
                S: * LIST (\\HasNoChildren) "/" "Łódź & R&D"
                S: c OK …
                C: d SELECT "Łódź & R&D"
                S: * LIST () "/" "Łódź & R&D"
                S: * 0 EXISTS
                N: * 0 RECENT
                N: …CLOSED…
                S: d OK [READ-WRITE] …
                C: e SEARCH ALL
                S: * ESEARCH (TAG "e")
                S: e OK …
                C: f SELECT INBOX
                S: * OK [CLOSED] …
                S: f OK [READ-WRITE] …
                """)
            #expect(try await client.append(letter("one"), to: "INBOX").isOK)
            try await client.dialogue.play(
                """
                C: g SEARCH ALL
                S: * ESEARCH (TAG "g") ALL 1
                S: g OK …
                """)
            try await client.logout()
        }
    }

    @Test func keepsToTheGrant() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("support*alice")
            #expect(try await alice.append(letter("one"), to: "INBOX").status.hasPrefix("OK [APPENDUID "))
            let carol = try await house.client("carol")
            try await carol.dialogue.play(
                """
                C: a SELECT INBOX
                S: * 1 EXISTS
                S: * OK [PERMANENTFLAGS ()] …
                S: a OK [READ-ONLY] …
                C: b FETCH 1 BODY[TEXT]
                S: * 1 FETCH (UID 1 BODY[TEXT] {8}…
                S: b OK …
                C: c STORE 1 +FLAGS (\\Seen)
                S: c NO [READ-ONLY] …
                C: d COPY 1 INBOX
                S: d NO [NOPERM] …
                C: e APPEND INBOX {5}
                S: e NO [NOPERM] …
                C: f CREATE New
                S: f NO [NOPERM] …
                C: g EXPUNGE
                S: g NO [READ-ONLY] …
                C: h CLOSE
                S: h OK …
                C: i FETCH 1 FLAGS
                S: i BAD …
                """)
            let bob = try await house.client("bob")
            try await bob.dialogue.play(
                """
                C: a LIST "" *
                N: * LIST …
                S: a OK …
                C: b SELECT INBOX
                S: b NO [NONEXISTENT] …
                C: c APPEND Shared/support/INBOX {5}
                S: c NO [TRYCREATE] …
                C: d STATUS Shared/support/INBOX (MESSAGES)
                S: d NO [NONEXISTENT] …
                """)
            for client in [alice, carol, bob] { try await client.logout() }
        }
    }
}
