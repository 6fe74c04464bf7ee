import Bytes
import Desk
import Engine
import Loop
import MIME
import MailTypes
import Rules
import Store
import Testing
import Vault

@Suite struct PassageTests {
    @Test func anArrivedMessageIsScannedOnce() async throws {
        let house = try ScanningHouse { $0.onSuccess = .move("Done") }
        let outcome = await house.pass(mail("1@c"), uid: 7)
        #expect(outcome == .scanned(moveTo: MailboxName("Done"), marksSeen: false))
        #expect(await house.pass(mail("1@c"), uid: 7) == .passed)
        #expect(await house.pass(mail("1@c"), .read, uid: 8) == .passed)
        #expect(await house.pass(mail("1@c"), .appended, uid: 3, in: MailboxName("Archive")) == .passed)
        #expect(try house.tickets == 1)
        let row = try #require(try house.journal.first)
        #expect(try house.journal.count == 1)
        #expect(row.entry.outcome == .done)
        #expect(row.entry.ticket?.rawValue == 1)
        #expect(row.entry.messageID == "1@c")
        #expect(row.places.map { "\($0.mailbox) \($0.uid)" } == ["Archive 3", "INBOX 7", "INBOX 8"])
        #expect(Decision(json: row.entry.decision)?.newTicket?.requester?.name == "Carol")
    }

    @Test func anotherScannerOfTheSameStoreKnowsTheMessage() async throws {
        let house = try ScanningHouse()
        await house.pass(mail("1@c"), uid: 7)
        // Nothing is remembered after a restart but what is stored; the header comes folded by another server.
        let again = mail("1@c").replacing("Subject: Printer", with: "Subject:\r\n Printer")
        let other = PassageScanner(
            store: house.store, vault: try Vault(masterKey: Secret([UInt8](repeating: 7, count: 32))),
            clock: .system, hostName: "h", log: .silent, counters: Counters())
        let passage = Passage(
            account: house.support, way: .arrived, place: nil, internalDate: nil, message: body(again))
        #expect(await other.pass(passage) == .passed)
        #expect(try house.tickets == 1)
    }

    @Test func whatIsRecorded() async throws {
        let house = try ScanningHouse()
        let text = """
            From: =?utf-8?Q?=C5=BBaneta?= <zaneta@customer.example>\r
            To: support@ours.example\r
            Subject: =?iso-8859-2?Q?Drukarka_p=B3onie?=\r
            Message-ID: <1@c>\r
            Date: Fri, 20 Nov 2026 10:00:00 +0100\r
            Content-Type: multipart/mixed; boundary=b\r
            \r
            --b\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Transfer-Encoding: quoted-printable\r
            \r
            P=C5=82onie!\r
            --b\r
            Content-Type: application/pdf; name="a.pdf"\r
            Content-Disposition: attachment\r
            Content-Transfer-Encoding: base64\r
            \r
            AAECAwQF\r
            --b--\r

            """
        await house.pass(text, uid: 1)
        let sheet = try house.sheet(1)
        let email = try #require(sheet.emails.first?.email)
        #expect(sheet.ticket.subject == "Drukarka płonie")
        #expect(sheet.ticket.requesterName == "Żaneta")
        #expect(email.text.hasPrefix("Płonie!"))
        #expect(email.attachments.map(\.name) == ["a.pdf"])
        #expect(email.attachments.map(\.size) == [6])
        let attachment = try #require(email.attachments.first)
        #expect(try await house.store.content(attachment.content, in: 0..<100) == [0, 1, 2, 3, 4, 5])
        let source = try #require(email.source)
        #expect(try await house.store.content(source, in: 0..<100_000) == Array(text.utf8))
    }

