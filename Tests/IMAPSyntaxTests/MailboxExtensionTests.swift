import Bytes
import IMAPSyntax
import MailTypes
import Testing

/// METADATA, NOTIFY and MULTISEARCH.
@Suite struct MailboxExtensionTests {
    private static let box = MailboxName("box")

    private static func get(
        _ mailbox: MailboxName?, _ entries: MetadataEntry..., maxSize: UInt32? = nil,
        depth: MetadataEntry.Depth = .entry
    ) -> Command {
        .getMetadata(GetMetadataCommand(mailbox: mailbox, entries: entries, maxSize: maxSize, depth: depth))
    }

    private static func notify(_ status: Bool = false, _ groups: NotifyCommand.Group...) -> Command {
        .notify(NotifyCommand(tellsStatus: status, groups: groups))
    }

    static let rows: [CommandRow] = [
        CommandRow("GETMETADATA \"\" /shared/comment", get(nil, "/shared/comment")),
        CommandRow("GETMETADATA {0+}\n /shared/comment", get(nil, "/shared/comment")),
        CommandRow("GETMETADATA box (/shared/comment \"/private/a b\")", get(box, "/shared/comment", "/private/a b")),
        CommandRow(
            "GETMETADATA (maxsize 1024 DEPTH INFINITY) box (/shared/comment)",
            get(box, "/shared/comment", maxSize: 1024, depth: .all)),
        CommandRow("GETMETADATA box (DEPTH 1) (/shared/comment)", get(box, "/shared/comment", depth: .children)),
        CommandRow("GETMETADATA (DEPTH 0) \"box\" /Shared", get(box, "/shared")),
        CommandRow(
            "SETMETADATA box (/private/comment \"my\" /shared/comment NIL \"/shared/x\" {3+}\nabc /shared/y ~{3+}\na\u{0}b)",
            .setMetadata(
                box,
                [
                    MetadataValue("/private/comment", "my".octets), MetadataValue("/shared/comment", nil),
                    MetadataValue("/shared/x", "abc".octets), MetadataValue("/shared/y", "a\u{0}b".octets),
                ])),
        CommandRow("SETMETADATA \"\" (/private/x \"\")", .setMetadata(nil, [MetadataValue("/private/x", [])])),
        CommandRow("NOTIFY NONE", .notify(nil)),
        CommandRow(
            "notify set (personal (mailboxname subscriptionchange)) (SUBTREE \"a b\" NONE)",
            notify(
                false, .init(.personal, [.mailboxName, .subscriptionChange]), .init(.subtree([MailboxName("a b")]), []))
        ),
        CommandRow(
            "NOTIFY SET STATUS (SELECTED (MessageNew (UID FLAGS) MessageExpunge FlagChange)) "
                + "(mailboxes (box inbox) (MessageNew MessageExpunge AnnotationChange x-foo)) "
                + "(inboxes (MailboxMetadataChange ServerMetadataChange))",
            notify(
                true, .init(.selected, [.messageNew([.uid, .flags]), .messageExpunge, .flagChange]),
                .init(
                    .mailboxes([box, .inbox]), [.messageNew([]), .messageExpunge, .annotationChange, .other("X-FOO")]),
                .init(.inboxes, [.mailboxMetadataChange, .serverMetadataChange]))),
        CommandRow(
            "NOTIFY SET (selected-delayed NONE) (subtree-one a NONE) (subscribed (MailboxName))",
            notify(
                false, .init(.selectedDelayed, []), .init(.subtreeOne([MailboxName("a")]), []),
                .init(.subscribed, [.mailboxName]))),
        CommandRow(
            "ESEARCH IN (mailboxes (a b) subtree-one box selected) RETURN (COUNT) UNSEEN",
            .multiSearch(
                MultiSearchCommand(
                    sources: [.mailboxes([MailboxName("a"), MailboxName("b")]), .subtreeOne([box]), .selected],
                    search: SearchCommand(isUID: true, returns: .count, key: .notFlag(.seen))))),
        CommandRow(
            "ESEARCH ALL",
            .multiSearch(MultiSearchCommand(sources: [], search: SearchCommand(isUID: true, key: .all)))),
    ]

