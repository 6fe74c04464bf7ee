import Bytes
import Loop
import SMTPRig
import TLS
import TestKit

/// Resident memory of Posthouse while it holds a mailbox of 1,000,000 messages open. Its provider is a script that has
/// nothing but numbers and flags: no server of this machine would fill such a mailbox in reasonable time.
enum LargeBenchmark {
    static let messages = 1_000_000
    static let mailbox = "Endless"

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        guard let process = bench.posthouse.processID else { throw Failure("posthouse does not run") }
        let before = Process.residentKibibytes(process)
        let port = bench.posthouse.imapsPort
        let (load, start) = (bench.through, MonotonicTime.now)
        let watcher = try await Watcher.open(mailbox, load, port, Bench.user, Bench.password)
        let seconds = Double(MonotonicTime.now.nanoseconds - start.nanoseconds) / 1e9
        let flags = try await load.run(clients: 1) { [load] _ in
            let client = try await LineClient.connect(to: port, tls: load.tls, on: load.loop)
            try await client.open(mailbox, user: Bench.user, password: Bench.password)
            let flags = try await client.imap("UID FETCH 1:* (FLAGS)")
            try await client.imap("LOGOUT")
            client.close()
            return flags
        }.first
        guard flags == messages else { throw Failure("\(flags ?? 0) messages are there") }
        // What was only needed to read it is given back when the account next looks after itself.
        try await Task.sleep(for: .seconds(20))
        let after = Process.residentKibibytes(process)
        report.say("  opened in \(seconds.text(1)) s; resident memory \(before) KiB before, \(after) KiB after")
        report.atMost(
            "memory to hold a mailbox of 1,000,000 messages open", Double(after - before) / 1024, 40, unit: "MiB")
        try await watcher.close()
    }

    /// The provider.
    static func provider(on loop: EventLoop, _ tls: ServerTLS) throws -> ScriptedServer {
        try ScriptedServer(on: loop, implicitTLS: tls) { peer in
            peer.patience = .seconds(3600)
            try await peer.say("* OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS LITERAL+] ready")
            while true {
                let words = try await peer.line().split(separator: " ", maxSplits: 2).map(String.init)
                guard words.count > 1 else { continue }
                let rest = words.count > 2 ? words[2] : ""
                switch words[1].uppercased() {
                case "LIST": try await peer.say("* LIST () \"/\" INBOX", "* LIST () \"/\" \(mailbox)")
                case "SELECT", "EXAMINE":
                    let count = rest.contains(mailbox) ? messages : 0
                    try await peer.say(
                        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)", "* \(count) EXISTS", "* 0 RECENT",
                        "* OK [UIDVALIDITY 7] ok", "* OK [UIDNEXT \(count + 1)] ok")
                case "UID" where rest.uppercased().hasPrefix("FETCH"):
                    for number in 1...messages {
                        peer.connection.output.append(text: "* \(number) FETCH (UID \(number) FLAGS (\\Seen))\r\n")
                        if number % 1000 == 0 { try await peer.say(octets: "") }
                    }
                case "IDLE":
                    try await peer.say("+ idling")
                    while try await peer.line().uppercased() != "DONE" {}
                case "LOGOUT":
                    try await peer.say("* BYE", "\(words[0]) OK done")
                    return
                default: break
                }
                try await peer.say("\(words[0]) OK done")
            }
        }
    }
}
