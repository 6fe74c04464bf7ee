import IMAPFront
import Loop
import SMTPRig
import TLS
import TestKit
import Testing

/// INPROGRESS (RFC 9585), in front of an upstream that answers when the test lets it.
@Suite(.timeLimit(.minutes(20))) struct ProgressTests {
    /// Holds back the answer to one command.
    private final class Gate: Sendable {
        private let held = Locked<Signal?>(nil)

        func hold(_ peer: ScriptedPeer) async {
            let signal = Signal(on: peer.connection.signal.loop)
            held.withLock { $0 = signal }
            _ = await signal.next(of: .work, until: signal.loop.now + .seconds(60))
        }

        func open() { held.withLock { $0 }?.raise(.work) }
    }

    private static func script(_ gate: Gate) -> ScriptedServer.Script {
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
                switch command {
                case let text where text.hasPrefix("AUTHENTICATE"): ok = "[CAPABILITY IMAP4rev1 UIDPLUS MOVE] in"
                case let text where text.hasPrefix("LIST "):
                    try await peer.say(
                        text == #"LIST "" """# ? #"* LIST (\Noselect) "/" """# : #"* LIST () "/" INBOX"#,
                        #"* LIST () "/" Other"#)
                case let text where text.hasPrefix("SELECT ") || text.hasPrefix("EXAMINE "):
                    try await peer.say(
                        "* FLAGS (\\Seen)", "* 2 EXISTS", "* OK [UIDVALIDITY 7] v", "* OK [UIDNEXT 3] n")
                case let text where text.contains("ENVELOPE") || text.contains("BODY.PEEK"): await gate.hold(peer)
                case let text where text.hasPrefix("UID FETCH"):
                    try await peer.say("* 1 FETCH (UID 1 FLAGS ())", "* 2 FETCH (UID 2 FLAGS ())")
                case let text where text.hasPrefix("UID SEARCH"):
                    await gate.hold(peer)
                    try await peer.say("* SEARCH 2")
                case let text where text.hasPrefix("UID COPY") || text.hasPrefix("UID MOVE"): await gate.hold(peer)
                default: break
                }
                try await peer.say("\(tag) OK \(ok)")
                if command == "LOGOUT" { return }
            }
        }
    }

    @Test(arguments: [
        ("UID SEARCH BODY seldom", "NIL NIL"), ("UID COPY 1:2 Other", "NIL NIL"), ("UID MOVE 1 Other", "NIL NIL"),
        ("FETCH 1:2 (ENVELOPE)", "0 2"), ("SORT (SUBJECT) UTF-8 ALL", "NIL NIL"),
    ])
    func tellsWhileACommandRuns(command: String, counts: String) async throws {
        let gate = Gate()
        let often = limits { $0.progressInterval = .milliseconds(20) }
        try await FrontHouse.with(limits: often, script: Self.script(gate)) { house in
            let client = try await house.client("alice")
            #expect(try await client.ok("CAPABILITY").untagged.joined().contains(" INPROGRESS"))
            try await client.ok("SELECT INBOX")
            try await client.dialogue.send("x \(command)")
            for _ in 0..<2 {
                let line = try await client.dialogue.line(containing: "INPROGRESS")
                #expect(line == "* OK [INPROGRESS (\"x\" \(counts))] Still at work")
            }
            gate.open()
            _ = try await client.dialogue.line(containing: "x ")
            #expect(try await client.ok("NOOP").lines(containing: "INPROGRESS").isEmpty)
            try await client.logout()
        }
    }

    @Test func saysNothingOfQuickCommands() async throws {
        try await FrontHouse.with { house in
            let client = try await house.client("alice")
            for command in ["SELECT INBOX", "SEARCH ALL", "FETCH 1:* FLAGS", "SORT (DATE) UTF-8 ALL"] {
                #expect(try await client.command(command).lines(containing: "INPROGRESS").isEmpty)
            }
            try await client.logout()
        }
    }
}
