import Loop
import SMTPRig
import TestKit
import Testing

/// Gmail's own items in front of an upstream that plays Gmail, and of one that is none.
@Suite(.timeLimit(.minutes(20)))
struct GmailTests {
    /// Two messages in INBOX with their labels, for as long as the server runs.
    private final class Mail: Sendable {
        let labels = Locked(["1": "\\Inbox", "2": "\\Inbox \"Entw&APw-rfe\""])
        let commands = Locked<[String]>([])
    }

    private func gmail(_ mail: Mail, _ capabilities: String = "X-GM-EXT-1") -> ScriptedServer.Script {
        { peer in
            peer.patience = .seconds(60)
            try await peer.say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready")
            while true {
                let line: String
                do { line = try await peer.line() } catch { return }
                let words = line.split(separator: " ", maxSplits: 1).map(String.init)
                guard words.count == 2 else { continue }
                let (tag, command) = (words[0], words[1])
                mail.commands.withLock { $0.append(command) }
                var ok = "done"
                switch command.prefix(while: { $0 != "(" && $0 != "\"" }) {
                case let text where text.hasPrefix("AUTHENTICATE"):
                    ok = "[CAPABILITY IMAP4rev1 UIDPLUS \(capabilities)] in"
                case "LIST ":
                    try await peer.say(
                        command == #"LIST "" """# ? #"* LIST (\Noselect) "/" """# : #"* LIST () "/" INBOX"#)
                case "LSUB ": try await peer.say(#"* LSUB () "/" INBOX"#)
                case "SELECT ":
                    try await peer.say(
                        "* FLAGS (\\Seen)", "* 2 EXISTS", "* OK [UIDVALIDITY 7] v", "* OK [UIDNEXT 3] n")
                case let text where text.hasPrefix("UID FETCH"): try await Self.fetch(command, mail, peer)
                case let text where text.hasPrefix("UID STORE 1 +X-GM-LABELS.SILENT"):
                    let added = command.drop { $0 != "(" }.dropFirst().dropLast()
                    mail.labels.withLock { $0["1", default: ""] += " \(added)" }
                case let text where text.hasPrefix("UID SEARCH"): try await peer.say("* SEARCH 2")
                default: break
                }
                try await peer.say("\(tag) OK \(ok)")
                if command == "LOGOUT" { return }
            }
        }
    }

    private static func fetch(_ command: String, _ mail: Mail, _ peer: ScriptedPeer) async throws {
        for uid in ["1", "2"] where command.contains("1:") || command.contains("FETCH \(uid) ") {
            var items = ["UID \(uid)"]
            if command.contains("FLAGS") { items.append("FLAGS ()") }
            if command.contains("X-GM-MSGID") { items.append("X-GM-MSGID 1278455344230334865\(uid)") }
            if command.contains("X-GM-THRID") { items.append("X-GM-THRID 1266894439832287888") }
            if command.contains("X-GM-LABELS") {
                items.append("X-GM-LABELS (\(mail.labels.withLock { $0[uid] ?? "" }))")
            }
            if command.contains("X-GM-COLOUR") { items.append("X-GM-COLOUR (red (\"dark\" 7))") }
            try await peer.say("* \(uid) FETCH (\(items.joined(separator: " ")))")
        }
    }

    @Test func passesThrough() async throws {
        let mail = Mail()
        try await FrontHouse.with(script: gmail(mail)) { house in
            let client = try await house.client("support*alice")
            #expect(try await client.ok("CAPABILITY").untagged.contains { $0.hasSuffix(" X-GM-EXT-1") })
            try await client.ok("SELECT INBOX")
            let fetched = try await client.ok("FETCH 1:2 (X-GM-MSGID X-GM-THRID X-GM-LABELS FLAGS)")
            let thread = "X-GM-THRID 1266894439832287888"
            #expect(
                fetched.untagged == [
                    "1 FETCH (UID 1 FLAGS () X-GM-MSGID 12784553442303348651 \(thread) X-GM-LABELS (\"\\\\Inbox\"))",
                    "2 FETCH (UID 2 FLAGS () X-GM-MSGID 12784553442303348652 \(thread) "
                        + "X-GM-LABELS (\"\\\\Inbox\" \"Entw&APw-rfe\"))",
                ])
            let other = try await client.ok("UID FETCH 2 x-gm-colour")
            #expect(other.untagged == ["2 FETCH (UID 2 X-GM-COLOUR (red (\"dark\" 7)))"])
            let stored = try await client.ok("STORE 1 +X-GM-LABELS (\\Important \"Zaleg&AUI-e\")")
            #expect(
                stored.untagged == ["1 FETCH (UID 1 X-GM-LABELS (\"\\\\Inbox\" \"\\\\Important\" \"Zaleg&AUI-e\"))"])
            #expect(try await client.ok("UID STORE 1 +X-GM-LABELS.SILENT (x)").untagged.isEmpty)
            #expect(try await client.command("UID STORE 1 (UNCHANGEDSINCE 5) X-GM-LABELS (x)").status.hasPrefix("BAD"))
            let found = try await client.ok("UID SEARCH X-GM-RAW \"has:attachment in:unread\"")
            #expect(found.untagged == ["SEARCH 2"])
            for key in ["X-GM-MSGID 7", "X-GM-THRID 8", "X-GM-LABELS foo"] {
                #expect(try await client.ok("SEARCH \(key)").untagged == ["SEARCH 2"])
            }
            #expect(mail.commands.withLock { $0.contains(#"UID SEARCH X-GM-RAW "has:attachment in:unread""#) })
            // Of somebody who may only read nothing is changed.
            let carol = try await house.client("carol")
            try await carol.ok("SELECT INBOX")
            try await carol.ok("FETCH 1 X-GM-LABELS")
            let refused = try await carol.command("STORE 1 +X-GM-LABELS (y)")
            #expect(refused.status.hasPrefix("NO"), "\(refused.status)")
            for client in [client, carol] { try await client.logout() }
        }
    }

