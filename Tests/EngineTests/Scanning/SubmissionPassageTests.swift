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

@Suite struct SubmissionPassageTests {
    let house: ScanningHouse
    init() throws { house = try ScanningHouse() }

    func answer(_ id: String? = "2@o", _ lines: String...) -> String {
        let header = ["In-Reply-To: <1@c>"] + lines
        return mail(id, from: "support@ours.example", to: "carol@customer.example", subject: "Re: Printer on fire")
            .replacing("\r\n\r\n", with: "\r\n\(header.joined(separator: "\r\n"))\r\n\r\n")
    }

    @Test func theAnswerIsCarriedOutAfterTheUpstreamsYes() async throws {
        await house.pass(mail("1@c"), uid: 1)
        let prepared = try await house.prepare(answer())
        #expect(try house.ticket(1)?.status == .open, "nothing has been sent yet")
        #expect(try house.journal.last?.entry.outcome == .pending)
        await house.scanner.commit(prepared, .accepted)
        #expect(try house.journal.last?.entry.outcome == .done)
        let ticket = try #require(try house.ticket(1))
        #expect(ticket.status == .waitingForResponse)
        #expect(ticket.assignee == "alice")
        #expect(!ticket.needsReaction)
    }

    @Test(arguments: [
        "Re: Printer on fire", "=?utf-8?q?Drukarka_p=C5=82onie?=", "Re: =?utf-8?q?Drukarka?=\r\n =?utf-8?q?_p=C5=82?=",
        "",
    ])
    func theSubjectGetsTheTicketsTokenOnce(_ subject: String) async throws {
        let house = try ScanningHouse { $0.tagsSubjects = true }
        await house.pass(mail("1@c"), uid: 1)
        let text = answer().replacing("Subject: Re: Printer on fire", with: "Subject: \(subject)")
        let sent: String
        do {
            // In flight until its end.
            let prepared = try await house.prepare(text)
            sent = try await prepared.message.text()
            await house.scanner.commit(prepared, .accepted)
        }
        let header = MessageHeader(Array(sent.utf8))
        let vault = try Vault(masterKey: Secret([UInt8](repeating: 7, count: 32)))
        let token = TokenKey { vault.mac("ticket token", $0) }.subjectToken(ticket: 1)
        let plain = MessageHeader(Array(text.utf8)).subject
        #expect(header.all("Subject").count == 1)
        #expect(
            header.subject.replacing("\(token) ", with: "").replacing(token, with: "") == plain, "\(header.subject)")
        #expect(header.subject.contains(token))
        // Neither the copy with the token nor the client's own without it is another message.
        await house.pass(sent, .arrived, uid: 7, in: MailboxName("Sent"), use: .sent)
        await house.pass(text, .appended, uid: 8, in: MailboxName("Sent"), use: .sent)
        #expect(try house.journal.count == 2)
        // The next answer has it already.
        let next = answer("3@o").replacing("Subject: Re: Printer on fire", with: "Subject: \(token) more")
        let again = MessageHeader(Array(try await house.prepare(next).message.text().utf8))
        #expect(again.subject == "\(token) more")
    }

    @Test func theSubjectStaysWhereNobodyWantsAToken() async throws {
        await house.pass(mail("1@c"), uid: 1)
        let sent = try await house.prepare(answer()).message.text()
        #expect(MessageHeader(Array(sent.utf8)).subject == "Re: Printer on fire")
        let tagging = try ScanningHouse { $0.tagsSubjects = true }
        // It belongs to no ticket.
        let other = try await tagging.prepare(
            mail("9@o", from: "support@ours.example", to: "new@other.example", subject: "Hello"))
        #expect(MessageHeader(Array(try await other.message.text().utf8)).subject.contains("[#") == false)
    }

    @Test func onlyTheOuterSubjectOfASignedMessageChanges() async throws {
        let house = try ScanningHouse { $0.tagsSubjects = true }
        await house.pass(mail("1@c"), uid: 1)
        let body =
            "--b\r\nContent-Type: text/plain; protected-headers=v1\r\nSubject: Re: Printer on fire\r\n\r\nHi\r\n"
            + "--b\r\nContent-Type: application/pgp-signature\r\n\r\nxyz\r\n--b--\r\n"
        let signed = answer("2@o", "MIME-Version: 1.0", "Content-Type: multipart/signed; boundary=b")
        let end = try #require(signed.firstRange(of: "\r\n\r\n"))
        let head = signed[..<end.lowerBound]
        let sent = try await house.prepare(head + "\r\n\r\n" + body).message.text()
        #expect(sent.hasSuffix("\r\n\r\n" + body))
        #expect(MessageHeader(Array(sent.utf8)).subject.hasPrefix("Re: [#1-"))
    }

    @Test func aRefusalChangesNothingAndTheNextAttemptCounts() async throws {
        await house.pass(mail("1@c"), uid: 1)
        await house.scanner.commit(try await house.prepare(answer()), .refused("550 no"))
        #expect(try house.ticket(1)?.status == .open)
        #expect(try house.journal.last?.entry.failure?.contains("550 no") == true)
        let again = try await house.prepare(answer())
        #expect(!again.wasAccepted)
        await house.scanner.commit(again, .accepted)
        #expect(try house.ticket(1)?.status == .waitingForResponse)
        #expect(try house.journal.count == 2)
        #expect(try house.journal.last?.entry.failure == nil)
    }

    @Test func aMessageThatWasAcceptedIsNotCarriedOutTwice() async throws {
        await house.pass(mail("1@c"), uid: 1)
        try await house.send(answer())
        let events = try house.sheet(1).events
        let again = try await house.prepare(answer())
        #expect(again.wasAccepted)
        await house.scanner.commit(again, .accepted)
        #expect(try house.sheet(1).events == events)
    }

    @Test func whatLacksIsAddedAndNothingElseChanges() async throws {
        let text = mail(nil, from: "support@ours.example", to: "carol@customer.example", text: "Dear Carol")
        let prepared = try await house.prepare(text)
        let sent = try await prepared.message.text()
        let header = MessageHeader(Array(sent.utf8))
        #expect(header.messageID == prepared.messageID)
        #expect(prepared.messageID.hasSuffix("@ours.example"))
        #expect(header.date == Moment(seconds: 1_000_000))
        #expect(
            sent.hasPrefix("From: support@ours.example\r\nTo: carol@customer.example\r\nSubject: Printer on fire\r\n"))
        #expect(sent.hasSuffix("\r\n\r\nDear Carol\r\n"))
        #expect(prepared.message.size == sent.utf8.count)
        let root = prepared.message.structure.root
        #expect(Array(sent.utf8)[root.body] == Array("Dear Carol\r\n".utf8)[...])
        #expect(prepared.message.structure == MessageScanner.scan(Array(sent.utf8)))
        let other = try await house.prepare(text)
        #expect(other.messageID != prepared.messageID)
    }

    @Test func anyRangeOfThePreparedMessageCanBeRead() async throws {
        await house.pass(mail("1@c"), uid: 1)
        let octets = Array(answer().utf8)
        for inline in [octets, nil] {
            let message = MessageBody(structure: MessageScanner.scan(octets), inline: inline) {
                range throws(EngineError) in Array(octets[range])
            }
            let passage = SubmissionPassage(
                account: house.support, actor: "alice", sender: nil, recipients: [], message: message)
            let prepared = try await house.scanner.prepare(passage)
            let whole = try await prepared.message.read(0..<prepared.message.size)
            for start in stride(from: 0, to: whole.count, by: 7) {
                for end in stride(from: start, through: whole.count, by: 13) {
                    #expect(try await prepared.message.read(start..<end) == Array(whole[start..<end]))
                }
            }
        }
    }

    @Test func theCustomersReplyFindsTheTicketByOurReference() async throws {
        await house.pass(mail("1@c"), uid: 1)
        let prepared = try await house.prepare(answer())
        let references = MessageHeader(Array(try await prepared.message.text().utf8)).references
        #expect(references.count == 2)
        #expect(references.last == "1@c")
        let keyed = try #require(references.first)
        await house.scanner.commit(prepared, .accepted)
        // Forwarded to somebody else, whose client kept nothing but the first reference.
        await house.pass(mail("9@x", from: "dora@else.example", subject: "Fire", "References: <\(keyed)>"), uid: 2)
        #expect(try house.tickets == 1)
        #expect(try house.ticket(1)?.status == .answered)
    }

    @Test func ourOwnMailThatComesBackIsALoop() async throws {
        let prepared = try await house.prepare(answer())
        let sent = try await prepared.message.text()
        await house.scanner.commit(prepared, .accepted)
        let back = sent.replacing("From: support@ours.example", with: "From: robot@else.example")
            .replacing("<2@o>", with: "<3@e>")
        await house.pass(back, uid: 5)
        #expect(Decision(json: try #require(try house.journal.last).entry.decision)?.outcome == .loop)
        #expect(try house.tickets == 0)
    }

    @Test func theSentCopyIsTheSameMessage() async throws {
        await house.pass(mail("1@c"), uid: 1)
        let sentMailbox = MailboxName("Sent")
        let place = JournalPlace(mailbox: sentMailbox, uidValidity: UIDValidity(rawValue: 4), uid: UID(11))
        let copy = body(answer())
        #expect(await house.scanner.savedCopy(of: copy, in: sentMailbox, of: house.support) == .nowhere)
        do {
            let prepared = try await house.prepare(answer())
            #expect(prepared.copy == .missing)
            await house.scanner.commit(prepared, .accepted)
            await house.scanner.noteCopy(prepared, at: place)
        }
        guard case .here(let saved) = await house.scanner.savedCopy(of: copy, in: sentMailbox, of: house.support)
        else {
            Issue.record("it is not known")
            return
        }
        #expect(saved.uid == UID(11))
        #expect(await house.scanner.savedCopy(of: copy, in: MailboxName("Other"), of: house.support) == .nowhere)
        let events = try house.sheet(1).events
        #expect(await house.pass(answer(), .appended, uid: 12, in: sentMailbox) == .passed)
        #expect(await house.pass(answer(), .arrived, uid: 11, in: sentMailbox) == .passed)
        #expect(try house.sheet(1).events == events)
        #expect(try house.journal.count == 2)
        house.wait(48 * 3600)
        #expect(await house.scanner.savedCopy(of: copy, in: sentMailbox, of: house.support) == .nowhere, "long ago")
    }

    @Test func aClientsCopyIsNoted() async throws {
        try await house.send(answer())
        await house.pass(answer(), .appended, uid: 3, in: MailboxName("Sent"))
        #expect(try await house.prepare(answer()).copy == .savedByClient)
    }

    @Test func othersWaitWhileAMessageIsOnItsWay() async throws {
        await house.pass(mail("1@c"), uid: 1)
        let prepared = Locked<PreparedSubmission?>(try await house.prepare(answer()))
        async let sighting = house.pass(answer(), .read, uid: 9, in: MailboxName("Sent"))
        let message = try #require(prepared.withLock { $0 })
        await house.scanner.commit(message, .accepted)
        #expect(try house.journal.last?.places.isEmpty == true, "the sighting waits")
        prepared.withLock { $0 = nil }
        withExtendedLifetime(message) {}
        _ = consume message
        #expect(await sighting == .passed)
        #expect(try house.journal.last?.places.count == 1)
    }

    @Test func aCrashOnTheWayIsShownAsUnknownAndResolvedWhenSeen() async throws {
        await house.pass(mail("1@c"), uid: 1)
        // The process ends after the last octet: prepared, never committed.
        _ = try await house.prepare(answer())
        await house.scanner.recover()
        #expect(try house.journal.last?.entry.outcome == .unknown)
        #expect(try house.ticket(1)?.status == .open)
        await house.pass(answer(), .arrived, uid: 4, in: MailboxName("Sent"))
        #expect(try house.journal.last?.entry.outcome == .done)
        #expect(try house.journal.count == 2)
        #expect(try house.ticket(1)?.status == .waitingForResponse)
    }

    @Test func aLostAnswerIsUnknownToo() async throws {
        await house.scanner.commit(try await house.prepare(answer()), .unknown("connection lost"))
        #expect(try house.journal.last?.entry.outcome == .unknown)
    }

    @Test func withoutAScannerTheMessageIsOnlyCompleted() async throws {
        let house = try ScanningHouse { $0.actions = [] }
        let prepared = try await house.prepare(answer())
        #expect(try await prepared.message.text() == answer())
        await house.scanner.commit(prepared, .accepted)
        #expect(try house.journal.map(\.entry.outcome) == [.skipped])
        #expect(try house.tickets == 0)
    }

    @Test func anEmptyMessageIsSentAndRecorded() async throws {
        let prepared = try await house.prepare("")
        #expect(!prepared.messageID.isEmpty)
        await house.scanner.commit(prepared, .accepted)
        #expect(try house.journal.count == 1)
    }
}

