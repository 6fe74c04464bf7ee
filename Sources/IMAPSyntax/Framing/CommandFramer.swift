/// A command in complete bytes, without its line end.
package struct FramedCommand: Hashable, Sendable {
    /// Argument literals stand in it as on the wire (`{5}`, line end, octets); of a streamed literal only the head does.
    package var bytes: [UInt8]
    /// Where the heads of streamed literals begin.
    package var streamed: [Int]

    package init(bytes: [UInt8], streamed: [Int] = []) {
        self.bytes = bytes
        self.streamed = streamed
    }
}

/// Cuts what a client sends into commands and owns every limit on the way (RFC 9051 §2.2.1, RFC 7888).
///
/// It decides before a `+` whether a literal is accepted. A refused non-synchronising literal is consumed to its true
/// end, so its octets are never read as commands. The message literals of `APPEND` and `REPLACE` stream past it.
package struct CommandFramer: Sendable {
    package struct Limits: Sendable {
        /// Octets of one line, line end included.
        package var line = 65_536
        /// Octets of one literal that is an argument, not a message.
        package var argumentLiteral = 65_536
        /// Literals of one command.
        package var literals = 512
        /// Octets of one command, messages not counted.
        package var command = 262_144
        /// Octets of one message literal.
        package var message: UInt64 = 64 << 20
        /// Largest non-synchronising literal that is accepted; 4,096 where only LITERAL- is offered.
        package var nonSynchronizing: UInt64 = .max
        /// Octets consumed for nothing before the connection is given up.
        package var discarded: UInt64 = 256 << 20

        package init() {}

        /// For a client that has not signed in yet.
        package static let beforeSignIn: Limits = {
            var limits = Limits()
            limits.line = 16_384
            limits.argumentLiteral = 4_096
            limits.literals = 4
            limits.command = 32_768
            limits.message = 0
            limits.discarded = 65_536
            return limits
        }()
    }

    /// Why a command was dropped.
    package enum Reason: Hashable, Sendable {
        case lineTooLong
        case literalTooLarge
        /// A value of SETMETADATA is larger than an argument may be (RFC 5464 §4.3 has a code for it).
        case metadataTooLarge(limit: Int)
        case tooManyLiterals
        case commandTooLong
        /// The line or an argument literal that is not binary has a NUL in it.
        case nul
        /// `refuseLiteral` was called.
        case refusedByReceiver
    }

    package struct Refusal: Hashable, Sendable {
        /// Empty when it could not be read.
        package var tag: [UInt8]
        package var reason: Reason

        package init(tag: [UInt8], reason: Reason) {
            self.tag = tag
            self.reason = reason
        }
    }

    /// The literal of a message, announced and not yet accepted.
    package struct MessageLiteral: Hashable, Sendable {
        /// The command up to and with the literal's head; `CommandParser.parseMessageStart` reads it.
        package var start: FramedCommand
        package var size: UInt64
        /// Whether the client waits for a `+`.
        package var isSynchronizing: Bool
        package var isBinary: Bool

        package init(start: FramedCommand, size: UInt64, isSynchronizing: Bool, isBinary: Bool) {
            self.start = start
            self.size = size
            self.isSynchronizing = isSynchronizing
            self.isBinary = isBinary
        }
    }

    package enum Event: Hashable, Sendable {
        case command(FramedCommand)
        /// Send a continuation request now: the client waits to send an argument literal.
        case continuation
        /// Answer with `acceptLiteral` (and send a `+` when it is synchronising) or `refuseLiteral`.
        case literalStarted(MessageLiteral)
        /// At most 64 KiB of an accepted message.
        case literalBytes([UInt8])
        case literalEnded
        /// The command is dropped and consumed; the next event begins with another command.
        case refused(Refusal)
        /// As `refused`, and where the next command begins is not known: close the connection.
        case lost(Refusal)
    }

    package var limits: Limits

    /// What the next octet of the input belongs to.
    enum State: Sendable {
        case line
        /// Octets of an argument literal are still to come.
        case argument(UInt64)
        /// `literalStarted` was handed out.
        case announced(size: UInt64, isSynchronizing: Bool)
        case message(UInt64)
        case endOfMessage
        /// A refused line up to its end; `bytes` holds the last octets of it.
        case refusedLine
        /// Octets of a refused literal that the client sends all the same.
        case refusedLiteral(UInt64)
        /// All of a refused command is consumed.
        case refusedEnd
        /// Where the next command begins is not known any more.
        case lost
    }

    var state = State.line
    /// The command so far.
    var bytes: [UInt8] = []
    var streamed: [Int] = []
    /// Where the current line begins in `bytes`.
    var lineStart = 0
    var literalCount = 0
    /// Whether the argument literal that is being read is `~{…}`.
    var holdsBinary = false
    /// What has passed of a refused line before `bytes`.
    var passed = QuoteScan()
    /// Set while a refused command is consumed.
    var refusal: Refusal?
    var discardedCount: UInt64 = 0

    package init(limits: Limits = Limits()) { self.limits = limits }
}
