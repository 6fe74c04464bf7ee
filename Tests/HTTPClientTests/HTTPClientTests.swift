import Bytes
import Loop
import SMTPRig
import TLS
import TestKit
import Testing

@testable import HTTPClient

@Suite(.timeLimit(.minutes(20)))
struct HTTPClientTests {
    /// A server that answers each connection with these octets, and remembers what it was asked.
    private final class Site: Sendable {
        let directory: TemporaryDirectory
        let loop: EventLoop
        let certificates: Certificates
        let server: ScriptedServer
        let asked = Locked<[String]>([])
        let isEncrypted: Bool

        init(
            encrypted: Bool = true, name: String = "localhost",
            _ answer: @escaping @Sendable (ScriptedPeer) async throws -> Void
        ) async throws {
            isEncrypted = encrypted
            directory = try TemporaryDirectory()
            loop = try EventLoop(name: "site")
            certificates = try await Certificates.make(in: directory("certs"), names: [name])
            let tls = try ServerTLS(certificateFile: certificates.chain, keyFile: certificates.key)
            let asked = asked
            server = try ScriptedServer(on: loop, implicitTLS: encrypted ? tls : nil) { peer in
                var head: [String] = []
                while let line = try? await peer.line(), !line.isEmpty { head.append(line) }
                let text = head.joined(separator: "\n")
                // Who does not trust the certificate leaves without a word.
                guard !text.isEmpty else { return }
                asked.withLock { $0.append(text) }
                try await answer(peer)
            }
        }

        func address(_ path: String = "/x", host: String = "localhost") throws -> WebAddress {
            try #require(WebAddress("http\(isEncrypted ? "s" : "")://\(host):\(server.port)\(path)"))
        }

        func get(
            _ client: HTTPClient = HTTPClient(), _ path: String = "/x", host: String = "localhost",
            trusted: Bool = true
        ) async throws -> Result<[UInt8], HTTPError> {
            let request = HTTPRequest(
                .get, try address(path, host: host), authorityFile: trusted ? certificates.authority : nil)
            do throws(HTTPError) { return .success(try await client.perform(request)) } catch { return .failure(error) }
        }

        deinit {
            server.stop()
            loop.stop(grace: .seconds(2))
            loop.join()
            directory.remove()
        }
    }

    private static func answer(_ body: String, status: String = "200 OK", _ fields: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\(fields)\r\n\(body)"
    }

    @Test func asksAndIsAnswered() async throws {
        let site = try await Site { try await $0.say(octets: Self.answer("hello")) }
        #expect(try await site.get().get() == Array("hello".utf8))
        let asked = site.asked.withLock { $0 }
        #expect(
            asked.count == 1 && asked[0].hasPrefix("GET /x HTTP/1.1\n") && asked[0].contains("User-Agent: Posthouse"))
    }

    @Test func posts() async throws {
        let body = Locked<[UInt8]>([])
        let site = try await Site { peer in
            let octets = try await peer.octets(11)
            body.withLock { $0 = octets }
            try await peer.say(octets: Self.answer("{}"))
        }
        let request = HTTPRequest(
            .post([("token", "a/b")]), try site.address(), authorityFile: site.certificates.authority,
            credentials: .init(name: "n", password: Array("p".utf8)))
        #expect(try await HTTPClient().perform(request) == Array("{}".utf8))
        #expect(body.withLock { String(lossy: $0) } == "token=a%2Fb")
        let asked = site.asked.withLock { $0.first ?? "" }
        #expect(asked.hasPrefix("POST /x HTTP/1.1\n") && asked.contains("\nAuthorization: Basic bjpw"))
        #expect(asked.contains("\nContent-Type: application/x-www-form-urlencoded") && !asked.contains("Expect:"))
    }

    @Test func trustsNobodyUnasked() async throws {
        let site = try await Site { try await $0.say(octets: Self.answer("hello")) }
        guard case .failure(.certificate(_, let reason)) = try await site.get(trusted: false) else {
            Issue.record("an unknown authority was trusted")
            return
        }
        #expect(!reason.isEmpty)
        let other = try await Site(name: "other.example") { try await $0.say(octets: Self.answer("hello")) }
        guard case .failure(.certificate) = try await other.get() else {
            Issue.record("a certificate for another host was trusted")
            return
        }
        let missing = HTTPRequest(.get, try site.address(), authorityFile: "/nonexistent/ca.pem")
        await #expect(throws: HTTPError.authorityFile("/nonexistent/ca.pem")) {
            try await HTTPClient().perform(missing)
        }
        #expect(site.asked.withLock { $0.isEmpty } && other.asked.withLock { $0.isEmpty })
    }

    @Test func speaksPlainlyToThisMachineAlone() async throws {
        let site = try await Site(encrypted: false) { try await $0.say(octets: Self.answer("hello")) }
        #expect(try await site.get().get() == Array("hello".utf8))
        let elsewhere = try #require(WebAddress("http://id.example.com/x"))
        await #expect(throws: HTTPError.notPrivate(elsewhere)) {
            try await HTTPClient().perform(HTTPRequest(.get, elsewhere))
        }
    }

    @Test(arguments: ["301 Moved", "302 Found", "307 Temporary Redirect", "404 Not Found", "204 None", "500 Oops"])
    func takesNothingButSuccess(_ status: String) async throws {
        let site = try await Site { peer in
            try await peer.say(octets: Self.answer("", status: status, "Location: https://localhost:1/other\r\n"))
        }
        let number = try #require(Int(status.prefix(3)))
        let answer = try await site.get()
        #expect(answer == .failure(.status(try site.address(), number)))
        #expect(site.server.connectionCount == 1)
    }

    @Test func readsNoMoreThanItsLimit() async throws {
        var limits = HTTPClient.Limits()
        limits.responseSize = 1000
        let whole = String(repeating: "x", count: 1000)
        let fits = try await Site { try await $0.say(octets: Self.answer(whole)) }
        #expect(try await fits.get(HTTPClient(limits: limits)).get().count == 1000)
        let site = try await Site { try await $0.say(octets: Self.answer(whole + "x")) }
        let answer = try await site.get(HTTPClient(limits: limits))
        #expect(answer == .failure(.tooLarge(try site.address(), limit: 1000)))
    }

    @Test func waitsNoLongerThanItsLimit() async throws {
        var limits = HTTPClient.Limits()
        limits.wholeTime = .milliseconds(300)
        // Says nothing, and goes when the client does.
        let site = try await Site { try? await $0.end() }
        let answer = try await site.get(HTTPClient(limits: limits))
        #expect(answer == .failure(.timeout(try site.address(), .milliseconds(300))))
    }

    @Test func tellsOfNoConnection() async throws {
        let site = try await Site { $0.cut() }
        guard case .failure(.unreachable) = try await site.get() else {
            Issue.record("an answer from nowhere")
            return
        }
        let nobody = try #require(WebAddress("https://127.0.0.1:1/x"))
        do {
            _ = try await HTTPClient().perform(HTTPRequest(.get, nobody))
            Issue.record("an answer from nobody")
        } catch {
            #expect("\(error)".hasPrefix("https://127.0.0.1:1/x: "))
        }
    }

    @Test func stopsWhatIsUnderWay() async throws {
        let client = HTTPClient()
        let site = try await Site { peer in
            client.stop()
            try? await peer.end()
        }
        #expect(try await site.get(client) == .failure(.overloaded))
        #expect(try await site.get(client) == .failure(.overloaded))
        let unused = HTTPClient()
        unused.stop()
        #expect(try await site.get(unused) == .failure(.overloaded))
    }
}
