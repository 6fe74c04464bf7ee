import MailTypes
import Testing

@testable import Engine

/// The news of an account's mailboxes: bounded, and nothing is lost unnoticed.
@Suite struct MailboxNewsTests {
    @Test func givesWhatCameAfterAPlace() throws {
        var news = MailboxNews()
        news.note(.messages(MailboxName("A")))
        let place = news.end
        #expect(try #require(news.changes(since: place)).isEmpty)
        news.note(.flags(MailboxName("B")))
        news.note(.messages(MailboxName("A")))
        news.note(.messages(MailboxName("A")))
        news.note(.made(MailboxName("C")))
        #expect(
            news.changes(since: place) == [
                .made(MailboxName("C")), .messages(MailboxName("A")), .flags(MailboxName("B")),
            ])
        #expect(news.changes(since: news.end) == [])
    }

    @Test func forgetsWhatIsGone() {
        var news = MailboxNews()
        news.note(.messages(MailboxName("A")))
        news.note(.messages(MailboxName("B")))
        news.note(.removed(MailboxName("A")))
        news.note(.renamed(MailboxName("C"), from: MailboxName("B")))
        #expect(
            news.changes(since: 0) == [.removed(MailboxName("A")), .renamed(MailboxName("C"), from: MailboxName("B"))])
    }

    @Test func tellsWhenTooMuchWasMissed() {
        var news = MailboxNews()
        news.note(.made(MailboxName("first")))
        let place = news.end
        for number in 0..<MailboxNews.logLimit { news.note(.made(MailboxName("m\(number)"))) }
        #expect(news.changes(since: 0) == nil)
        #expect(news.changes(since: place)?.count == MailboxNews.logLimit)
        news.note(.made(MailboxName("last")))
        #expect(news.changes(since: place) == nil)
        // Messages are not in the log: any number of them is one change a mailbox.
        let end = news.end
        for _ in 0..<5 * MailboxNews.logLimit { news.note(.messages(MailboxName("A"))) }
        #expect(news.changes(since: end) == [.messages(MailboxName("A"))])
    }
}
