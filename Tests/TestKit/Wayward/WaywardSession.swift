internal import Foundation
internal import Glibc

/// One conversation with a wayward server, on a thread of its own.
final class WaywardSession {
    private let descriptor: Int32
    private let server: WaywardUpstream
    private var input: [UInt8] = []
    private var hasEnded = false
    private var selected: String?
    /// What the client has been told: by sequence number, UID and flags.
    private var told: [(uid: UInt32, flags: Set<String>)] = []

    /// How often it looks whether something has arrived while the client says nothing, in milliseconds.
    private static let lookInterval: Int32 = 20

    init(_ descriptor: Int32, of server: WaywardUpstream) {
        self.descriptor = descriptor
        self.server = server
    }

    /// Talks until the connection ends.
    func run() {
        say("* PREAUTH ready\r\n")
        while !hasEnded, let line = nextLine() {
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard words.count >= 2 else { return }
            obey(words[0], words[1].uppercased(), words.count > 2 ? words[2] : "")
        }
    }

    // MARK: Commands

    private func obey(_ tag: String, _ verb: String, _ rest: String) {
        if server.currentManner == .halfOpen {
            // Until the other side gives up.
            while nextLine() != nil {}
            return
        }
        switch verb {
        case "CAPABILITY": say("* CAPABILITY IMAP4rev1\r\n")
        case "LIST" where rest.hasSuffix(#" """#): say("* LIST (\\Noselect) \"/\" \"\"\r\n")
        case "LIST", "LSUB":
            for name in WaywardUpstream.mailboxes { say("* \(verb) () \"/\" \"\(name)\"\r\n") }
        case "SELECT", "EXAMINE":
            guard select(rest) else { return finish(tag, "NO not now") }
        case "STATUS": status(rest)
        case "NOOP", "CHECK": break
        case "CLOSE", "UNSELECT": selected = nil
        case "EXPUNGE": expunge()
        case "UID":
            let words = rest.split(separator: " ", maxSplits: 2).map(String.init)
            guard words.count > 1 else { return finish(tag, "BAD UID what?") }
            switch words[0].uppercased() {
            case "FETCH" where words.count == 3: fetch(uids(words[1]), words[2])
            case "STORE" where words.count == 3: store(uids(words[1]), words[2])
            case "SEARCH": say("* SEARCH\(shown.map { " \($0.uid)" }.joined())\r\n")
            default: return finish(tag, "BAD unknown")
            }
        case "LOGOUT":
            say("* BYE\r\n\(tag) OK\r\n")
            hasEnded = true
            return
        default: return finish(tag, "BAD unknown")
        }
        finish(tag, "OK done")
    }

    /// The tagged answer, after what there is to report and what the manner is.
    private func finish(_ tag: String, _ text: String) {
        report(withExpunges: true)
        switch server.currentManner {
        case .existsShrinks where selected != nil && !told.isEmpty: say("* \(told.count - 1) EXISTS\r\n")
        case .unknownTag: say("X99 OK done\r\nP99999 NO no\r\n\(tag)0 BAD bad\r\n")
        case .longLines: say("* OK \(String(repeating: "blah ", count: 200_000))\r\n")
        case .endlessLine: say("* OK \(String(repeating: "blah ", count: 2_000_000))")
        case .strayOctets: say("* OK nul \u{0} and \r cr\r\n* \u{0}\r\n\r\n")
        default: break
        }
        say("\(tag) \(text)\r\n")
        if server.currentManner == .byeWithoutClose {
            say("* BYE so long\r\n")
            while nextLine() != nil {}
        }
    }

    private func select(_ argument: String) -> Bool {
        let name = argument.filter { $0 != "\"" }
        selected = nil
        guard WaywardUpstream.mailboxes.contains(name), server.currentManner != .refusedSelect else { return false }
        if server.currentManner == .newValidity, server.isOddSelect() { server.change(name) { $0.renumber() } }
        let mailbox = server.mailbox(name)
        selected = name
        told = mailbox.messages.map { ($0.uid, $0.flags) }
        let exists =
            switch server.currentManner {
            case .existsTooHigh: told.count + 2
            case .existsTooLow: max(0, told.count - 1)
            case .existsNone: 0
            default: told.count
            }
        say(
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n* \(exists) EXISTS\r\n* 0 RECENT\r\n"
                + "* OK [UIDVALIDITY \(mailbox.uidValidity)] v\r\n* OK [UIDNEXT \(mailbox.uidNext)] n\r\n")
        return true
    }

    private func status(_ rest: String) {
        let name = String(rest.prefix { $0 != "(" }.filter { $0 != "\"" && $0 != " " })
        let mailbox = server.mailbox(name)
        let unseen = mailbox.messages.count { !$0.flags.contains("\\Seen") }
        say(
            "* STATUS \"\(name)\" (MESSAGES \(mailbox.messages.count) RECENT 0 UIDNEXT \(mailbox.uidNext) "
                + "UIDVALIDITY \(mailbox.uidValidity) UNSEEN \(unseen))\r\n")
    }

    private func expunge() {
        guard let selected else { return }
        server.change(selected) { $0.messages.removeAll { $0.flags.contains("\\Deleted") } }
    }

    private func store(_ uids: Set<UInt32>, _ rest: String) {
        guard let selected, let open = rest.firstIndex(of: "(") else { return }
        let flags = Set(rest[open...].filter { $0 != "(" && $0 != ")" }.split(separator: " ").map(String.init))
        server.change(selected) { mailbox in
            for index in mailbox.messages.indices where uids.contains(mailbox.messages[index].uid) {
                if rest.hasPrefix("+") {
                    mailbox.messages[index].flags.formUnion(flags)
                } else if rest.hasPrefix("-") {
                    mailbox.messages[index].flags.subtract(flags)
                } else {
                    mailbox.messages[index].flags = flags
                }
            }
        }
    }

    // MARK: FETCH

    private func fetch(_ uids: Set<UInt32>, _ rest: String) {
        let manner = server.currentManner
        guard manner != .silentFetch else { return }
        let wanted = shown.filter { uids.contains($0.uid) }
        for (place, message) in wanted.enumerated() {
            answer(message, rest, manner)
            guard place == 0 else { continue }
            switch manner {
            case .interruptedFetch:
                say("* \(told.count) EXISTS\r\n* 0 RECENT\r\n* OK still here\r\n* CAPABILITY IMAP4rev1\r\n")
                say("* 1 FETCH (FLAGS (\(told[0].flags.sorted().joined(separator: " "))))\r\n")
                say("* LIST () \"/\" \"Work\"\r\n* STATUS \"INBOX\" (MESSAGES 1)\r\n* FLAGS (\\Seen)\r\n")
            case .unaskedAnswers:
                say("* 99 FETCH (FLAGS (\\Deleted) UID 999 RFC822.SIZE 3 BODY[] {3}\r\nxyz)\r\n")
                say("* 77 FETCH (FLAGS (\\Deleted))\r\n* 1 FETCH (UID 998 FLAGS (\\Seen))\r\n")
            case .expungeInFetch where wanted.count > 1 && selected == "Work":
                server.change("Work") { if $0.messages.count > 2 { $0.messages.removeLast() } }
                report(withExpunges: true)
                say("* 77 EXPUNGE\r\n")
            default: break
            }
        }
    }

    private func answer(_ message: WaywardMailbox.Message, _ rest: String, _ manner: Manner) {
        guard let index = told.firstIndex(where: { $0.uid == message.uid }) else { return }
        told[index].flags = message.flags
        let asked = rest.uppercased()
        var items: [String] = []
        if manner != .missingUID, manner != .wrongNumbers { items.append("UID \(message.uid)") }
        if asked.contains("FLAGS") { items.append("FLAGS (\(message.flags.sorted().joined(separator: " ")))") }
        if asked.contains("INTERNALDATE") { items.append("INTERNALDATE \"21-Nov-2026 10:00:00 +0000\"") }
        if asked.contains("RFC822.SIZE") {
            let error = manner == .sizeTooHigh ? 100 : manner == .sizeTooLow ? -100 : 0
            items.append("RFC822.SIZE \(message.size + error)")
        }
        if asked.contains("ENVELOPE") {
            let envelope = message.envelope(eightBit: manner == .eightBitEnvelope)
            items.append("ENVELOPE \(manner == .wrongEnvelope ? "(NIL 7 \"x\" (5))" : envelope)")
        }
        if asked.contains("BODYSTRUCTURE") {
            items.append("BODYSTRUCTURE \(manner == .wrongStructure ? "(\"text\" (7) {3}\r\nabc)" : message.structure)")
        }
        var end = manner == .wrongNumbers ? " UID \(message.uid)" : ""
        let number = manner == .wrongNumbers ? (index + 1) % told.count + 1 : index + 1
        if asked.contains("BODY.PEEK[HEADER.FIELDS (REFERENCES)]") {
            items.append("BODY[HEADER.FIELDS (References)] {2}\r\n\r\n")
        } else if asked.contains("BODY.PEEK[HEADER]") {
            items.append("BODY[HEADER] {\(message.header.utf8.count)}\r\n\(message.header)")
        } else if asked.contains("BODY.PEEK[]") {
            let error = manner == .literalAnnouncedShort ? -10 : manner == .literalAnnouncedLong ? 10 : 0
            items.append("BODY[] {\(message.size + error)}\r\n\(message.text)")
            if manner == .cutInLiteral {
                say("* \(number) FETCH (\(items.joined(separator: " ").dropLast(message.text.count / 2))")
                hasEnded = true
                shutdown(descriptor, Int32(SHUT_RDWR))
                return
            }
        }
        end += ")\r\n"
        say("* \(number) FETCH (\(items.joined(separator: " "))\(end)")
    }

    // MARK: What the client knows

    /// The messages that the client has been told of and that are still there.
    private var shown: [WaywardMailbox.Message] {
        guard let selected else { return [] }
        let known = Set(told.map(\.uid))
        return server.mailbox(selected).messages.filter { known.contains($0.uid) }
    }

    /// The UIDs of a sequence set that name messages.
    private func uids(_ set: String) -> Set<UInt32> {
        let last = told.last?.uid ?? 0
        var uids: Set<UInt32> = []
        for element in set.split(separator: ",") {
            let ends = element.split(separator: ":").map { $0 == "*" ? last : UInt32($0) ?? 0 }
            guard let low = ends.min(), let high = ends.max() else { continue }
            uids.formUnion(shown.map(\.uid).filter { low...high ~= $0 })
        }
        return uids
    }

    /// Tells what has changed since the client was last told.
    private func report(withExpunges: Bool) {
        guard let selected else { return }
        let messages = server.mailbox(selected).messages
        let present = Set(messages.map(\.uid))
        if withExpunges {
            for index in told.indices.reversed() where !present.contains(told[index].uid) {
                told.remove(at: index)
                say("* \(index + 1) EXPUNGE\r\n")
            }
        }
        let known = Set(told.map(\.uid))
        let new = messages.filter { !known.contains($0.uid) }
        if !new.isEmpty {
            told += new.map { ($0.uid, $0.flags) }
            say("* \(told.count) EXISTS\r\n")
        }
        for index in told.indices {
            guard let now = messages.first(where: { $0.uid == told[index].uid }), now.flags != told[index].flags else {
                continue
            }
            told[index].flags = now.flags
            say("* \(index + 1) FETCH (FLAGS (\(now.flags.sorted().joined(separator: " "))))\r\n")
        }
    }

    // MARK: Octets

    /// The client's next line without its CRLF; nil at the end of the connection. News are told while it is waited for.
    private func nextLine() -> String? {
        while true {
            if let end = input.firstIndex(of: 10) {
                defer { input.removeFirst(end + 1) }
                return String(decoding: input[..<end].filter { $0 != 13 }, as: UTF8.self)
            }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, Self.lookInterval) > 0 else {
                // RFC 3501 §7.4.1: no EXPUNGE while no command is in progress.
                if server.currentManner == .none { report(withExpunges: false) }
                continue
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            input += chunk[..<count]
        }
    }

    private func say(_ text: String) {
        let octets = Array(text.utf8)
        switch server.currentManner {
        case .singleOctets: for octet in octets { send([octet]) }
        case .splitLineEnds:
            var piece: [UInt8] = []
            for octet in octets {
                piece.append(octet)
                guard octet == 13 else { continue }
                send(piece)
                // Long enough for the two to arrive apart.
                usleep(300)
                piece = []
            }
            send(piece)
        default: send(octets)
        }
    }

    private func send(_ octets: [UInt8]) {
        var sent = 0
        while sent < octets.count {
            let count = octets.withUnsafeBytes { bytes in
                Glibc.send(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}