    @Test func largeContentsAreStoredInPieces() async throws {
        let house = try ScanningHouse()
        let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let encoded = String(lossy: Base64.encode(content))
        var lines = encoded[...]
        var folded = ""
        while !lines.isEmpty {
            folded += lines.prefix(76) + "\r\n"
            lines = lines.dropFirst(76)
        }
        let text = mail(
            "1@c", "MIME-Version: 1.0", "Content-Type: application/octet-stream; name=big",
            "Content-Disposition: attachment", "Content-Transfer-Encoding: base64", text: folded)
        let octets = Array(text.utf8)
        let message = MessageBody(structure: MessageScanner.scan(octets), inline: nil) { range throws(EngineError) in
            Array(octets[range])
        }
        await house.pass("", uid: 1, message: message)
        let email = try #require(try house.sheet(1).emails.first?.email)
        let attachment = try #require(email.attachments.first)
        #expect(attachment.size == content.count)
        #expect(
            try await house.store.content(attachment.content, in: 2_999_990..<3_000_000) == Array(content.suffix(10)))
        #expect(email.size == octets.count)
    }

    @Test func withoutAMessageIDTheContentCounts() async throws {
        let house = try ScanningHouse()
        await house.pass(mail(nil), uid: 1)
        await house.pass(mail(nil), uid: 2)
        await house.pass(mail(nil, text: "Something else"), uid: 3)
        #expect(try house.tickets == 2)
    }

    @Test func twoAccountsAreTwoPassagesAndOneTicket() async throws {
        let house = try ScanningHouse()
        await house.pass(mail("1@c"), uid: 1)
        await house.pass(mail("1@c"), uid: 1, account: house.sales)
        #expect(try house.tickets == 1)
        #expect(try house.journal.map(\.entry.account) == [house.support, house.sales])
        #expect(try house.journal.map(\.entry.ticket?.rawValue) == [1, 1])
    }

    @Test func manySightingsAtOnceAreOnePassage() async throws {
        let house = try ScanningHouse()
        let outcomes = await withTaskGroup(of: PassageOutcome.self) { group in
            for number in 1...60 as ClosedRange<UInt32> {
                group.addTask {
                    await house.pass(
                        mail("\(number % 3)@c"), number % 2 == 0 ? .read : .arrived, uid: number,
                        account: number % 4 == 0 ? house.sales : nil)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .passed }.count == 60 - 6)
        #expect(try house.tickets == 3)
        #expect(try house.journal.count == 6)
    }

    @Test func fromNowLeavesOldMailAlone() async throws {
        let house = try ScanningHouse { $0.start = .fromNow }
        await house.scanner.follow(house.store.directory)
        house.wait(100)
        #expect(await house.pass(mail("old@c"), uid: 1, date: 999_999) == .passed)
        #expect(await house.pass(mail("new@c"), uid: 2, date: 1_000_000) != .passed)
        #expect(try house.journal.map(\.entry.messageID) == ["new@c"])
        // The mark is kept: a later start of the process is none of the scanner.
        await house.scanner.follow(house.store.directory)
        #expect(await house.pass(mail("between@c"), uid: 3, date: 1_000_050) != .passed)
    }

    @Test func draftsAndWhatWasPutAsideArePassedOver() async throws {
        let house = try ScanningHouse()
        await house.pass(mail("1@c"), .appended, uid: 1, flags: [.draft])
        await house.pass(mail("2@c"), .appended, uid: 2, use: .drafts)
        await house.pass(mail("3@c"), .read, uid: 3, use: .junk)
        await house.pass(mail("4@c"), .read, uid: 4, use: .trash)
        #expect(try house.journal.isEmpty)
        // The draft is sent in the end: that is its passage.
        await house.pass(mail("1@c"), .arrived, uid: 5)
        #expect(try house.tickets == 1)
    }

    @Test func automaticMailIsJournalledAndMakesNoTicket() async throws {
        let house = try ScanningHouse()
        #expect(await house.pass(mail("1@c", "Precedence: bulk"), uid: 1) == .passed)
        #expect(try house.journal.map(\.entry.outcome) == [.skipped])
        let decision = try #require(Decision(json: try house.journal[0].entry.decision))
        #expect(decision.outcome == .automatic)
        #expect(decision.reasons.map(\.code).contains(.precedence))
    }

    @Test func aBounceFindsItsTicketByWhatItReturns() async throws {
        let house = try ScanningHouse()
        await house.pass(mail("1@c"), uid: 1)
        let answer = mail("2@o", from: "support@ours.example", to: "carol@customer.example", "In-Reply-To: <1@c>")
        try await house.send(answer)
        #expect(try house.ticket(1)?.status == .waitingForResponse)
        let bounce = """
            From: MAILER-DAEMON@mx.example\r
            To: support@ours.example\r
            Subject: Undelivered\r
            Message-ID: <b@mx>\r
            Content-Type: multipart/report; report-type=delivery-status; boundary=b\r
            \r
            --b\r
            \r
            It did not go.\r
            --b\r
            Content-Type: text/rfc822-headers\r
            \r
            Message-ID: <2@o>\r
            Subject: Re: Printer on fire\r
            \r
            --b--\r

            """
        await house.pass(bounce, uid: 2)
        #expect(try house.sheet(1).emails.map(\.email.messageID) == ["1@c", "2@o", "b@mx"])
        #expect(try house.ticket(1)?.status == .waitingForResponse)
        #expect(try house.ticket(1)?.needsReaction == false)
    }

    @Test func whatFailsIsQuarantinedAndTriedAgain() async throws {
        let house = try ScanningHouse { $0.onFailure = .move("Failed") }
        let octets = Array(mail("1@c").utf8)
        let isBroken = Locked(true)
        // The header comes, the text does not.
        let message = MessageBody(structure: MessageScanner.scan(octets), inline: nil) { range throws(EngineError) in
            if range.upperBound == octets.count, isBroken.withLock({ $0 }) { throw .unavailable("gone") }
            return Array(octets[range])
        }
        func attempt() async -> PassageOutcome { await house.pass("", uid: 1, message: message) }
        func unscanned() async -> [UID] {
            await house.scanner.unscanned(
                [(UID(1), nil), (UID(2), nil)], in: .inbox, uidValidity: UIDValidity(rawValue: 1), of: house.support)
        }
        #expect(await attempt() == .failed(moveTo: nil, isHeld: false, retryAfter: .seconds(60)))
        #expect(try house.journal.map(\.entry.outcome) == [.quarantined])
        #expect(try house.journal[0].entry.failure?.contains("gone") == true)
        #expect(await unscanned() == [UID(2)], "not before its time")
        #expect(try house.tickets == 0)
        // The next message is not kept waiting.
        #expect(await house.pass(mail("2@c"), uid: 2) != .passed)
        house.wait(61)
        #expect(await unscanned() == [UID(1)])
        #expect(await attempt() == .failed(moveTo: nil, isHeld: false, retryAfter: .seconds(120)))
        for _ in 0..<3 {
            house.wait(4000)
            _ = await attempt()
        }
        house.wait(4000)
        guard case .failed(moveTo: MailboxName("Failed"), isHeld: false, _) = await attempt() else {
            Issue.record("after so many attempts it goes to the mailbox for failures")
            return
        }
        isBroken.withLock { $0 = false }
        house.wait(4000)
        #expect(await attempt() != .passed)
        #expect(try house.journal.map(\.entry.outcome) == [.done, .done])
        #expect(try house.tickets == 2)
        #expect(await attempt() == .passed)
        #expect(await unscanned().isEmpty)
    }

    @Test func unscannedKnowsWhatNeedNotBeFetched() async throws {
        let house = try ScanningHouse { $0.start = .since(500) }
        await house.pass(mail("1@c"), uid: 1)
        let asked: [(UID, Moment?)] = [
            (UID(1), nil), (UID(2), nil), (UID(3), Moment(seconds: 499)), (UID(4), Moment(seconds: 500)),
        ]
        let found = await house.scanner.unscanned(
            asked, in: .inbox, uidValidity: UIDValidity(rawValue: 1), of: house.support)
        #expect(found == [UID(2), UID(4)])
        let epoch = await house.scanner.unscanned(
            asked, in: .inbox, uidValidity: UIDValidity(rawValue: 2), of: house.support)
        #expect(epoch == [UID(1), UID(2), UID(4)])
    }

    @Test func withoutAScannerNothingIsRead() async throws {
        let house = try ScanningHouse { $0.actions = [] }
        let message = MessageBody(structure: MessageScanner.scan([]), inline: nil) { _ throws(EngineError) in
            Issue.record("it was read")
            return []
        }
        #expect(await house.pass("", uid: 1, message: message) == .passed)
        #expect(try house.journal.isEmpty)
    }
}

extension Decision {
    var newTicket: NewTicket? {
        for case .createTicket(let ticket) in effects { return ticket }
        return nil
    }
}
