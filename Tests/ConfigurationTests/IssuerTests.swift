import Configuration
import HTTPClient
import OAuth
import TestKit
import Testing
import YAML

@Suite struct IssuerTests {
    private static func read(_ issuers: String) throws -> (issuers: [ProcessSettings.Issuer], problems: [String]) {
        let problems = ProblemList(file: "/etc/posthouse/posthouse.yaml")
        let text = "data-directory: /d\nmaster-key-file: k\nlisteners: []\nissuers:\n\(issuers)\n"
        let settings = ProcessSettings(
            try Document.parse(text), file: "/etc/posthouse/posthouse.yaml", directory: "/etc/posthouse",
            problems: problems)
        for problem in problems.problems { #expect(!problem.remedy.isEmpty && problem.position != nil) }
        return (
            settings?.issuers.map(\.value) ?? [],
            problems.problems.map { "\($0.position?.line ?? 0) \($0.setting): \($0.message)" }
        )
    }

    @Test func readsWhatCanBeWritten() throws {
        let (issuers, problems) = try Self.read(
            """
              - url: https://id.example.com/realms/staff
                audience: posthouse
              - url: https://login.example.net
                audience: "https://mail.example.com"
                scopes: [mail, openid]
                user-claim: email
                ca-file: ca.pem
                introspection:
                  url: https://login.example.net/ask
                  client-id: post house
                  client-secret-file: secrets/login
              - {url: "http://localhost:8080/", audience: a, jwks: "https://keys.example.com/x?y=z", user-claim: sub}
              - {url: "https://x.example", introspection: {client-id: c, client-secret-file: s}}
            """)
        #expect(problems == [])
        #expect(
            issuers.map(\.description) == [
                IssuerDescription(
                    address: try #require(WebAddress("https://id.example.com/realms/staff")), audience: "posthouse",
                    userClaim: "preferred_username", check: .keys(nil)),
                IssuerDescription(
                    address: try #require(WebAddress("https://login.example.net")),
                    audience: "https://mail.example.com", scopes: ["mail", "openid"], userClaim: "email",
                    check: .introspection(WebAddress("https://login.example.net/ask"), client: "post house"),
                    authorityFile: "/etc/posthouse/ca.pem"),
                IssuerDescription(
                    address: try #require(WebAddress("http://localhost:8080/")), audience: "a", userClaim: "sub",
                    check: .keys(WebAddress("https://keys.example.com/x?y=z"))),
                IssuerDescription(
                    address: try #require(WebAddress("https://x.example")), audience: nil, userClaim: "username",
                    check: .introspection(nil, client: "c")),
            ])
        #expect(
            issuers.map { $0.clientSecretFile?.value } == [
                nil, "/etc/posthouse/secrets/login", nil, "/etc/posthouse/s",
            ])
    }

    @Test(arguments: [
        ("- {audience: a}", "5 issuers[0].url: is missing"),
        ("- {url: id.example.com, audience: a}", "5 issuers[0].url: `id.example.com` is not a URL"),
        (
            "- {url: \"https://u@id.example.com\", audience: a}",
            "5 issuers[0].url: `https://u@id.example.com` is not a URL"
        ),
        (
            "- {url: \"http://id.example.com\", audience: a}",
            "5 issuers[0].url: http://id.example.com is not encrypted, so that anybody between could sign in as anybody"
        ),
        ("- {url: \"https://id.example.com?x\", audience: a}", "5 issuers[0].url: an issuer has no query"),
        (
            "- {url: \"https://id.example.com\"}",
            "5 issuers[0].audience: is missing, and tokens for any other service of this issuer would sign people in"
        ),
        (
            "- {url: \"https://id.example.com\", audience: a, scopes: [a b]}",
            "5 issuers[0].scopes[0]: `a b` is not a scope"
        ),
        (
            "- {url: \"https://id.example.com\", audience: a, jwks: \"http://id.example.com/k\"}",
            "5 issuers[0].jwks: http://id.example.com/k is not encrypted, so that anybody between could sign in as anybody"
        ),
        (
            "- {url: \"https://id.example.com\", introspection: {client-secret-file: s}}",
            "5 issuers[0].introspection.client-id: is missing"
        ),
        (
            "- {url: \"https://id.example.com\", introspection: {client-id: c}}",
            "5 issuers[0].introspection.client-secret-file: is missing"
        ),
        (
            "- {url: \"https://id.example.com\", introspection: {client-id: c, client-secret: s, client-secret-file: f}}",
            "5 issuers[0].introspection.client-secret: is not a setting"
        ),
        (
            "- {url: \"https://id.example.com\", jwks: \"https://a.example\", introspection: {client-id: c, client-secret-file: f}}",
            "5 issuers[0].jwks: is not used: the issuer is asked about each token"
        ),
        ("- {url: \"https://id.example.com\", audience: a, secret: s}", "5 issuers[0].secret: is not a setting"),
        (
            "- {url: \"https://id.example.com\", audience: a}\n- {url: \"https://id.example.com\", audience: b}",
            "6 issuers[1]: https://id.example.com is the issuer in line 5 already"
        ),
        ("- 5", "5 issuers[0]: settings are expected here, not a single value"),
    ])
    func findsMistakes(_ text: String, _ problem: String) throws {
        let indented = text.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        let problems = try Self.read(indented).problems
        #expect(problems.contains(problem), "\(problems)")
    }

    @Test func hasALimit() throws {
        let many = (0...ProcessSettings.Issuer.limit).map { "  - {url: \"https://i\($0).example\", audience: a}" }
        let (issuers, problems) = try Self.read(many.joined(separator: "\n"))
        #expect(issuers.count == ProcessSettings.Issuer.limit && problems.count == 1)
    }

    /// What stands behind a # in the example can be used as it is.
    @Test func theExampleIsRight() throws {
        let lines = String(
            decoding: try LocalFile.read(Repository.file("conf/posthouse.yaml"), limit: 1 << 20).bytes, as: UTF8.self
        ).split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex(of: "# issuers:"))
        let example = lines[(start + 1)...].prefix { $0.hasPrefix("#   ") }.map { line in
            let text = String(line.dropFirst(2))
            return text.replacing("# url: ", with: "url: ").replacing("# jwks: ", with: "jwks: ")
        }
        let (issuers, problems) = try Self.read(example.joined(separator: "\n"))
        #expect(problems == [] && issuers.count == 2)
        #expect(issuers.map(\.description.userClaim) == ["preferred_username", "username"])
        #expect(issuers.last?.clientSecretFile?.value == "/etc/posthouse/secrets/login")
    }
}
