package import MailTypes

/// Where the parts of one message lie: a flat list with offsets into its octets, made by `MessageScanner` and stored
/// beside the message.
package struct MessageStructure: Hashable, Sendable {
    package enum Kind: UInt8, Sendable {
        /// Holds content, or is opaque because a bound was reached.
        case leaf
        /// Its children are the parts between its boundaries.
        case multipart
        /// `message/rfc822` or `message/global`: its one child is the enclosed message.
        case message
    }

    package struct Part: Hashable, Sendable {
        package var kind: Kind
        /// The index of the part around this one; nil for the message itself.
        package var parent: Int?
        /// From 1 among the parts of a multipart; 1 for the message itself and for an enclosed message.
        package var number: UInt32
        /// The header's octets, the empty line that ends it included.
        package var header: Range<Int>
        /// The body's octets, without the line break that belongs to the boundary after it.
        package var body: Range<Int>
        /// Line ends in `body`.
        package var lines: Int
        package var fields: ContentFields
        /// Of the message itself and of enclosed messages; nil for any other part.
        package var envelope: Envelope?
        /// A multipart or an enclosed message that a bound kept from being taken apart, or what follows the last part
        /// that is told apart.
        package var isOpaque: Bool

        init(parent: Int?, number: UInt32, start: Int) {
            kind = .leaf
            self.parent = parent
            self.number = number
            header = start..<start
            body = start..<start
            lines = 0
            fields = ContentFields()
            isOpaque = false
        }
    }

    /// In the order of their first octets, parents before children; the message itself comes first. Never empty.
    package let parts: [Part]
    /// Octets of the whole message.
    package let size: Int

    /// - Precondition: there is a part for the message itself.
    init(parts: [Part], size: Int) {
        precondition(!parts.isEmpty)
        self.parts = parts
        self.size = size
    }

    /// The part at the top: the message itself.
    package var root: Part { parts[0] }

    /// The indices of the parts directly inside the part at `index`, in order.
    package func children(of index: Int) -> [Int] {
        guard parts[index].kind != .leaf else { return [] }
        return parts.indices[(index + 1)...].filter { parts[$0].parent == index }
    }

    /// For each part the indices of the parts directly inside it.
    var allChildren: [[Int]] {
        var children = [[Int]](repeating: [], count: parts.count)
        for index in parts.indices {
            if let parent = parts[index].parent { children[parent].append(index) }
        }
        return children
    }

    /// The index of the part with these IMAP part numbers (RFC 9051 §6.4.5.1); nil when there is none. A message
    /// that is no multipart has one part, itself as number 1.
    package func index(of numbers: [UInt32]) -> Int? {
        var current = 0
        // Whether `current` is a message that is not yet named as a part of itself.
        var isWhole = true
        for number in numbers {
            if parts[current].kind == .message, !isWhole {
                guard let enclosed = child(1, of: current) else { return nil }
                current = enclosed
                isWhole = true
            }
            if parts[current].kind == .multipart {
                guard let part = child(number, of: current) else { return nil }
                current = part
            } else if !isWhole || number != 1 {
                return nil
            }
            isWhole = false
        }
        return current
    }

    func child(_ number: UInt32, of index: Int) -> Int? {
        parts.indices[(index + 1)...].first { parts[$0].parent == index && parts[$0].number == number }
    }

    /// IMAP's part numbers of the part at `index`; empty for the message itself and, after its own number, for an
    /// enclosed message that is a multipart (it is named as the part that encloses it).
    package func numbers(of index: Int) -> [UInt32] {
        var numbers: [UInt32] = []
        var current = index
        while let parent = parts[current].parent {
            if parts[parent].kind == .multipart { numbers.append(parts[current].number) }
            // An enclosed message that is no multipart has itself as part 1; so has the message at the top.
            if parts[parent].kind == .message, parts[current].kind != .multipart { numbers.append(1) }
            current = parent
        }
        if index != 0, parts[0].kind != .multipart { numbers.append(1) }
        return numbers.reversed()
    }
}

extension MessageStructure {
    /// The structure of this message once `header` has taken the place of its own: everything behind it moves.
    ///
    /// - Parameter header: the new header with its empty line; what it says of the content (`Content-…`) is as before.
    package func replacingHeader(_ header: [UInt8]) -> MessageStructure {
        let offset = header.count - root.header.upperBound
        func moved(_ range: Range<Int>) -> Range<Int> { range.lowerBound + offset..<range.upperBound + offset }
        var parts = parts
        for index in parts.indices {
            parts[index].body = moved(parts[index].body)
            parts[index].header = index == 0 ? 0..<header.count : moved(parts[index].header)
        }
        if parts[0].envelope != nil { parts[0].envelope = Envelope(header: MessageHeader(header)) }
        return MessageStructure(parts: parts, size: size + offset)
    }
}
