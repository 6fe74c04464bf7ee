import MailTypes
import Testing

struct NameTests {
    @Test(arguments: [
        ("inbox", "INBOX"), ("InBox/Old", "INBOX/Old"), ("Inboxes", "Inboxes"), ("Shared/inbox", "Shared/inbox"),
    ])
    func inboxIsOneNameInAnyCase(written: String, name: String) {
        #expect(MailboxName(written).text == name)
    }

    @Test func levels() {
        let name = MailboxName("Archive/2025/Übersicht")
        #expect(name.levels == ["Archive", "2025", "Übersicht"])
        #expect(name.parent == MailboxName("Archive/2025"))
        #expect(name.isBelow(MailboxName("Archive")))
        #expect(!MailboxName("Archives").isBelow(MailboxName("Archive")))
        #expect(MailboxName.inbox.parent == nil)
    }

    @Test func flagsCompareWithoutCase() {
        #expect(Flag("\\SEEN") == .seen)
        #expect(Set([Flag("$Junk"), Flag("$junk")]).count == 1)
        #expect(Flag("$Junk") != Flag("$Junk2"))
    }

    @Test func addressesCompareWithoutCase() {
        #expect(EmailAddress("Alice@Example.TEST") == EmailAddress(local: "alice", domain: "example.test"))
        #expect(EmailAddress("\"a@b\"@c")?.domain == "c")
        #expect(EmailAddress("nobody") == nil)
        #expect(EmailAddress("@c") == nil)
    }
}
