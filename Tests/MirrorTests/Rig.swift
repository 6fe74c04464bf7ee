import Glibc
import MailTypes
import Mirror

/// Pseudo-random numbers from a seed (SplitMix64), so that a failing run can be repeated.
struct Generator: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

/// How many steps the properties take: `POSTHOUSE_MIRROR_STEPS` of the environment (`scripts/prove` sets it), else
/// `usual`. Each has its own seeds, which share them.
func stepCount(usual: Int) -> Int {
    getenv("POSTHOUSE_MIRROR_STEPS").flatMap { Int(String(cString: $0)) } ?? usual
}

/// What a mail client holds: it knows the mailbox by untagged responses alone.
struct SimulatedClient {
    struct Message: Equatable {
        var uid: UID
        var flags: FlagSet
    }

    var view: SequenceView
    var messages: [Message]
    init(_ mirror: MailboxMirror) {
        view = SequenceView(mirror)
        messages = []
        fetch(mirror, from: 1)
    }

    /// Takes the updates of a step; nil when one makes no sense to a client.
    mutating func step(_ mirror: MailboxMirror, _ policy: ViewSync.Policy) -> [ViewUpdate]? {
        let (next, updates) = ViewSync.step(view, mirror: mirror, policy: policy)
        view = next
        for update in updates {
            switch update {
            case .exists(let count):
                guard count >= messages.count else { return nil }
                fetch(mirror, from: messages.count + 1)
                guard messages.count == count else { return nil }
            case .expunge(let number, let uid):
                guard policy == .all, number >= 1, number <= messages.count, messages[number - 1].uid == uid else {
                    return nil
                }
                messages.remove(at: number - 1)
            case .flags(let number, let uid, let flags, _):
                guard number >= 1, number <= messages.count, messages[number - 1].uid == uid else { return nil }
                messages[number - 1].flags = flags
            case .newEpoch:
                messages = []
                fetch(mirror, from: 1)
            }
        }
        return updates
    }

    /// `FETCH first:* (UID FLAGS)`.
    private mutating func fetch(_ mirror: MailboxMirror, from first: Int) {
        var number = first
        while let uid = view.uid(at: number) {
            messages.append(Message(uid: uid, flags: mirror.flags(of: uid) ?? .empty))
            number += 1
        }
    }
}

extension MailboxMirror {
    var simulated: [SimulatedClient.Message] { rows.map { .init(uid: $0.uid, flags: $0.flags) } }
}