extension SubmissionPassageTests {
    @Test("Whether it waits in memory or not", arguments: [10, 5000])
    func aMessageIsRecordedWithItsText(lines: Int) async throws {
        let text = (1...lines).map { "Line \($0) of what was to be said, and some more of it.\r\n" }.joined()
        #expect(text.utf8.count > Spool.memoryLimit || lines < 5000)
        try await house.send(mail("long@ours.example", from: "support@ours.example", to: "c@d.example", text: text))
        let email = try house.store.readBlocking { reader throws(StoreError) in
            guard let id = try reader.emails(messageID: "long@ours.example").first else { return Email?.none }
            return try reader.email(id)
        }
        #expect(email?.text.hasPrefix(text.replacing("\r\n", with: "\n")) == true)
        let source = try #require(email?.source)
        #expect(
            try house.store.readBlocking { reader throws(StoreError) in try reader.contentSize(source) } == email?.size)
    }

    @Test func aTicketMadeMeanwhileIsAnswered() async throws {
        let house = try ScanningHouse { $0.actions = [.openTicket, .createTicket] }
        // As long as no ticket is known, there is nothing to be done about the answer and it is not read.
        let prepared = try await house.prepare(answer())
        await house.pass(mail("1@c"), uid: 1)
        #expect(try house.ticket(1)?.status == .open)
        await house.scanner.commit(prepared, .accepted)
        #expect(try house.ticket(1)?.status == .waitingForResponse)
        #expect(try house.sheet(1).emails.count == 2)
    }
}
