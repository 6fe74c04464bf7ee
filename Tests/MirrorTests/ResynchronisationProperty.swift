import MailTypes
import Mirror
import Testing

/// Clients that go away and come back at random, knowing no more than a QRESYNC client does, end equal to the mirror:
/// whatever happened meanwhile, and although the house restarts, loses the last of its commits, or its whole cache.
@Suite struct ResynchronisationProperty {
    static let seeds: [UInt64] = [7, 80, 900, 10_000]

    @Test(arguments: seeds) func everyClientCatchesUp(seed: UInt64) {
        var world = World(seed: seed)
        for step in 0..<stepCount(usual: 80_000) / Self.seeds.count {
            if let fault = world.step() {
                Issue.record("seed \(seed), step \(step): \(fault)")
                return
            }
        }
        #expect(world.counts.allSatisfy { $0.value > 0 }, "every kind of step was taken: \(world.counts)")
    }
}

/// What a client keeps on its disk.
private struct AbsentClient {
    var uidValidity = UIDValidity(rawValue: 0)
    var modSeq = ModSeq.zero
    var messages: [UID: FlagSet] = [:]

    var uids: [UID] { messages.keys.sorted() }
}

private struct World {
    static let expungeLimit = 8

    /// What the cache has on disk.
    struct Disk {
        var rows: [MailboxMirror.Row]
        var uidNext: UInt32
        var highestModSeq: ModSeq
        var expunges: ExpungeLog
        var lost: LostNumbers
    }

    var random: Generator
    /// Microseconds.
    var clock: UInt64 = 1_000_000
    /// What the upstream has.
    var truth: [UID: FlagSet] = [:]
    var uidNext: UInt32 = 1
    var held: [UInt32] = []
    var mirror: MailboxMirror
    var disk: Disk
    var clients = Array(repeating: AbsentClient(), count: 5)
    var counts: [String: Int] = [
        "change": 0, "restart": 0, "power cut": 0, "no cache": 0, "epoch": 0, "return": 0, "fallback": 0, "late": 0,
        "agreed": 0,
    ]

    init(seed: UInt64) {
        random = Generator(seed: seed)
        mirror = MailboxMirror(
            uidValidity: UIDValidity(rawValue: 1), highestModSeq: ModSeq(rawValue: clock),
            expunges: ExpungeLog(completeAfter: ModSeq(rawValue: clock), limit: Self.expungeLimit))
        disk = Disk(
            rows: [], uidNext: 1, highestModSeq: mirror.highestModSeq, expunges: mirror.expunges, lost: mirror.lost)
    }

    var floor: ModSeq { ModSeq(rawValue: clock) }

    mutating func step() -> String? {
        clock += 100
        switch random.below(1000) {
        case 0..<820: change()
        case 820..<850: save()
        case 850..<862: restart(losing: false)
        case 862..<874: restart(losing: true)
        case 874..<877: loseCache()
        case 877..<879: epoch()
        default: return comeBack(random.below(clients.count))
        }
        return nil
    }

    mutating func flags() -> FlagSet { FlagSet((0..<random.below(3)).map { _ in random.pick(Flag.system) }) }

    /// Something happens upstream, and the mirror hears of it.
    mutating func change() {
        counts["change", default: 0] += 1
        var updates: [MailboxMirror.Update] = []
        for _ in 0...random.below(3) {
            switch random.below(truth.count < 40 ? 10 : 6) {
            case 0..<3:
                if let uid = truth.keys.sorted().randomElement(using: &random) {
                    let flags = flags()
                    truth[uid] = flags
                    updates.append(.flags(uid, flags))
                }
            case 3..<6:
                if let uid = truth.keys.sorted().randomElement(using: &random) {
                    truth[uid] = nil
                    updates.append(.expunged(uid))
                }
            default: updates.append(add())
            }
        }
        mirror.update(updates, above: floor)
    }

    mutating func add() -> MailboxMirror.Update {
        var number = uidNext
        if !held.isEmpty, random.chance(10) {
            counts["late", default: 0] += 1
            number = held.remove(at: random.below(held.count))
        } else {
            if random.chance(5) {
                held.append(number)
                number += 1
            }
            number += UInt32(random.below(2))
            uidNext = number + 1
        }
        let flags = flags()
        truth[UID(number)] = flags
        return .added(UID(number), flags)
    }

