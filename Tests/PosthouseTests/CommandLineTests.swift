import Foundation
import TestKit
import Testing

/// The program as an administrator calls it, in a directory of its own, without a daemon.
@Suite("The command line")
struct CommandLineTests {
    @Test func `What is added is listed, shown and removed`() async throws {
        try await Desk.with { desk in
            try await desk.succeed(
                [
                    "user", "add", "alice", "--full-name", "Alice Żółw", "--address", "alice@example.com",
                    "--password-fd", "0",
                ],
                input: "s3cret\n")
            try await desk.succeed(["user", "add", "bob", "--no-password"])
            try await desk.succeed(["group", "add", "helpdesk", "--member", "alice"])
            try await desk.succeed(["group", "member", "add", "helpdesk", "BOB"])
            try await desk.succeed(
                [
                    "server", "add", "one", "--imap", "imap.example.com", "--smtp", "[2001:db8::1]:2525", "--smtp-tls",
                    "starttls",
                ])
            try await desk.succeed(
                [
                    "account", "add", "support", "--server", "one", "--address", "support@example.com", "--identity",
                    "help@example.com,hilfe@example.com", "--password-fd", "0",
                ], input: "upstream secret")
            try await desk.succeed(["grant", "add", "support", "--group", "helpdesk", "--rights", "read,flag"])
            try await desk.succeed(["scanner", "set", "support"])

            let users = try await desk.json(["user", "list"]) as? [[String: Any]]
            #expect(users?.map { $0["name"] as? String } == ["alice", "bob"])
            #expect(users?.map { $0["hasPassword"] as? Bool } == [true, false])
            #expect(users?.first?["fullName"] as? String == "Alice Żółw")
            #expect(users?.first?["groups"] as? [String] == ["helpdesk"])
            let entries = users?.last?["accounts"] as? [[String: Any]]
            #expect(entries?.first?["account"] as? String == "support")
            #expect(entries?.first?["rights"] as? [String] == ["read", "flag"])

            let server = (try await desk.json(["server", "list"]) as? [[String: Any]])?.first
            #expect((server?["imap"] as? [String: Any])?["port"] as? Int == 993)
            #expect((server?["smtp"] as? [String: Any])?["host"] as? String == "2001:db8::1")
            #expect((server?["smtp"] as? [String: Any])?["port"] as? Int == 2525)

            let account = try await desk.json(["account", "show", "SUPPORT"]) as? [String: Any]
            #expect(account?["hasSecret"] as? Bool == true)
            #expect(account?["hasScanner"] as? Bool == true)
            #expect((account?["identities"] as? [String])?.count == 2)

            let table = try await desk.succeed(["grant", "list"])
            #expect(table.hasPrefix("GRANT  ACCOUNT  TO              RIGHTS      MAILBOXES"))
            #expect(table.contains("1      support  group helpdesk  read, flag  all"))

            try await desk.succeed(["grant", "remove", "1"])
            try await desk.succeed(["scanner", "remove", "support"])
            try await desk.succeed(["account", "remove", "support"])
            try await desk.succeed(["server", "remove", "one"])
            try await desk.succeed(["group", "remove", "helpdesk"])
            try await desk.succeed(["user", "remove", "alice"])
            try await desk.succeed(["user", "remove", "bob"])
            for kind in ["user", "group", "server", "account", "grant", "scanner", "ticket", "journal"] {
                #expect((try await desk.json([kind, "list"]) as? [Any])?.count == 0, "\(kind)")
            }
        }
    }

    @Test func `Only what is given changes`() async throws {
        try await Desk.with { desk in
            try await desk.succeed([
                "user", "add", "alice", "--no-password", "--full-name", "Alice", "--address", "a@b.example",
            ])
            let user = try await desk.json(["user", "set", "alice", "--active", "no"]) as? [String: Any]
            #expect(user?["isActive"] as? Bool == false)
            #expect(user?["fullName"] as? String == "Alice")
            #expect(user?["addresses"] as? [String] == ["a@b.example"])
            try await desk.succeed(["server", "add", "one", "--imap", "imap.example.com"])
            let server = try await desk.json(["server", "set", "one", "--imap-tls", "starttls", "--connections", "7"])
            let imap = (server as? [String: Any])?["imap"] as? [String: Any]
            #expect(imap?["host"] as? String == "imap.example.com")
            #expect(imap?["port"] as? Int == 143)
            try await desk.succeed(
                [
                    "account", "add", "own", "--server", "one", "--address", "a@b.example", "--private-to", "alice",
                    "--no-password",
                ])
            let account = try await desk.json([
                "account", "set", "own", "--sender-name", "A", "--monitored", "INBOX,Queue",
            ])
            #expect((account as? [String: Any])?["owner"] as? String == "alice")
            #expect((account as? [String: Any])?["monitored"] as? [String] == ["INBOX", "Queue"])
            try await desk.refused(
                1, ["grant", "add", "own", "--user", "alice", "--rights", "all"], "private")
        }
    }

