internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import TLS

/// An APPEND whose messages are arriving.
final class PendingAppend {
    /// One for each message that has begun.
    var spools: [Spool] = []
    /// Octets announced so far.
    var octets: UInt64 = 0
    /// Set when a message can't be taken; what still comes of the command is dropped.
    var refusal: Reply?
    /// Which of them hold a NUL, which only a binary literal may have (RFC 3516 §4.4).
    var hasNUL: Set<Int> = []
}

/// APPEND (RFC 9051 §6.3.12, RFC 3516 §4.4) of one message or several (RFC 3502): whether they may be saved is asked
/// before the client is told to send them, and none is saved before all are there.
extension IMAPSession {
    func beginAppend(_ literal: CommandFramer.MessageLiteral) async {
        let pending: PendingAppend
        if case .appending(let begun) = activity { pending = begun } else { pending = PendingAppend() }
        activity = .appending(pending)
        if pending.refusal == nil { pending.refusal = await refusal(of: literal, after: pending) }
        guard pending.refusal == nil else { return framer.refuseLiteral() }
        pending.spools.append(engine.makeSpool())
        pending.octets += literal.size
        framer.acceptLiteral()
        if literal.isSynchronizing { connection.output.append { (output) in output.appendContinuation() } }
    }

    /// Why a message is not taken; nil when it is.
    private func refusal(
        of literal: CommandFramer.MessageLiteral, after pending: PendingAppend
    ) async -> Reply? {
        let command: Command
        do throws(IMAPSyntaxError) {
            command = try CommandParser.parseMessageStart(literal.start, utf8: usesRev2).command
        } catch { return Reply(error) }
        guard command.isOffered, case .append(let append) = command else { return .unknownCommand }
        guard let principal else { return .bad("Sign in first") }
        let limits = configuration.limits
        guard append.messages.count <= limits.appendedMessages else {
            return .no("More than \(limits.appendedMessages) messages at a time", .limit)
        }
        // With several messages this is how a client changes its mind (RFC 3502 §3).
        guard literal.size > 0 else { return .no("The message is empty", .cannot) }
        guard
            pending.spools.isEmpty || literal.size <= limits.appendedOctets - min(pending.octets, limits.appendedOctets)
        else { return .no("The messages have more than \(limits.appendedOctets) octets", .tooBig) }
        guard pending.spools.isEmpty else { return nil }
        do throws(EngineError) {
            try await engine.checkAppend(to: append.mailbox, for: principal)
            return nil
        } catch { return Self.reply(toTarget: error) }
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
        guard case .appending(let pending) = activity, append.messages.count == pending.spools.count else {
            activity = .commands
            return .bad("Expected the literal of a message")
        }
        activity = .commands
        if let refusal = pending.refusal { return refusal }
        let messages = zip(append.messages, pending.spools).enumerated().map { index, pair in
            AppendMessage(
                flags: pair.0.flags, internalDate: pair.0.internalDate, content: pair.1,
                isBinary: pending.hasNUL.contains(index))
        }
        let outcome: AppendOutcome
        do throws(EngineError) {
            outcome = try await engine.append(messages, to: append.mailbox, for: principal)
        } catch { return Self.reply(toTarget: error) }
        guard let validity = outcome.uidValidity, !outcome.uids.isEmpty else { return .ok("Saved") }
        return .ok("Saved", .appendUID(validity, UIDRanges.of(outcome.uids)))
    }

    /// As every refusal, but that a missing target might be made (RFC 9051 §7.1, TRYCREATE).
    static func reply(toTarget error: EngineError) -> Reply {
        if case .noSuchMailbox = error { return .no("There is no such mailbox", .tryCreate) }
        return Reply(error)
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