    @Test(arguments: rows.indices)
    func readsAndWrites(_ index: Int) throws { #expect(try Self.rows[index].holds(), "\(Self.rows[index].text)") }

    @Test(arguments: [
        "GETMETADATA box", "GETMETADATA /shared/comment", "GETMETADATA box /x", "GETMETADATA box /sharedx",
        "GETMETADATA box /shared/", "GETMETADATA box /private//x", "GETMETADATA box \"/shared/*\"",
        "SETMETADATA box (/private/a%b \"y\")", "SETMETADATA box (/private/ \"y\")", "GETMETADATA box ()",
        "GETMETADATA box comment",
        "GETMETADATA (DEPTH 2) box /shared/x", "GETMETADATA (FOO) box /shared/x", "GETMETADATA () box /shared/x",
        "GETMETADATA (MAXSIZE -1) box /shared/x", "GETMETADATA (MAXSIZE 1) box (DEPTH 1) /shared/x",
        "GETMETADATA box \"/shared/ä\"",
        "SETMETADATA box ()", "SETMETADATA box (/shared/x)", "SETMETADATA box (/shared/x y)",
        "SETMETADATA box /shared/x \"y\"",
        "NOTIFY", "NOTIFY SET", "NOTIFY SET STATUS", "NOTIFY SET NONE", "NOTIFY NONE x", "NOTIFY SET (selected)",
        "NOTIFY SET (selected ())", "NOTIFY SET (foo NONE)", "NOTIFY SET (subtree NONE)", "NOTIFY SET (personal NONE",
        // One of them without the other, and changes without either (RFC 5465 §5.2, §5.3).
        "NOTIFY SET (personal (MessageNew))", "NOTIFY SET (personal (MessageExpunge))",
        "NOTIFY SET (personal (FlagChange))", "NOTIFY SET (personal (AnnotationChange MailboxName))",
        // RFC 5465 §6.1.
        "NOTIFY SET (selected (MailboxName))", "NOTIFY SET (selected NONE) (selected-delayed NONE)",
        "NOTIFY SET (personal (MessageNew (UID) MessageExpunge))",
        "NOTIFY SET (selected (MessageNew () MessageExpunge))",
        "NOTIFY SET STATUS (selected MessageNew (uid) MessageExpunge)",
        "ESEARCH", "ESEARCH IN ALL", "ESEARCH IN () ALL", "ESEARCH IN (selected-delayed) ALL", "ESEARCH IN (personal)",
        "ESEARCH IN (personal (x)) ALL", "UID ESEARCH ALL", "ESEARCH CHARSET UTF-8 INBOXES",
    ])
    func refuses(_ text: String) { #expect(isRefused(text)) }

    @Test func takesNULInBinaryValuesAlone() {
        for way in portions(of: "a SETMETADATA b (/x ~{2+}\n\u{0}\u{0})\nb X {1+}\n\u{0}\n".wire) {
            #expect(
                commandEvents(way) == [
                    .command(FramedCommand(bytes: "a SETMETADATA b (/x ~{2+}\n\u{0}\u{0})".wire)),
                    .refused(.init(tag: "b".octets, reason: .nul)),
                ])
        }
    }

    @Test func readsResponses() throws {
        let rows: [(String, UntaggedResponse)] = [
            (
                "METADATA INBOX (/private/comment \"My own\" /shared/x NIL)",
                .metadata(
                    mailbox: "INBOX",
                    [MetadataValue("/private/comment", "My own".octets), MetadataValue("/shared/x", nil)])
            ),
            (
                "METADATA \"\" (\"/shared/x\" {3}\na b /x y /shared/y ~{2}\n\u{0}c)",
                .metadata(
                    mailbox: "",
                    [MetadataValue("/shared/x", "a b".octets), MetadataValue("/shared/y", "\u{0}c".octets)])
            ),
            ("METADATA \"R&-D\" /shared/comment /x", .metadataChanged(mailbox: "R&D", ["/shared/comment", "/x"])),
            ("OK [METADATA LONGENTRIES 2199] x", .condition(.ok, ResponseText(.metadata(.longEntries(2199)), "x"))),
            ("NO [metadata maxsize 1024] x", .condition(.no, ResponseText(.metadata(.maxSize(1024)), "x"))),
            ("NO [METADATA TOOMANY] x", .condition(.no, ResponseText(.metadata(.tooMany), "x"))),
            ("NO [METADATA NOPRIVATE] x", .condition(.no, ResponseText(.metadata(.noPrivate), "x"))),
            ("NO [METADATA FOO] x", .condition(.no, ResponseText(.other("METADATA", "FOO".octets), "x"))),
            (
                "NO [BADEVENT (MessageNew MessageExpunge)] x",
                .condition(.no, ResponseText(.badEvent(["MessageNew", "MessageExpunge"]), "x"))
            ),
            ("OK [NOTIFICATIONOVERFLOW] x", .condition(.ok, ResponseText(.notificationOverflow, "x"))),
        ]
        for (text, response) in rows { #expect(try untagged(text) == response, "\(text)") }
    }

    @Test(arguments: [false, true])
    func readsMetadataAsItWasWritten(_ utf8: Bool) throws {
        var random = RandomResponses(dice: Dice(seed: 5464))
        for _ in 0..<100 {
            let mailbox = random.mailbox()
            let values = random.list(1...3) {
                MetadataValue($0.dice.pick(["/private/x", "/shared/a b"]), $0.dice.chance(4) ? [0, 1] : $0.nstring())
            }
            var wire: [UInt8] = []
            wire.appendMetadata(values, of: mailbox, utf8: utf8)
            wire.appendMetadataChanged(values.map(\.entry.text), of: mailbox, utf8: utf8)
            #expect(
                try readBack(wire, utf8: utf8) == [
                    .untagged(.metadata(mailbox: mailbox, values)),
                    .untagged(.metadataChanged(mailbox: mailbox, values.map(\.entry.text))),
                ])
        }
    }
}
