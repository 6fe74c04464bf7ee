import Foundation
import TestKit
import Testing

@Suite("posthouse check")
struct CheckTests {
    @Test func `The example files pass as they are`() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        for name in ["posthouse.yaml", "site.yaml"] {
            let text = try String(contentsOfFile: Repository.file("conf/\(name)"), encoding: .utf8)
            try directory.write(text, to: "conf/\(name)")
        }
        let certificates = try await Certificates.make(in: directory("certs"))
        try FileManager.default.copyItem(atPath: certificates.chain, toPath: directory("certs/posthouse.crt"))
        try FileManager.default.copyItem(atPath: certificates.key, toPath: directory("certs/posthouse.key"))
        let path = directory("conf/posthouse.yaml")
        let checked = try await ChildProcess.run([Repository.posthouse, "check", "--config", path])
        #expect(checked.output == "\(path): no problems\n")
        #expect(checked.errors == "")
        #expect(checked.exit == .code(0))
        #expect(!FileManager.default.fileExists(atPath: directory("var")), "a check makes nothing")
    }

    @Test func `A file full of mistakes has each of them listed, with line and remedy`() async throws {
        try await Desk.with { desk in
            try desk.directory.write(
                """
                host-name: mail_.example com
                data-dir: data
                data-directory: data
                master-key-file: master.key
                site-file: site.yaml
                listeners:
                  - {service: imap, address: localhost}
                  - {service: imaps, address: 127.0.0.1, port: 1993}
                  - {service: imap, address: 127.0.0.1, port: 1993}
                certificate: {chain-file: nowhere.crt, key-file: nowhere.key}
                log: {level: loud}
                limits: {idle-time: 10, recipients: 5}
                """, to: "posthouse.yaml")
            try desk.directory.write("x\n", to: "master.key", mode: 0o666)
            try desk.directory.write(
                """
                users:
                  alice: {adress: alice@example.com}
                groups:
                  helpdesk: {members: [alice, bbo]}
                accounts:
                  support: {server: nowhere, address: support, password-file: missing}
                grants:
                  - {account: support, user: alcie, rights: [raed]}
                """, to: "site.yaml")
            let checked = try await desk.run(["check"])
            #expect(checked.exit == .code(78))
            let lines = checked.output.split(separator: "\n").map(String.init)
            let problems = lines.filter { !$0.hasPrefix("    ") }.map { line in
                // Behind the bracket are OpenSSL's own words.
                String(line.replacing("\(desk.directory.path)/", with: "").prefix { $0 != "(" })
                    .replacing("nowhere.crt ", with: "nowhere.crt")
            }
            #expect(
                problems == [
                    "posthouse.yaml:1:12: error: host-name: `mail_.example com` is not a host name",
                    "posthouse.yaml:2:1: error: data-dir: is not a setting",
                    "posthouse.yaml:4:18: error: master-key-file: master.key has mode 0666: others can reach the key",
                    "posthouse.yaml:7:30: error: listeners[0].address: `localhost` is not an address in numbers",
                    "posthouse.yaml:9:5: error: listeners[2]: 127.0.0.1:1993 is taken by the listener in line 8",
                    "posthouse.yaml:10:27: error: certificate.chain-file: cannot read a certificate chain from nowhere.crt",
                    "posthouse.yaml:11:14: error: log.level: `loud` is not a word for this",
                    "posthouse.yaml:12:21: error: limits.idle-time: `10` is not a time",
                    "posthouse.yaml:12:37: error: limits.recipients: 5 is out of range",
                    "site.yaml:2:11: error: users.alice.adress: is not a setting",
                    "site.yaml:4:31: error: groups.helpdesk.members: there is no user `bbo`",
                    "site.yaml:6:21: error: accounts.support.server: there is no server `nowhere`",
                    "site.yaml:6:39: error: accounts.support.address: `support` is not an e-mail address",
                    "site.yaml:8:30: error: grants[0].user: there is no user `alcie`",
                    "site.yaml:8:46: error: grants[0].rights[0]: `raed` is not a word for this",
                ])
            #expect(lines.count { $0.hasPrefix("    ") } == problems.count, "each has a remedy")
            let report = try await desk.run(["check", "--json"])
            #expect(report.exit == .code(78))
            let tree = try JSONSerialization.jsonObject(with: Data(report.output.utf8)) as? [String: Any]
            #expect(tree?["isValid"] as? Bool == false)
            #expect((tree?["problems"] as? [[String: Any]])?.count == problems.count)
        }
    }

    @Test func `Objects made by command may be named in the site file`() async throws {
        try await Desk.with { desk in
            try desk.configure(site: "groups: {helpdesk: {members: [zoe]}}\n")
            let before = try await desk.run(["check"])
            #expect(before.exit == .code(78))
            #expect(before.output.contains("there is no user `zoe`"))
            try await desk.succeed(["user", "add", "zoe", "--no-password"])
            #expect(try await desk.run(["check"]).exit == .code(0))
        }
    }
}
