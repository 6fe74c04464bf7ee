import Bytes
import HTTPClient
import Loop
import OAuth
import OAuthRig
import SMTPRig
import TLS
import TestKit
import Testing
import TokenSyntax
import Vault

/// An issuer, and what believes it, with a clock that a test puts forward.
final class Rig: Sendable {
    static let start: Int64 = 1_800_000_000

    let directory: TemporaryDirectory
    let loop: EventLoop
    let pool: WorkerPool
    let issuer: FakeIssuer
    let authority: String
    let http = HTTPClient()
    let tokens: BearerTokens
    let key: SigningKey
    let lines = Locked<[String]>([])
    /// How far the clocks are ahead of where they stood.
    let ahead = Locked(Duration.zero)

    private init() async throws {
        directory = try TemporaryDirectory()
        loop = try EventLoop(name: "issuer")
        pool = try WorkerPool(threads: 1)
        let certificates = try await Certificates.make(in: directory("certs"))
        authority = certificates.authority
        issuer = try FakeIssuer(
            on: loop, tls: ServerTLS(certificateFile: certificates.chain, keyFile: certificates.key))
        let key = try SigningKey()
        self.key = key
        issuer.behave { $0.keys = [key.published()] }
        let (lines, ahead, loop) = (lines, ahead, loop)
        let log = Log(
            Log.Output(level: .debug, format: .text) { line in lines.withLock { $0.append(String(lossy: line)) } })
        let base = MonotonicTime(nanoseconds: 1_000_000_000)
        tokens = BearerTokens(
            BearerTokens.Services(
                http: http, pool: pool, log: log,
                clock: WallClock { .init(seconds: Self.start + ahead.withLock { $0 }.components.seconds) },
                now: { base + ahead.withLock { $0 } }, begin: { work in loop.spawn { _ in await work() } }))
    }

    /// Runs `body` and tears everything down.
    static func with(_ body: (Rig) async throws -> Void) async throws {
        let rig = try await Rig()
        do { try await body(rig) } catch {
            rig.tearDown()
            throw error
        }
        rig.tearDown()
    }

    private func tearDown() {
        issuer.stop()
        http.stop()
        loop.stop(grace: .seconds(2))
        loop.join()
        pool.stop()
        directory.remove()
    }

    /// The seconds by the rig's clock.
    var now: Int64 { Self.start + ahead.withLock { $0 }.components.seconds }

    func wait(_ time: Duration) { ahead.withLock { $0 += time } }

    /// The issuer as it is configured; believed from now on, alone.
    @discardableResult
    func believe(_ change: (inout IssuerDescription) -> Void = { _ in }) throws -> IssuerDescription {
        var description = IssuerDescription(
            address: try #require(WebAddress(issuer.address)), audience: "posthouse", scopes: ["mail"],
            userClaim: "preferred_username", check: .keys(nil), authorityFile: authority)
        change(&description)
        tokens.follow([description]) { _ in ClientSecret(Secret(text: "ask me")) }
        return description
    }

    /// Claims that are right now.
    func claims(_ others: [String: String] = [:]) -> String { issuer.claims("alice", now: now, others) }

    func token(_ others: [String: String] = [:], header: String? = nil) throws -> String {
        try key.token(claims(others), header: header)
    }

    /// Who shows the token, or why it lets nobody in.
    func identity(_ token: String) async -> Result<TokenIdentity.Subject, TokenRefusal> {
        do throws(TokenRefusal) {
            return .success(try await tokens.identity(of: Array(token.utf8)).subject)
        } catch { return .failure(error) }
    }

    func refused(_ reason: TokenRefusal.Reason) throws -> Result<TokenIdentity.Subject, TokenRefusal> {
        let issuer: WebAddress = try #require(WebAddress(issuer.address))
        return .failure(.refused(reason, issuer: issuer))
    }
}
