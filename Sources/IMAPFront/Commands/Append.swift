internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import TLS

/// An APPEND or a REPLACE whose messages are arriving.
final class PendingAppend {
    /// One for each literal that has begun: a message, or a part of one (RFC 4469).
    var spools: [Spool] = []
    /// Octets announced so far.
    var octets: UInt64 = 0
    /// Set when a message can't be taken; what still comes of the command is dropped.
    var refusal: Reply?
    /// Which of them hold a NUL, which only a binary literal may have (RFC 3516 §4.4).
    var hasNUL: Set<Int> = []
}

/// APPEND (RFC 9051 §6.3.12, RFC 3516 §4.4) of one message or several (RFC 3502): whether they may be saved is asked
/// before the client is told to send them, and none is saved before all are there. REPLACE (RFC 8508) goes the same way.
extension IMAPSession {
    func beginAppend(_ literal: CommandFramer.MessageLiteral) async {
        let pending: PendingAppend
        if case .appending(let begun) = activity { pending = begun } else { pending = PendingAppend() }
        activity = .appending(pending)
        if pending.refusal == nil { pending.refusal = await refusal(of: literal, after: pending) }
        guard pending.refusal == nil else { return framer.refuseLiteral() }
        pending.spools.append(engine.makeSpool(expecting: Int(clamping: literal.size)))
        pending.octets += literal.size
        framer.acceptLiteral()
        if literal.isSynchronizing { connection.output.append { (output) in output.appendContinuation() } }
    }

    /// Why a literal is not taken; nil when it is.
    private func refusal(
        of literal: CommandFramer.MessageLiteral, after pending: PendingAppend
    ) async -> Reply? {
        let command: Command
        do throws(IMAPSyntaxError) {
            command = try CommandParser.parseMessageStart(literal.start, utf8: speaksUTF8).command
        } catch { return Reply(error) }
        guard let saved = command.saved else { return .unknownCommand }
        guard let principal else { return .bad("Sign in first") }
        if let refusal = refusal(of: saved.messages) { return refusal }
        // With several messages this is how a client changes its mind (RFC 3502 §3).
        guard literal.size > 0 || saved.messages.last?.isCatenated ?? false else {
            return .no("The message is empty", .cannot)
        }
        guard pending.spools.isEmpty || leavesRoom(for: literal.size, after: pending.octets) else {
            return .tooManyOctets
        }
        guard pending.spools.isEmpty else { return nil }
        do throws(EngineError) {
            if case .replace(let replace) = command {
                guard let selection else { return .bad("Select a mailbox first") }
                do throws(Fault) { _ = try replaced(replace, selection) } catch { return error.reply }
                try await selection.mailbox.checkReplace(in: saved.mailbox)
            } else {
                try await engine.checkAppend(to: saved.mailbox, for: principal)
            }
            return nil
        } catch { return Self.reply(toTarget: error) }
    }

    /// Why messages like these are not taken, whatever is in them; nil when they are.
    private func refusal(of messages: [AppendCommand.Message]) -> Reply? {
        let limit = configuration.limits.appendedMessages
        guard messages.count <= limit else { return .no("More than \(limit) messages at a time", .limit) }
        guard usesUTF8 || !messages.contains(where: \.isUTF8) else { return .bad("UTF8=ACCEPT is not enabled") }
        return nil
    }

    /// Whether the messages of a command may have so many octets more. One alone may have what the engine takes.
    func leavesRoom(for count: UInt64, after octets: UInt64) -> Bool {
        let limit = configuration.limits.appendedOctets
        return count <= limit - min(octets, limit)
    }

    func takeAppended(_ bytes: [UInt8]) async {
        guard case .appending(let pending) = activity, pending.refusal == nil else { return }
        if bytes.contains(ASCII.nul) { pending.hasNUL.insert(pending.spools.count - 1) }
        do throws(EngineError) { try await pending.spools.last?.append(bytes) } catch {
            pending.refusal = Reply(error)
        }
    }

    /// Saves the messages, the whole command being read.
    func finishAppend(_ append: AppendCommand, _ principal: Principal) async throws(Fault) -> Reply {
        let messages = try await takeMessages(append.messages, principal)
        let outcome: AppendOutcome
        do throws(EngineError) {
            outcome = try await engine.append(messages, to: append.mailbox, for: principal)
        } catch { return Self.reply(toTarget: error) }
        noteOwn(outcome, of: messages, in: append.mailbox)
        return .ok("Saved", Self.code(outcome))
    }

    /// The messages of a command that is read as a whole, those of CATENATE put together.
    func takeMessages(
        _ messages: [AppendCommand.Message], _ principal: Principal
    ) async throws(Fault) -> [AppendMessage] {
        let pending: PendingAppend
        if case .appending(let begun) = activity { pending = begun } else { pending = PendingAppend() }
        activity = .commands
        if let refusal = pending.refusal ?? refusal(of: messages) { throw .reply(refusal) }
        guard messages.reduce(0, { $0 + $1.content.literalSizes.count }) == pending.spools.count else {
            throw .reply(.bad("Expected the literal of a message"))
        }
        return try await assemble(messages, pending, principal)
    }

    /// APPENDUID; nil when it is not known.
    static func code(_ outcome: AppendOutcome) -> ResponseCode? {
        guard let validity = outcome.uidValidity, !outcome.uids.isEmpty else { return nil }
        return .appendUID(validity, UIDRanges.of(outcome.uids))
    }

    /// As every refusal, but that a missing target might be made (RFC 9051 §7.1, TRYCREATE).
    static func reply(toTarget error: EngineError) -> Reply {
        if case .noSuchMailbox = error { return .no("There is no such mailbox", .tryCreate) }
        return Reply(error)
    }
}

extension Reply {
    /// The messages of one command are too large together.
    static let tooManyOctets = Reply.no("The messages are too large together", .tooBig)
}

extension Command {
    /// The messages that it saves, and where; nil when it saves none.
    fileprivate var saved: (mailbox: MailboxName, messages: [AppendCommand.Message])? {
        switch self {
        case .append(let append): (append.mailbox, append.messages)
        case .replace(let replace): (replace.mailbox, [replace.message])
        default: nil
        }
    }
}

extension AppendCommand.Message {
    /// It is put together here (RFC 4469).
    var isCatenated: Bool { if case .catenated = content { true } else { false } }

    /// It, or a part of it, is announced as UTF-8 (RFC 6855 §4).
    fileprivate var isUTF8: Bool {
        switch content {
        case .literal: false
        case .utf8: true
        case .catenated(let parts): parts.contains { if case .utf8 = $0 { true } else { false } }
        }
    }
}

/// UIDs in their order as ranges, as COPYUID and APPENDUID list them.
enum UIDRanges {
    static func of(_ uids: [UID]) -> [ClosedRange<UInt32>] {
        var ranges: [ClosedRange<UInt32>] = []
        for uid in uids {
            if let last = ranges.last, last.upperBound < .max, last.upperBound + 1 == uid.rawValue {
                ranges[ranges.count - 1] = last.lowerBound...uid.rawValue
            } else {
                ranges.append(uid.rawValue...uid.rawValue)
            }
        }
        return ranges
    }
}
