internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import TLS

/// An APPEND whose message is arriving.
final class PendingAppend {
    let spool: Spool
    /// Set when the message can't be taken; what still comes of it is dropped.
    var refusal: Reply?

    init(spool: Spool, refusal: Reply? = nil) {
        self.spool = spool
        self.refusal = refusal
    }
}

/// APPEND (RFC 9051 §6.3.12): whether it may be saved is asked before the client is told to send it.
extension IMAPSession {
    func beginAppend(_ literal: CommandFramer.MessageLiteral) async {
        let pending = PendingAppend(spool: engine.makeSpool())
        pending.refusal = await refusal(of: literal)
        activity = .appending(pending)
        guard pending.refusal == nil else { return framer.refuseLiteral() }
        framer.acceptLiteral()
        if literal.isSynchronizing { connection.output.append { (output) in output.appendContinuation() } }
    }

    /// Why a message is not taken; nil when it is.
    private func refusal(of literal: CommandFramer.MessageLiteral) async -> Reply? {
        let command: Command
        do throws(IMAPSyntaxError) {
            command = try CommandParser.parseMessageStart(literal.start, utf8: usesRev2).command
        } catch { return Reply(error) }
        guard command.isOffered, case .append(let append) = command else { return .unknownCommand }
        guard let principal else { return .bad("Sign in first") }
        guard append.messages.count == 1 else { return .bad("MULTIAPPEND is not offered") }
        guard !literal.isBinary else { return .no("Binary messages are not taken", .unknownCTE) }
        guard literal.size > 0 else { return .no("The message is empty", .cannot) }
        do throws(EngineError) {
            try await engine.checkAppend(to: append.mailbox, for: principal)
            return nil
        } catch { return Self.reply(toTarget: error) }
    }

    func takeAppended(_ bytes: [UInt8]) async {
        guard case .appending(let pending) = activity, pending.refusal == nil else { return }
        do throws(EngineError) { try await pending.spool.append(bytes) } catch { pending.refusal = Reply(error) }
    }

    /// Saves the message, the whole command being read.
    func finishAppend(_ append: AppendCommand, _ principal: Principal) async throws(Fault) -> Reply {
        guard case .appending(let pending) = activity, append.messages.count == 1 else {
            return .bad("Expected the literal of a message")
        }
        activity = .commands
        if let refusal = pending.refusal { return refusal }
        let message = AppendMessage(
            flags: append.messages[0].flags, internalDate: append.messages[0].internalDate, content: pending.spool)
        let outcome: AppendOutcome
        do throws(EngineError) {
            outcome = try await engine.append([message], to: append.mailbox, for: principal)
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
