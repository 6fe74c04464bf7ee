import Engine
import Loop
import MailTypes
import SMTPRig
import SMTPSyntax
import Store
import Testing

/// What a user may send in an hour.
@Suite("Hourly limits of sending", .timeLimit(.minutes(20)))
struct SendingLimitTests {
    private static func with(
        messages: HourlyLimit = .unlimited, recipients: HourlyLimit = .unlimited,
        site: (inout SiteDescription) -> Void = { _ in }, _ body: (QueueHouse) async throws -> Void
    ) async throws {
        try await QueueHouse.with(
            site: site,
            configuration: {
                $0.messagesPerHour = messages
                $0.recipientsPerHour = recipients
            }, body)
    }

    @Test("A message too many is refused until the first is an hour old, and the answer says when that is")
    func messages() async throws {
        try await Self.with(messages: .atMost(2)) { rig in
            #expect(try await rig.send("one").isPositive)
            rig.time.advance(seconds: 1800)
            // Another account of hers counts with it.
            #expect(try await rig.send("two", from: "sales").isPositive)
            let refusal = try await rig.send("three").description
            #expect(
                refusal.hasPrefix("450 4.7.1 You may send 2 messages in an hour, and have; the next can be sent in "))
            #expect(refusal.hasSuffix("30 minutes") || refusal.hasSuffix("29 minutes"), "\(refusal)")
            rig.time.advance(seconds: 1860)
            #expect(try await rig.send("four").isPositive)
            #expect(try await rig.send("five").code == 450)
        }
    }

    @Test("Recipients count over all messages; those who are too many are refused, the others get it")
    func recipients() async throws {
        try await Self.with(recipients: .atMost(3)) { rig in
            #expect(try await rig.send("one", to: ["jan", "eva"]).isPositive)
            #expect(try await rig.send("two", to: ["ida", "ola", "ewa"]).isPositive)
            try await rig.eventuallyQueue("both are sent") { $0.isEmpty }
            #expect(rig.upstream.deliveries.map(\.recipients.count).sorted() == [1, 2])
            let reply = try await rig.send("three")
            #expect(reply.description.hasPrefix("450 4.7.1 You may write to 3 recipients in an hour"), "\(reply)")
        }
    }

    @Test("A user has limits of her own, or none")
    func ownLimits() async throws {
        let change: (inout SiteDescription) -> Void = { site in
            for index in site.users.indices {
                switch site.users[index].name {
                case "alice": site.users[index].messagesPerHour = .unlimited
                case "carol": site.users[index].messagesPerHour = .atMost(2)
                default: break
                }
            }
            site.grants.append(Grant(account: "support", grantee: .user("carol"), rights: .all))
        }
        try await Self.with(messages: .atMost(1), site: change) { rig in
            for number in 1...3 { #expect(try await rig.send("a\(number)").isPositive) }
            for number in 1...2 { #expect(try await rig.send("c\(number)", as: "carol").isPositive) }
            let refusal = try await rig.send("c3", as: "carol")
            #expect(refusal.code == 450)
        }
    }

    @Test("What is refused does not count")
    func refused() async throws {
        try await Self.with(messages: .atMost(1)) { rig in
            rig.upstream.behave { $0.end = { _ in "554 5.7.1 no" } }
            #expect(try await rig.send("one", from: "sales").code == 554)
            rig.upstream.behave { $0 = .init() }
            rig.upstream.behave { $0.offersSignIn = false }
            #expect(try await rig.send("three", from: "sales").isPositive)
            let refusal = try await rig.send("four", from: "sales")
            #expect(refusal.code == 450)
        }
    }

    @Test("Sessions that send at a time share what is left")
    func race() async throws {
        try await Self.with(messages: .atMost(3)) { rig in
            let codes = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...8 { group.addTask { try await rig.send("m\(number)").code } }
                var codes: [Int] = []
                for try await code in group { codes.append(code) }
                return codes
            }
            #expect(codes.count { $0 == 250 } == 3 && codes.count { $0 == 450 } == 5, "\(codes)")
        }
    }

    @Test("A restart gives nobody another hour's worth")
    func restart() async throws {
        try await Self.with(messages: .atMost(1)) { rig in
            #expect(try await rig.send("one").isPositive)
            let house = rig.house
            await house.engine.stop()
            let minute = rig.time.clock.now.seconds / 60
            let rows = try await house.store.read { reader throws(StoreError) in try reader.sendings(at: minute) }
            #expect(rows.map(\.sendings) == [Sendings(messages: 1, recipients: 1)])
            let again = Engine(
                configuration: house.engine.configuration, loops: [house.loop], pool: house.pool, store: house.store,
                cache: house.cache, vault: house.engine.vault, log: .silent, counters: Counters(),
                clock: rig.time.clock)
            try await again.start()
            let alice = try house.principal("alice")
            let answer = try await house.loop.run { _ in
                let origin = SubmissionOrigin(
                    peer: .loopback(port: 40_000), clientName: "client.example", isEncrypted: true,
                    usesSMTPUTF8: false)
                let submission = try again.beginSubmission(
                    from: QueueHouse.sender, parameters: MailParameters(), by: alice, origin: origin)
                return await submission.open([QueueHouse.recipient("jan")])
            }
            #expect(answer.mail.code == 450)
            await again.stop()
        }
    }
}