    private static let commands = [
        "FETCH 1 X-GM-MSGID", "FETCH 1 (FLAGS X-GM-LABELS)", "FETCH 1 X-GM-COLOUR", "STORE 1 +X-GM-LABELS (x)",
        "SEARCH X-GM-RAW x", "SEARCH NOT X-GM-THRID 7",
    ]

    /// Neither told nor taken, and nothing of it goes upstream.
    @Test func isRefusedElsewhere() async throws {
        let mail = Mail()
        try await FrontHouse.with(script: gmail(mail, "IDLE")) { house in
            let client = try await house.client("support*alice")
            #expect(try await client.ok("CAPABILITY").untagged.allSatisfy { !$0.contains("X-GM") })
            for command in Self.commands { #expect(try await client.command(command).status.hasPrefix("BAD")) }
            try await client.ok("SELECT INBOX")
            for command in Self.commands { #expect(try await client.command(command).status.hasPrefix("BAD")) }
            #expect(mail.commands.withLock { !$0.contains { $0.contains("X-GM") } })
            try await client.logout()
        }
    }

    /// An upstream that has OBJECTID and SAVEDATE is asked for its own, once.
    @Test func anUpstreamsOwnIdentifiersPassThrough() async throws {
        let commands = Locked<[String]>([])
        try await FrontHouse.with(script: objects(commands)) { house in
            let client = try await house.client("support*alice")
            let selected = try await client.ok("SELECT INBOX")
            #expect(selected.untagged.contains { $0.hasPrefix("OK [MAILBOXID (F7)]") })
            #expect(try await client.ok("STATUS INBOX (MAILBOXID)").untagged == ["STATUS \"INBOX\" (MAILBOXID (F7))"])
            // What SELECT has told is not asked for again, and opening a mailbox takes one connection.
            #expect(commands.withLock { !$0.contains { $0.hasPrefix("STATUS") } })
            #expect(house.script?.connectionCount == 1)
            let items = "EMAILID (M1) THREADID (T1) SAVEDATE \"20-Nov-2026 10:00:00 +0000\""
            for _ in 0..<2 {
                let fetched = try await client.ok("FETCH 1 (EMAILID THREADID SAVEDATE)")
                #expect(fetched.untagged == ["1 FETCH (UID 1 \(items))"])
            }
            #expect(try await client.ok("SEARCH THREADID T1").untagged == ["SEARCH 1"])
            #expect(try await client.ok("SEARCH EMAILID M2").untagged == ["SEARCH"])
            #expect(try await client.ok("SEARCH SAVEDON 20-Nov-2026").untagged == ["SEARCH 1"])
            let asked = commands.withLock { $0.filter { $0.contains("EMAILID") } }
            #expect(asked == ["UID FETCH 1 (UID EMAILID THREADID SAVEDATE)"], "\(asked)")
            try await client.logout()
        }
    }

    private func objects(_ commands: Locked<[String]>) -> ScriptedServer.Script {
        { peer in
            peer.patience = .seconds(60)
            try await peer.say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready")
            while true {
                let line: String
                do { line = try await peer.line() } catch { return }
                let words = line.split(separator: " ", maxSplits: 1).map(String.init)
                guard words.count == 2 else { continue }
                let (tag, command) = (words[0], words[1])
                commands.withLock { $0.append(command) }
                var ok = "done"
                if command.hasPrefix("AUTHENTICATE") {
                    ok = "[CAPABILITY IMAP4rev1 OBJECTID SAVEDATE] in"
                } else if command == #"LIST "" """# {
                    try await peer.say(#"* LIST (\Noselect) "/" """#)
                } else if command.hasPrefix("LIST") {
                    try await peer.say(#"* LIST () "/" INBOX"#)
                } else if command.hasPrefix("SELECT") {
                    try await peer.say(
                        "* FLAGS (\\Seen)", "* 1 EXISTS", "* OK [UIDVALIDITY 7] v", "* OK [UIDNEXT 2] n",
                        "* OK [MAILBOXID (F7)] m")
                } else if command.hasPrefix("STATUS") {
                    try await peer.say(
                        #"* STATUS "INBOX" (MESSAGES 1 UNSEEN 1 UIDNEXT 2 UIDVALIDITY 7 MAILBOXID (F7))"#)
                } else if command.contains("EMAILID") {
                    try await peer.say(
                        "* 1 FETCH (UID 1 EMAILID (M1) THREADID (T1) SAVEDATE \"20-Nov-2026 10:00:00 +0000\")")
                } else if command.contains("FLAGS") {
                    try await peer.say("* 1 FETCH (UID 1 FLAGS ())")
                }
                try await peer.say("\(tag) OK \(ok)")
                if command == "LOGOUT" { return }
            }
        }
    }
}
