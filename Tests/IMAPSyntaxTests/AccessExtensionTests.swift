import Bytes
import IMAPSyntax
import MailTypes
import Testing

/// ACL and QUOTA.
@Suite struct AccessExtensionTests {
    private static let box = MailboxName("box")

    static let rows: [CommandRow] = [
        CommandRow("SETACL box alice lrs", .setACL(box, identifier: "alice", .replace([.lookup, .read, .keepSeen]))),
        CommandRow("setacl box \"-bob\" +wi", .setACL(box, identifier: "-bob", .add([.write, .insert]))),
        CommandRow(
            "SETACL box {4+}\na é -cd9", .setACL(box, identifier: "a é", .remove([.obsolete, AccessRights("9")]))),
        CommandRow("SETACL box anyone \"\"", .setACL(box, identifier: "anyone", .replace([]))),
        CommandRow("DELETEACL box anyone", .deleteACL(box, identifier: "anyone")),
        CommandRow("GETACL box", .getACL(box)), CommandRow("MYRIGHTS \"box\"", .myRights(box)),
        CommandRow("LISTRIGHTS box smith", .listRights(box, identifier: "smith")),
        CommandRow("GETQUOTA \"\"", .getQuota(root: "")), CommandRow("GETQUOTAROOT inbox", .getQuotaRoot(.inbox)),
        CommandRow(
            "SETQUOTA \"!partition/sda4\" (storage 99293 MESSAGE 5)",
            .setQuota(root: "!partition/sda4", [QuotaLimit("STORAGE", 99293), QuotaLimit("MESSAGE", 5)])),
        CommandRow("SETQUOTA root ()", .setQuota(root: "root", [])),
        CommandRow("STATUS box (DELETED-STORAGE DELETED)", .status(box, [.deletedStorage, .deleted])),
    ]

    @Test(arguments: rows.indices)
    func readsAndWrites(_ index: Int) throws { #expect(try Self.rows[index].holds(), "\(Self.rows[index].text)") }

    @Test(arguments: [
        "SETACL box alice", "SETACL box alice LR", "SETACL box alice l-r", "SETACL box", "SETACL \"\" alice l",
        "DELETEACL box", "GETACL", "GETACL box x", "LISTRIGHTS box", "MYRIGHTS", "GETQUOTA", "GETQUOTAROOT \"\"",
        "SETQUOTA x", "SETQUOTA x (STORAGE)", "SETQUOTA x (STORAGE -1)", "SETQUOTA x STORAGE 5",
    ])
    func refuses(_ text: String) { #expect(isRefused(text)) }

    @Test func writesRightsInTheirOrder() {
        #expect(AccessRights("aetxkpiwsrl").description == "lrswipkxtea")
        #expect(AccessRights("09zb").description == "bz09")
        #expect(AccessRights("L! r").description == "r")
        #expect(AccessRights("").description.isEmpty)
        for right in "abcdefghijklmnopqrstuvwxyz0123456789" {
            #expect(AccessRights(String(right)).description == String(right))
        }
    }

    @Test func refusesIdentifiersThatAreNoUTF8() {
        #expect(throws: IMAPSyntaxError.invalidUTF8(position: 16)) {
            _ = try CommandParser.parse(FramedCommand(bytes: "t DELETEACL box \"".octets + [0xFF] + "\"".octets))
        }
    }

    @Test func readsResponses() throws {
        let rows: [(String, UntaggedResponse)] = [
            (
                "ACL INBOX Fred rwipslxetad \"-Fred\" wetd \"$team\" w",
                .acl(
                    ACLResponse(
                        mailbox: "INBOX",
                        entries: [
                            .init("Fred", AccessRights("rwipslxetad")), .init("-Fred", AccessRights("wetd")),
                            .init("$team", .write),
                        ]))
            ),
            ("ACL box", .acl(ACLResponse(mailbox: "box", entries: []))),
            (
                "LISTRIGHTS ~/Mail/saved smith la r swicdkxte",
                .listRights(
                    ListRightsResponse(
                        mailbox: "~/Mail/saved", identifier: "smith", required: [.lookup, .administer],
                        optional: [.read, AccessRights("swicdkxte")]))
            ),
            ("MYRIGHTS \"R&-D\" rwiptsldaex", .myRights(mailbox: "R&D", AccessRights("rwiptsldaex"))),
            ("MYRIGHTS INBOX \"\"", .myRights(mailbox: "INBOX", [])),
            (
                "QUOTA \"\" (STORAGE 10 512 message 3 1000)",
                .quota(
                    QuotaResponse(
                        root: "",
                        resources: [
                            .init("STORAGE", usage: 10, limit: 512), .init("MESSAGE", usage: 3, limit: 1000),
                        ]))
            ),
            ("QUOTA root ()", .quota(QuotaResponse(root: "root", resources: []))),
            ("QUOTAROOT INBOX \"\" b", .quotaRoot(mailbox: "INBOX", roots: ["", "b"])),
            ("QUOTAROOT INBOX", .quotaRoot(mailbox: "INBOX", roots: [])),
        ]
        for (text, response) in rows { #expect(try untagged(text) == response, "\(text)") }
        for bad in ["ACL", "LISTRIGHTS box", "MYRIGHTS box", "QUOTA", "QUOTA root x", "QUOTAROOT"] {
            let (response, quirks) = try read("* " + bad)
            guard case .untagged(.other) = response else {
                Issue.record("\(bad)")
                continue
            }
            #expect(quirks == [.unreadableResponse])
        }
    }

    @Test(arguments: [false, true])
    func readsResponsesAsTheyWereWritten(_ utf8: Bool) throws {
        var random = RandomResponses(dice: Dice(seed: 4314))
        for _ in 0..<100 {
            let mailbox = random.mailbox()
            let name = random.dice.pick(["alice", "", "a b", "ż\"\\", "-x"])
            let rights: [AccessRights] = random.list(1...4) {
                AccessRights(rawValue: $0.dice.next() & (1 << UInt64($0.dice.below(37)) - 1))
            }
            let acl = ACLResponse(mailbox: mailbox, entries: rights.map { .init(name, $0) })
            let list = ListRightsResponse(
                mailbox: mailbox, identifier: name, required: rights[0], optional: Array(rights.dropFirst()))
            let quota = QuotaResponse(
                root: name, resources: random.list(0...2) { .init("STORAGE", usage: $0.dice.next(), limit: 5) })
            var wire: [UInt8] = []
            wire.appendACL(acl, utf8: utf8)
            wire.appendListRights(list, utf8: utf8)
            wire.appendMyRights(rights[0], of: mailbox, utf8: utf8)
            wire.appendQuota(quota)
            wire.appendQuotaRoots([name, "b"], of: mailbox, utf8: utf8)
            let expected: [UntaggedResponse] = [
                .acl(acl), .listRights(list), .myRights(mailbox: mailbox, rights[0]), .quota(quota),
                .quotaRoot(mailbox: mailbox, roots: [name, "b"]),
            ]
            #expect(try readBack(wire, utf8: utf8) == expected.map { .untagged($0) })
        }
    }
}
