import IMAPFront
import Loop
import SMTPRig
import TLS
import TestKit
import Testing

/// INPROGRESS (RFC 9585).
@Suite("INPROGRESS", .timeLimit(.minutes(4)))
struct ProgressTests {
    /// Two messages in INBOX. What takes long upstream is answered once the test says so.
    private final class Mail: Sendable {
        let isReady = Locked(false)
    }

    private func slow(_ mail: Mail) -> ScriptedServer.Script {
        { peer in
            peer.patience = .seconds(60)
            try await peer.say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready")
            while true {
                let line: String
                do { line = try await peer.line() } catch { return }
                let words = line.split(separator: " ", maxSplits: 1).map(String.init)
                guard words.count == 2 else { continue }
                let (tag, command) = (words[0], words[1])
                var ok = "done"
                switch command.prefix(while: { $0 != "(" && $0 != "\"" }) {
                case let text where text.hasPrefix("AUTHENTICATE"): ok = "[CAPABILITY IMAP4rev1 UIDPLUS] in"
                case "LIST ":
                    try await peer.say(
                        command == #"LIST "" """# ? #"* LIST (\Noselect) "/" """# : #"* LIST () "/" INBOX"#)
                case "LSUB ": try await peer.say(#"* LSUB () "/" INBOX"#)
                case "SELECT ":
                    try await peer.say(
                        "* FLAGS (\\Seen)", "* 2 EXISTS", "* OK [UIDVALIDITY 7] v", "* OK [UIDNEXT 3] n")
                case let text where text.hasPrefix("UID FETCH"):
                    for uid in 1...2 where command.contains("1:") || command.contains("FETCH \(uid) ") {
                        try await peer.say("* \(uid) FETCH (UID \(uid) FLAGS ())")
                    }
                case let text where text.hasPrefix("UID SEARCH"):
                    await wait(for: mail, peer)
                    try await peer.say("* SEARCH 2")
                case let text where text.hasPrefix("UID COPY"): await wait(for: mail, peer)
                default: break
                }
                try await peer.say("\(tag) OK \(ok)")
                if command == "LOGOUT" { return }
            }
        }
    }

    private func wait(for mail: Mail, _ peer: ScriptedPeer) async {
        let loop = peer.connection.signal.loop
        while !mail.isReady.withLock({ $0 }) { await loop.sleep(until: loop.now + .milliseconds(5)) }
    }

    @Test(arguments: [
        ("UID SEARCH BODY tea", "NIL NIL", "OK Searched"), ("UID COPY 1 INBOX", "NIL NIL", "OK"),
    ])
    func tellsWhileTheUpstreamWorks(command: String, count: String, end: String) async throws {
        let mail = Mail()
        try await FrontHouse.with(limits: limits { $0.progressInterval = .milliseconds(20) }, script: slow(mail)) {
            house in
            let client = try await house.client("support*alice")
            #expect(try await client.ok("CAPABILITY").untagged.contains { $0.contains(" INPROGRESS") })
            try await client.ok("SELECT INBOX")
            try await client.dialogue.send("p1 \(command)")
            for _ in 0..<3 { try await client.dialogue.line(containing: #"* OK [INPROGRESS ("p1" \#(count))]"#) }
            mail.isReady.withLock { $0 = true }
            try await client.dialogue.line(containing: "p1 \(end)")
            // Nothing more is said of a command that is over.
            try await client.dialogue.silence(.milliseconds(100))
            try await client.logout()
        }
    }

    @Test func isSilentOnWhatIsQuick() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            try await client.ok("SELECT INBOX")
            for number in 0..<3 { _ = try await client.append(letter("\(number)"), to: "INBOX") }
            for command in ["UID SEARCH ALL", "SORT (SUBJECT) UTF-8 ALL", "FETCH 1:* BODY.PEEK[]", "COPY 1 INBOX"] {
                let answer = try await client.ok(command)
                #expect(!answer.untagged.contains { $0.contains("INPROGRESS") })
            }
            try await client.logout()
        }
    }

    @Test func countsTheMessagesOfAFetch() async throws {
        try await FrontHouse.with(limits: limits { $0.progressInterval = .zero }) { house in
            let upstream = try await house.upstream()
            for number in 0..<20 { _ = try await upstream.append(letter("\(number)"), to: "INBOX") }
            let client = try await house.client("support*alice")
            try await client.ok("SELECT INBOX")
            let answer = try await client.ok("FETCH 1:* BODY.PEEK[]")
            let notes = answer.untagged.filter { $0.contains("[INPROGRESS (") }
            #expect(notes.first?.contains(" 0 20)]") == true)
            #expect(notes.allSatisfy { $0.contains(" 0 20)]") || $0.contains(" 16 20)]") })
            #expect(answer.untagged.count - notes.count == 20)
        }
    }
}