    @Test func `A wrong call ends with 64 and tells what is wrong`() async throws {
        try await Desk.with { desk in
            for (words, text) in [
                ([], "no command is given"), (["uzer", "list"], "Did you mean `user`?"),
                (["user"], "`user` needs one word more"), (["user", "lsit"], "Did you mean `list`?"),
                (["user", "add"], "NAME is missing"),
                (["user", "add", "a", "b", "--no-password"], "one word too many"),
                (["user", "list", "--jsn"], "Did you mean --json?"),
                (["user", "add", "a/b", "--no-password"], "can't stand in a name"),
                (["user", "add", "a", "--address", "nobody", "--no-password"], "is not an e-mail address"),
                (["user", "add", "a"], "there is no terminal to ask for the password"),
                (["grant", "add", "a", "--rights", "read"], "either --user or --group is needed"),
                (["grant", "add", "a", "--user", "b"], "--rights is missing"),
                (["grant", "add", "a", "--user", "b", "--rights", "raed"], "Did you mean `read`?"),
                (["server", "add", "a"], "neither --imap nor --smtp is given"),
                (["server", "add", "a", "--imap", "host:port"], "is neither HOST nor HOST:PORT"),
                (["ticket", "show", "one"], "`one` is not a number"),
            ] as [([String], String)] {
                try await desk.refused(64, words, text)
            }
        }
    }

    @Test func `What can't be is refused with 1 and a way out`() async throws {
        try await Desk.with { desk in
            try await desk.succeed(["user", "add", "alice", "--no-password"])
            for (words, text) in [
                (["user", "add", "ALICE", "--no-password"], "there is a user `ALICE` already"),
                (["user", "show", "bob"], "`posthouse user list` tells which there are"),
                (["user", "password", "bob", "--password-fd", "0"], "there is no user `bob`"),
                (["group", "add", "g", "--member", "bob"], "there is no user `bob`"),
                (["group", "member", "remove", "g", "bob"], "there is no group `g`"),
                (
                    ["account", "add", "a", "--server", "s", "--address", "a@b.example", "--no-password"],
                    "there is no server `s`"
                ),
                (["grant", "remove", "7"], "there is no grant `7`"),
                (["ticket", "show", "7"], "there is no ticket `7`"),
                (["journal", "show", "7"], "there is no journal entry `7`"),
                (["scanner", "set", "x"], "there is no account `x`"),
            ] as [([String], String)] {
                try await desk.refused(1, words, text)
            }
        }
    }

    @Test func `Passwords come from a descriptor and leave no trace`() async throws {
        try await Desk.with { desk in
            try await desk.succeed(["user", "add", "alice", "--password-fd", "0"], input: "first-password\n")
            let first = try desk.databaseText
            #expect(!first.contains("first-password"))
            #expect(first.contains("SCRAM-SHA-256$"))
            try await desk.succeed(["user", "password", "alice", "--password-fd", "0"], input: "second password ż")
            try await desk.refused(65, ["user", "password", "alice", "--password-fd", "0"], "is empty", input: "\n")
            try await desk.refused(65, ["user", "password", "alice", "--password-fd", "77"], "descriptor 77")
            try await desk.refused(
                65, ["user", "password", "alice", "--password-fd", "0"], "at most",
                input: String(repeating: "x", count: 5000))
            let view = try await desk.json(["user", "password", "alice", "--remove"]) as? [String: Any]
            #expect(view?["hasPassword"] as? Bool == false)
            let verifier = try await desk.run(["user", "verifier", "--password-fd", "0"], input: "x\n", plain: true)
                .output
            #expect(verifier.hasPrefix("SCRAM-SHA-256$65536:"))
        }
    }

    @Test func `The site file is the master of its objects`() async throws {
        try await Desk.with { desk in
            try desk.configure(
                site: """
                    users: {alice: {name: Alice}}
                    groups: {helpdesk: {members: [alice]}}
                    """)
            // Setting her password brings the new site in, before any daemon has run.
            try await desk.succeed(["user", "password", "alice", "--password-fd", "0"], input: "x-password\n")
            #expect(try await desk.succeed(["user", "list"]).contains("site file"))
            for words in [
                ["user", "set", "alice", "--active", "no"], ["user", "remove", "alice"],
                ["group", "remove", "helpdesk"],
                ["group", "member", "remove", "helpdesk", "alice"],
            ] {
                try await desk.refused(1, words, "is kept in the site file")
            }
        }
    }

