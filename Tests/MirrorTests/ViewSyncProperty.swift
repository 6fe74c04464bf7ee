import Bytes
import MailTypes
import Mirror
import Testing

/// Random operations with random polls: every simulated client ends equal to the mirror at every quiescent point.
@Suite struct ViewSyncProperty {
    static let seeds: [UInt64] = [1, 20, 300, 4000]

    @Test(arguments: seeds) func everyClientEndsEqualToTheMirror(seed: UInt64) {
        var world = World(seed: seed)
        for step in 0..<stepCount(usual: 200_000) / Self.seeds.count {
            if let fault = world.step() {
                Issue.record("seed \(seed), step \(step): \(fault)")
                return
            }
        }
        #expect(world.counts.allSatisfy { $0.value > 0 }, "every kind of step was taken: \(world.counts)")
    }
}

private struct World {
    static let keywords = ["$Junk", "$Forwarded", "work", "WORK", "$label1", "ż"].map { Flag($0) }
    static let pool = Flag.system + [.recent] + keywords

    var random: Generator
    var mirror: MailboxMirror
    var clients: [SimulatedClient] = []
    var held: [UInt32] = []
    var counts: [String: Int] = [
        "added": 0, "late": 0, "flags": 0, "silent": 0, "expunged": 0, "epoch": 0, "poll": 0, "held": 0, "quiet": 0,
        "trimmed": 0,
    ]

    init(seed: UInt64) {
        random = Generator(seed: seed)
        mirror = MailboxMirror(uidValidity: UIDValidity(rawValue: 1), logLimit: 64)
        clients = (0..<6).map { _ in SimulatedClient(mirror) }
    }

    mutating func step() -> String? {
        switch random.below(1000) {
        case 0..<220: add()
        case 220..<480: flag()
        case 480..<620: silent()
        case 620..<770: expunge()
        case 770..<773: epoch()
        case 773..<776:
            clients[random.below(clients.count)] = SimulatedClient(mirror)
        case 776..<860: return poll(.withoutExpunges)
        case 860..<990: return poll(.all)
        default: return quiet()
        }
        return nil
    }

    mutating func flags() -> FlagSet { FlagSet((0..<random.below(4)).map { _ in random.pick(Self.pool) }) }

    mutating func add() {
        // Now and then a UID is passed over and turns up late, below ones that are known.
        if !held.isEmpty, random.chance(10) {
            counts["late", default: 0] += 1
            mirror.update([.added(UID(held.remove(at: random.below(held.count))), flags())])
            return
        }
        guard mirror.exists < 60 else { return expunge() }
        counts["added", default: 0] += 1
        var updates: [MailboxMirror.Update] = []
        var uid = mirror.uidNext
        for _ in 0...random.below(3) {
            if random.chance(5) {
                held.append(uid)
                uid += 1
            }
            uid += UInt32(random.below(3))
            updates.append(.added(UID(uid), flags()))
            uid += 1
        }
        mirror.update(updates)
    }

    mutating func someUID() -> UID? {
        let uids = mirror.uids(in: NumberSet(1...UInt32.max))
        return uids.isEmpty ? nil : random.pick(uids)
    }

    mutating func flag() {
        guard let uid = someUID() else { return }
        counts["flags", default: 0] += 1
        mirror.update([.flags(uid, flags())])
    }

    /// A client changes flags, tells itself, and asks not to be told.
    mutating func silent() {
        let who = random.below(clients.count)
        guard let number = (1...60).randomElement(using: &random), let uid = clients[who].view.uid(at: number),
            mirror.contains(uid), !clients[who].view.isBehind(mirror) || random.chance(50)
        else { return }
        counts["silent", default: 0] += 1
        // STORE FLAGS replaces; the client then knows the flags whatever they were.
        let flags = flags()
        let place = clients[who].messages.firstIndex { $0.uid == uid }
        for step in mirror.update([.flags(uid, flags)]).steps { clients[who].view.silence(step.modSeq) }
        if let place { clients[who].messages[place].flags = flags }
    }

    mutating func expunge() {
        var updates: [MailboxMirror.Update] = []
        for _ in 0...random.below(4) { if let uid = someUID() { updates.append(.expunged(uid)) } }
        counts["expunged", default: 0] += updates.count
        mirror.update(updates)
    }

    mutating func epoch() {
        counts["epoch", default: 0] += 1
        held = []
        let rows = (1...UInt32(1 + random.below(20))).map { uid in
            MailboxMirror.Row(
                uid: UID(uid * 2), flags: flags(), modSeq: ModSeq(rawValue: mirror.highestModSeq.rawValue))
        }
        // The same UIDVALIDITY can come again: the cache was lost and read anew.
        let validity = random.chance(30) ? mirror.uidValidity.rawValue : mirror.uidValidity.rawValue + 1
        mirror.beginEpoch(uidValidity: UIDValidity(rawValue: validity), rows: rows)
    }

    mutating func poll(_ policy: ViewSync.Policy) -> String? {
        counts[policy == .all ? "poll" : "held", default: 0] += 1
        let who = random.below(clients.count)
        return poll(who, policy)
    }

    mutating func poll(_ who: Int, _ policy: ViewSync.Policy) -> String? {
        if mirror.log.changes(after: clients[who].view.expungesSeen) == nil { counts["trimmed", default: 0] += 1 }
        let before = clients[who]
        guard clients[who].step(mirror, policy) != nil else { return "\(policy): no sense to the client" }
        let after = clients[who]
        if policy == .withoutExpunges, before.view.epoch == mirror.epoch {
            let stands = after.messages.prefix(before.messages.count).map(\.uid) == before.messages.map(\.uid)
            if !stands { return "numbers moved while they had to stand" }
        } else if after.messages != mirror.simulated {
            return "after a step: \(after.messages) is not \(mirror.simulated)"
        }
        // What is still there has the right flags even when expunges are held back.
        for message in after.messages {
            if let flags = mirror.flags(of: message.uid), flags != message.flags { return "wrong flags: \(message)" }
        }
        return nil
    }

    mutating func quiet() -> String? {
        counts["quiet", default: 0] += 1
        for who in clients.indices {
            if let fault = poll(who, .all) { return fault }
            if clients[who].view.isBehind(mirror) { return "still behind" }
            if clients[who].step(mirror, .all)?.isEmpty != true { return "told twice" }
        }
        let rows = Array(mirror.rows)
        if rows.map(\.uid) != rows.map(\.uid).sorted() { return "not sorted" }
        if mirror.unseenCount != rows.count(where: { !$0.flags.isSeen }) { return "unseen" }
        if mirror.deletedCount != rows.count(where: { $0.flags.isDeleted }) { return "deleted" }
        if mirror.firstUnseen != rows.firstIndex(where: { !$0.flags.isSeen }).map({ $0 + 1 }) { return "first unseen" }
        return nil
    }
}
