package import Bytes

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
/// end, so its octets are never read as commands. The message literals of `APPEND` stream past it.
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
        case tooManyLiterals
        case commandTooLong
        /// The line or an argument literal has a NUL in it.
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
        /// The command up to and with the literal's head; `CommandParser.parseAppendStart` reads it.
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

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// The next event in `input`, or nil when more octets are needed.
    package mutating func next(from input: inout ByteQueue) -> Event? { fatalError("not yet written") }

    /// Takes the announced message literal: its octets follow as events.
    /// - Precondition: the last event was `literalStarted`.
    package mutating func acceptLiteral() { fatalError("not yet written") }

    /// Refuses the announced message literal: the command is dropped, `refused` follows (after the literal's octets
    /// when the client sends them without waiting).
    /// - Precondition: the last event was `literalStarted`.
    package mutating func refuseLiteral() { fatalError("not yet written") }

    /// One line as it stands, for what is no command: an answer within AUTHENTICATE, the DONE of IDLE.
    package enum LineEvent: Hashable, Sendable {
        /// Without its line end.
        case line([UInt8])
        /// Longer than `limits.line`; consumed.
        case tooLong
        case lost
    }

    /// The next raw line in `input`, or nil when more octets are needed.
    /// - Precondition: no command has begun.
    package mutating func nextLine(from input: inout ByteQueue) -> LineEvent? { fatalError("not yet written") }
}
