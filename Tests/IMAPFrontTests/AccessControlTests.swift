import TestKit
import Testing

/// What grants look like in the letters of RFC 4314.
@Suite(.timeLimit(.minutes(20))) struct AccessControlTests {
    @Test func showsTheGrantAndChangesNone() async throws {
        try await FrontHouse.with { house in
            let alice = try await house.client("alice")
            #expect(try await alice.ok("CAPABILITY").untagged.joined().contains(" ACL RIGHTS=texk LIST-MYRIGHTS"))
            try await alice.dialogue.play(
                """
                C: a MYRIGHTS INBOX
                S: * MYRIGHTS "INBOX" lrswipkxte
                S: a OK …
                C: b GETACL Shared/support/INBOX
                S: * ACL "Shared/support/INBOX" "alice" lrswipkxte
                S: b OK …
                C: c LISTRIGHTS INBOX alice
                S: * LISTRIGHTS "INBOX" "alice" lrswipkxte
                S: c OK …
                C: d LISTRIGHTS INBOX carol
                S: d NO [NOPERM] …
                C: e SETACL INBOX carol +lr
                S: e NO [NOPERM] …
                C: f DELETEACL INBOX alice
                S: f NO [NOPERM] …
                """)
            let carol = try await house.client("carol")
            try await carol.dialogue.play(
                """
                C: a MYRIGHTS INBOX
                S: * MYRIGHTS "INBOX" lr
                S: a OK …
                C: b LIST "" INBOX RETURN (MYRIGHTS)
                S: * LIST (\\HasNoChildren) "/" "INBOX"
                S: * MYRIGHTS "INBOX" lr
                S: b OK …
                """)
            for client in [alice, carol] { try await client.logout() }
        }
    }

    /// What she may not see is answered as what is not there.
    @Test func tellsNothingOfOthers() async throws {
        try await FrontHouse.with { house in
            let carol = try await house.client("carol")
            for command in ["MYRIGHTS %", "GETACL %", "LISTRIGHTS % carol", "SETACL % carol lr", "DELETEACL % carol"] {
                var answers: [String] = []
                for name in ["Shared/sales/INBOX", "Shared/nobody/INBOX", "NoSuchBox"] {
                    answers.append(try await carol.command(command.replacing("%", with: name)).status)
                }
                #expect(Set(answers).count == 1 && answers[0].hasPrefix("NO [NONEXISTENT]"), "\(command): \(answers)")
            }
            try await carol.logout()
        }
    }
}