    mutating func save() {
        disk = Disk(
            rows: Array(mirror.rows), uidNext: mirror.uidNext, highestModSeq: mirror.highestModSeq,
            expunges: mirror.expunges, lost: mirror.lost)
    }

    /// The mirror is read from the disk again, which may lack the last changes, and compared with the upstream.
    mutating func restart(losing: Bool) {
        counts[losing ? "power cut" : "restart", default: 0] += 1
        if !losing { save() }
        mirror = MailboxMirror(
            uidValidity: mirror.uidValidity, uidNext: disk.uidNext, highestModSeq: disk.highestModSeq, rows: disk.rows,
            expunges: disk.expunges, lost: disk.lost)
        mirror.noteLost(through: floor)
        compare()
    }

    mutating func loseCache() {
        counts["no cache", default: 0] += 1
        mirror = MailboxMirror(
            uidValidity: mirror.uidValidity, highestModSeq: floor,
            expunges: ExpungeLog(completeAfter: floor, limit: Self.expungeLimit))
        compare()
        save()
    }

    mutating func compare() {
        let gone = mirror.rows.map(\.uid).filter { truth[$0] == nil }
        mirror.update(
            truth.sorted { $0.key < $1.key }.map { .added($0.key, $0.value) } + gone.map { .expunged($0) },
            above: floor)
        mirror.note(uidNext: uidNext)
        save()
    }

    mutating func epoch() {
        counts["epoch", default: 0] += 1
        truth = [:]
        held = []
        uidNext = 1
        mirror.beginEpoch(
            uidValidity: UIDValidity(rawValue: mirror.uidValidity.rawValue + 1), highestModSeq: floor,
            rows: [MailboxMirror.Row]())
        mirror.update((0..<random.below(20)).map { _ in add() }, above: floor)
        save()
    }

    /// `SELECT x (QRESYNC (…))` and what the client makes of the answer.
    mutating func comeBack(_ who: Int) -> String? {
        counts["return", default: 0] += 1
        var client = clients[who]
        if client.uidValidity != mirror.uidValidity {
            client = AbsentClient(uidValidity: mirror.uidValidity, modSeq: .zero, messages: [:])
        }
        var memory = ClientMemory(modSeq: client.modSeq)
        let last = client.uids.last?.rawValue ?? 0
        if last > 0, random.chance(50) {
            memory.knownUIDs = NumberSet(1...last)
            if random.chance(50) {
                let places = client.uids.indices.filter { _ in random.chance(30) }
                memory.landmarks = ClientMemory.Landmarks(
                    numbers: NumberSet(places.map { UInt32($0 + 1) }), uids: NumberSet(places.map { client.uids[$0] }))
            }
        }
        if memory.modSeq < mirror.expunges.completeAfter {
            counts["fallback", default: 0] += 1
            if memory.landmarks?.numbers.isEmpty == false { counts["agreed", default: 0] += 1 }
        }
        let missed = mirror.missed(memory)
        for uid in missed.vanished.numbers { client.messages[UID(uid)] = nil }
        for uid in missed.changed { client.messages[uid] = mirror.flags(of: uid) }
        // UID FETCH n:* FLAGS, when only those known were asked about.
        if memory.knownUIDs != nil, last < .max {
            for uid in mirror.uids(in: NumberSet(last + 1...UInt32.max)) {
                client.messages[uid] = mirror.flags(of: uid)
            }
        }
        if missed.vanished.numbers.contains(where: { mirror.contains(UID($0)) }) { return "a message that is there" }
        if client.messages != truth {
            let wrong = Set(client.messages.keys).union(truth.keys).filter { client.messages[$0] != truth[$0] }.sorted()
            let rows = wrong.map { "\($0): \(client.messages[$0], default: "-") for \(truth[$0], default: "-")" }
            return "\(memory), log after \(mirror.expunges.completeAfter): \(rows)"
        }
        client.modSeq = mirror.highestModSeq
        clients[who] = client
        return nil
    }
}
