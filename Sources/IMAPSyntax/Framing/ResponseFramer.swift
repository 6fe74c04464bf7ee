package import MailTypes

/// A response in complete bytes, without its line end.
package struct FramedResponse: Hashable, Sendable {
    /// Literals stand in it as on the wire; of a streamed literal only the head does.
    package var bytes: [UInt8]
    /// Where the heads of streamed literals begin.
    package var streamed: [Int]

    package init(bytes: [UInt8], streamed: [Int] = []) {
        self.bytes = bytes
        self.streamed = streamed
    }
}

/// Cuts what an upstream server sends into responses. Large body literals stream past it, so no message is one array.
package struct ResponseFramer: Sendable {
    package struct Limits: Sendable {
        /// Octets of one response, streamed literals not counted. ENVELOPE and BODYSTRUCTURE of large messages are long.
        package var response = 8 << 20
        /// A body literal of at most this many octets stands inline in the response.
        package var inlineBody = 16_384
        /// Literals of one response that do not stand inline.
        package var streamed = 256

        package init() {}
    }

    /// The body literal that is about to stream.
    package struct Body: Hashable, Sendable {
        /// 0 in a `UIDFETCH`, which always has a UID.
        package var sequenceNumber: UInt32
        /// Nil when the server writes UID after the body; the response itself follows in any case and has it.
        package var uid: UID?
        /// As in `FetchedSection`.
        package var section: BodySection
        package var isBinary: Bool
        /// The octet at which a partial begins, nil for a whole section.
        package var origin: UInt64?
        package var size: UInt64

        package init(
            sequenceNumber: UInt32, uid: UID?, section: BodySection, isBinary: Bool, origin: UInt64?, size: UInt64
        ) {
            self.sequenceNumber = sequenceNumber
            self.uid = uid
            self.section = section
            self.isBinary = isBinary
            self.origin = origin
            self.size = size
        }
    }

    package enum Event: Hashable, Sendable {
        case response(FramedResponse)
        case bodyStarted(Body)
        /// At most 64 KiB.
        case bodyBytes([UInt8])
        /// The FETCH response that the body belongs to follows later, with the section as `.streamed`.
        case bodyEnded
        /// A response exceeds its limit: the stream can't be followed any further.
        case lost
    }

    package var limits: Limits

    enum State: Sendable {
        case line
        /// Octets of a literal that stands inline.
        case inline(UInt64)
        /// Octets of a literal handed out as events.
        case body(UInt64)
        case endOfBody
        /// Octets of a literal that is too large for what it is; read as a bad value.
        case oversized(UInt64)
        case lost
    }

    var state = State.line
    /// The response so far.
    var bytes: [UInt8] = []
    var streamed: [Int] = []
    /// Where the current line begins in `bytes`.
    var lineStart = 0

    package init(limits: Limits = Limits()) { self.limits = limits }
}
