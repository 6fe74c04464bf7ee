import Engine
import Loop
import Store
import Testing

@Suite("Failures by address")
struct AttemptsTests {
    private func source(_ text: String) throws -> Attempts.Source {
        Attempts.Source(try #require(IPAddress(text)))
    }

    private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)

    @Test("Each failure is held back longer, up to a bound")
    func delays() throws {
        var attempts = Attempts()
        let here = try source("192.0.2.1")
        let delays = (0..<6).map { _ in attempts.fail(from: here, at: start) }
        #expect(delays == [1, 2, 4, 8, 8, 8].map { .seconds($0) })
        #expect(attempts.fail(from: try source("192.0.2.2"), at: start) == .seconds(1))
    }

    @Test("Above the limit nothing is considered until the address is forgotten")
    func throttling() throws {
        var policy = Attempts.Policy()
        policy.failureLimit = 3
        var attempts = Attempts(policy: policy)
        let here = try source("192.0.2.1")
        for _ in 0..<3 {
            #expect(attempts.begin(from: here, at: start) == .admitted)
            _ = attempts.fail(from: here, at: start)
        }
        #expect(attempts.begin(from: here, at: start + .seconds(60)) == .refused(.seconds(540)))
        #expect(attempts.begin(from: try source("192.0.2.2"), at: start) == .admitted)
        #expect(attempts.begin(from: here, at: start + .seconds(600)) == .admitted)
        #expect(attempts.fail(from: here, at: start + .seconds(600)) == .seconds(1))
    }

    @Test("Attempts at the same time count before they have failed; those that succeed do not")
    func pending() throws {
        var policy = Attempts.Policy()
        policy.failureLimit = 2
        var attempts = Attempts(policy: policy)
        let here = try source("192.0.2.1")
        #expect(attempts.begin(from: here, at: start) == .admitted)
        #expect(attempts.begin(from: here, at: start) == .admitted)
        #expect(attempts.begin(from: here, at: start) == .afterOthers)
        attempts.withdraw(from: here)
        #expect(attempts.begin(from: here, at: start) == .admitted)
        for _ in 0..<100 {
            attempts.withdraw(from: here)
            #expect(attempts.begin(from: here, at: start) == .admitted)
        }
    }

    @Test("One subscriber of IPv6 is one source, and a mapped address is the IPv4 one")
    func sources() throws {
        #expect(try source("2001:db8:1:2::1") == source("2001:db8:1:2:ffff::9"))
        #expect(try source("2001:db8:1:2::1") != source("2001:db8:1:3::1"))
        #expect(try source("::ffff:192.0.2.1") == source("192.0.2.1"))
    }

    @Test("However many addresses come, few are remembered, and the failing ones longest")
    func bounded() throws {
        var policy = Attempts.Policy()
        policy.addressLimit = 64
        var attempts = Attempts(policy: policy)
        for number in 0..<10_000 {
            let here = try source("10.\(number / 65536).\(number / 256 % 256).\(number % 256)")
            _ = attempts.fail(from: here, at: start + .milliseconds(number))
            #expect(attempts.count <= 64)
        }
    }

    @Test(
        "Names with and without an account",
        arguments: [
            ("alice", "alice", nil), ("support*alice", "alice", "support"), ("a*b*alice", "alice", "a*b"),
        ] as [(String, String, String?)])
    func names(_ text: String, _ user: String, _ account: String?) {
        #expect(SignInName(text) == SignInName(user: user, account: account))
    }

    @Test("What is no name", arguments: ["", "*", "*alice", "alice*", "a\0b", String(repeating: "a", count: 513)])
    func badNames(_ text: String) { #expect(SignInName(text) == nil) }

    @Test("An authorization identity is oneself or an account, and contradicts nothing")
    func authorization() {
        let alice = SignInName(user: "alice", account: nil)
        let support = SignInName(user: "alice", account: "support")
        #expect(alice.authorized(as: nil) == alice)
        #expect(alice.authorized(as: "Alice") == alice)
        #expect(alice.authorized(as: "support") == support)
        #expect(support.authorized(as: "SUPPORT") == support)
        #expect(support.authorized(as: "alice") == support)
        #expect(support.authorized(as: "sales") == nil)
        #expect(alice.authorized(as: "support*ALICE") == support)
        #expect(support.authorized(as: "support*alice") == support)
        #expect(support.authorized(as: "sales*alice") == nil)
        for contradiction in ["support*bob", "support*", "*alice", "*", "alice\0"] {
            #expect(alice.authorized(as: contradiction) == nil, "\(contradiction)")
        }
    }
}
