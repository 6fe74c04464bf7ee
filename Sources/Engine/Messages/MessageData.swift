package import MIME
package import MailTypes

/// What a FETCH needs to know of each message, beyond UID and flags, which the mirror always knows.
package struct MessageNeeds: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let internalDate = MessageNeeds(rawValue: 1)
    package static let size = MessageNeeds(rawValue: 2)
    package static let envelope = MessageNeeds(rawValue: 4)
    package static let structure = MessageNeeds(rawValue: 8)
    /// The message's header block, ending with its empty line.
    package static let header = MessageNeeds(rawValue: 16)
    /// The message itself: any part of it can then be read.
    package static let body = MessageNeeds(rawValue: 32)
    /// The values of the References fields, which ENVELOPE does not have.
    package static let references = MessageNeeds(rawValue: 128)
}

/// One message as a FETCH answers it. What was not asked for is nil, unless it cost nothing to know.
package struct MessageData: Sendable {
    package var uid: UID
    package var flags: [Flag]
    package var modSeq: ModSeq
    package var internalDate: Moment?
    /// RFC822.SIZE in octets.
    package var size: UInt64?
    package var envelope: Envelope?
    package var structure: BodyStructure?
    package var header: [UInt8]?
    /// The chosen fields of the header, and its empty line, where a selection was asked for (`HeaderSelection`).
    package var fields: [UInt8]?
    package var references: [[UInt8]]?
    package var body: MessageBody?
}

/// A message whose octets are at hand, in the cache or in memory.
package struct MessageBody: Sendable {
    /// Where each part lies.
    package let structure: MessageStructure
    /// Octets of the whole message.
    package let size: Int
    /// The whole message when it is small enough to have come along.
    package let inline: [UInt8]?
    let source: @Sendable (Range<Int>) async throws(EngineError) -> [UInt8]

    /// - Parameter source: gives the octets of a range within the message.
    package init(
        structure: MessageStructure, inline: [UInt8]?,
        source: @escaping @Sendable (Range<Int>) async throws(EngineError) -> [UInt8]
    ) {
        self.structure = structure
        size = structure.size
        self.inline = inline
        self.source = source
    }

    /// The octets of a range, cut to the message's end. A caller streams a large range in pieces of
    /// `pieceSize`, so that no message is ever one array.
    package func read(_ range: Range<Int>) async throws(EngineError) -> [UInt8] {
        let range = range.clamped(to: 0..<size)
        if let inline { return Array(inline[range]) }
        return try await source(range)
    }

    /// The most that one `read` should ask for, in octets.
    package static let pieceSize = 65536
}
