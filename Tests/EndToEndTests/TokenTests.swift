internal import Foundation
import Loop
import OAuthRig
import TLS
import TestKit
import Testing

/// Mail programs sign in with the tokens of an issuer, to the program as it is run.
@Suite("Tokens")
struct TokenTests {
    /// An issuer, and a house that believes it.
    private struct Place {
        let house: House
        let issuer: FakeIssuer
        let key: SigningKey

        func token(_ user: String, _ others: [String: String] = [:]) throws -> String {
            try key.token(issuer.claims(user, now: Int64(Date().timeIntervalSince1970), others), "RS256")
        }
    }

    private static func with(
        _ plan: Plan = Plan(), _ body: (Place) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let certificates = try await Certificates.make(in: directory("issuer"))
        let loop = try EventLoop(name: "issuer")
        let issuer = try FakeIssuer(
            on: loop, tls: ServerTLS(certificateFile: certificates.chain, keyFile: certificates.key))
        defer {
            issuer.stop()
            loop.stop(grace: .seconds(2))
            loop.join()
        }
        let key = try SigningKey(.rsa)
        issuer.behave { $0.keys = [key.published([#""use":"sig""#, #""alg":"RS256""#])] }
        var plan = plan
        // What the environment says of proxies is for other programs.
        plan.wrapper = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].reduce(into: ["env"]) { words, name in
            words.append("\(name)=http://127.0.0.1:1")
        }
        plan.settings += """

            issuers:
              - {url: "\(issuer.address)", audience: posthouse, scopes: [mail], ca-file: "\(certificates.authority)"}
            """
        try await House.with(plan) { house in
            let place = Place(house: house, issuer: issuer, key: key)
            try await body(place)
            let log = house.posthouse.log
            #expect(!log.contains("eyJ"), "a token is in the log")
        }
    }

    @Test func `curl reads and sends`() async throws {
        try await Self.with(.sending) { place in
            let house = place.house
            let token = try place.token("alice")
            try await house.arrive(Letters.plain("hello"))
            for (scheme, mechanism) in [("imaps", "OAUTHBEARER"), ("imap", "XOAUTH2")] {
                for name in ["alice", "support*alice"] {
                    let options = ["--login-options", "AUTH=\(mechanism)"]
                    let read = try await house.curl(name, scheme, "/INBOX;UID=1", options, token: token)
                    #expect(read.output.contains("Subject: hello"), "\(mechanism) \(read)")
                }
            }
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            var wanted: [String] = []
            for (number, way) in [("smtp", "XOAUTH2"), ("smtps", "OAUTHBEARER"), ("smtps", "XOAUTH2")].enumerated() {
                for isInitial in [true, false] {
                    let subject = "\(way) \(isInitial)"
                    let letter = Letters.plain(
                        subject, from: "support@example.test", to: "jan@customer.test",
                        number: 2 * number + (isInitial ? 1 : 2))
                    let file = try directory.write(letter, to: "letter")
                    let sent = try await house.curl(
                        "alice", way.0, "",
                        [
                            "--login-options", "AUTH=\(way.1)", "--mail-from", "support@example.test", "--mail-rcpt",
                            "jan@customer.test", "--upload-file", file,
                        ] + (isInitial ? ["--sasl-ir"] : []), token: token)
                    #expect(sent.succeeded, "\(subject): \(sent)")
                    wanted.append(subject)
                }
            }
            try await eventually(
                "the customer has all of them",
                holds: { try await SubmissionTests.subjects(house, "jan", "INBOX").count == wanted.count })
            // One that has expired opens nothing.
            let old = try place.token("alice", ["exp": "1"])
            for (scheme, mechanism) in [("imaps", "OAUTHBEARER"), ("imaps", "XOAUTH2"), ("smtps", "OAUTHBEARER")] {
                let refused = try await house.curl(
                    "alice", scheme, "/", ["--login-options", "AUTH=\(mechanism)"], token: old)
                #expect(refused.exit == .code(67), "\(refused)")
            }
        }
    }

    @Test func `mutt and msmtp read and send`() async throws {
        try await Self.with(.sending) { place in
            let house = place.house
            let token = try place.token("alice")
            try await house.arrive(Letters.plain("hello"))
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let mutt = try Mutt(house, "alice", from: "support@example.test", in: directory, token: token)
            #expect(try await mutt.read("~s hello").contains("Subject: hello"))
            try await mutt.send("By mutt.", subject: "by mutt", to: "jan@customer.test")
            var wanted = ["by mutt"]
            for mechanism in ["oauthbearer", "xoauth2"] {
                let letter = Letters.plain(
                    "by \(mechanism)", from: "support@example.test", to: "jan@customer.test", number: wanted.count)
                let sent = try await house.msmtp(
                    "alice", from: "support@example.test", to: ["jan@customer.test"], letter, mechanism: mechanism,
                    token: token)
                #expect(sent.succeeded, "\(sent)")
                wanted.append("by \(mechanism)")
            }
            try await eventually(
                "the customer has all of them",
                holds: { try await SubmissionTests.subjects(house, "jan", "INBOX").sorted() == wanted.sorted() })
        }
    }

    @Test func `Issuers come and go with SIGHUP`() async throws {
        try await Self.with { place in
            let posthouse = place.house.posthouse
            let token = try place.token("alice")
            func opens() async throws -> Bool {
                try await place.house.curl("alice", "imaps", "/", token: token).succeeded
            }
            #expect(try await opens())
            let with = try String(contentsOfFile: posthouse.configuration, encoding: .utf8)
            let start = try #require(with.range(of: "issuers:"))
            try posthouse.directory.write(String(with[..<start.lowerBound]), to: "posthouse.yaml")
            posthouse.hangUp()
            try await eventually("tokens open nothing", holds: { try await !opens() })
            // With a mistake everything stays as it was.
            try posthouse.directory.write(with + "\n    oops: 1\n", to: "posthouse.yaml")
            posthouse.hangUp()
            try await posthouse.logged("everything stays as it was")
            #expect(try await !opens())
            try posthouse.directory.write(with, to: "posthouse.yaml")
            posthouse.hangUp()
            try await eventually("tokens open the door again", holds: { try await opens() })
        }
    }
}