    @Test func `A scanner's rules come as in the site file`() async throws {
        try await Desk.with { desk in
            try await desk.succeed(["server", "add", "one", "--imap", "imap.example.com"])
            try await desk.succeed([
                "account", "add", "a", "--server", "one", "--address", "a@b.example", "--no-password",
            ])
            try await desk.succeed(
                ["scanner", "set", "a", "--file", "-"], input: "start: everything\ncreate-ticket: {queue: first}\n")
            let scanner = try await desk.json(["scanner", "show", "a"]) as? [String: Any]
            let rules = scanner?["rules"] as? [String: Any]
            #expect(rules?["start"] as? String == "everything")
            #expect((rules?["createTicket"] as? [String: Any])?["queue"] as? String == "first")
            try await desk.refused(
                65, ["scanner", "set", "a", "--file", "-"], "standard input:2:1: error: strat: is not a setting",
                input: "actions: []\nstrat: everything\n")
            try await desk.refused(
                1, ["scanner", "set", "a", "--file", "-"], "there is no user `zoe`",
                input: "create-ticket: {assignee: zoe}\n")
        }
    }

    @Test func `An account whose servers can't be reached is told so, with 69`() async throws {
        try await Desk.with { desk in
            // Port 1 of the loopback: nobody is there.
            try await desk.succeed(["server", "add", "one", "--imap", "127.0.0.1:1", "--imap-tls", "none"])
            try await desk.succeed([
                "account", "add", "a", "--server", "one", "--address", "a@b.example", "--no-password",
            ])
            let tried = try await desk.run(["account", "test", "a"])
            #expect(tried.exit == .code(69))
            #expect(tried.output.contains("imap  127.0.0.1:1: "))
            #expect(tried.output.contains("smtp  the server has no such service"))
            #expect(tried.errors.contains("a can't be used as it is"))
        }
    }

    @Test func `Commands say what keeps them from the databases`() async throws {
        try await Desk.with { desk in
            try await desk.refused(
                78, ["user", "list", "--config", "/nowhere.yaml"], "No such file or directory", plain: true)
            try await desk.succeed(["user", "list"])
            chmod(desk.directory("master.key"), 0o644)
            try await desk.refused(78, ["user", "list"], "others can read the master key")
            chmod(desk.directory("master.key"), 0o600)
            try desk.directory.write("no key\n", to: "master.key", mode: 0o600)
            try await desk.refused(78, ["user", "list"], "holds no master key")
            try FileManager.default.removeItem(atPath: desk.directory("master.key"))
            try desk.directory.write("no database", to: "data/store.db", mode: 0o600)
            try await desk.refused(74, ["user", "list"], "the database is damaged")
        }
    }

    /// What root makes in the service's directory must belong to the service.
    @Test(.enabled(if: geteuid() == 0)) func `Root acts as the owner of the data directory`() async throws {
        try await Desk.with { desk in
            let data = desk.directory("data")
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            chown(data, 65534, 65534)
            chown(desk.directory.path, 65534, 65534)
            try await desk.succeed(["user", "list"])
            var status = stat()
            #expect(stat("\(data)/store.db", &status) == 0)
            #expect(status.st_uid == 65534)
            #expect(status.st_mode & 0o077 == 0)
            #expect(stat(desk.directory("master.key"), &status) == 0)
            #expect(status.st_uid == 65534)
        }
    }

    @Test func `Help is there without a configuration`() async throws {
        let manual = try await ChildProcess.run([Repository.posthouse, "--help"])
        #expect(manual.succeeded)
        #expect(manual.output.hasPrefix("NAME\n  posthouse - "))
        let version = try await ChildProcess.run([Repository.posthouse, "version", "--json"])
        #expect(version.output.contains("\"version\" : \""))
        #expect(try await ChildProcess.run([Repository.posthouse, "--version"]).succeeded)
        for words in [
            ["user", "--help"], ["user", "add", "-h"], ["help", "grant", "add"], ["help", "ticket"], ["help"],
        ] {
            let help = try await ChildProcess.run([Repository.posthouse] + words)
            #expect(help.succeeded && !help.output.isEmpty, "\(words)")
        }
    }
}
