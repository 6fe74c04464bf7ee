/// How much of a message a preview is made of, and how long it is.
package struct PreviewLimits: Hashable, Sendable {
    /// Characters (code points) of a preview: RFC 8970 §3.3 asks for 200, and allows 256 at most.
    package var characters = 200
    /// Octets of the first read of a part; each further one takes four times as much in all.
    package var firstRead = 8192
    /// Octets of all text parts together, before decoding, that are read.
    package var octets = 1 << 18
    /// Text parts that are read.
    package var parts = 10

    package init() {}
    package static let standard = PreviewLimits()
}

extension MessageStructure {
    /// The beginning of what a person would read in the message (RFC 8970), as `PreviewReader` makes it.
    ///
    /// - Parameter read: gives the octets of the message in a range; fewer than asked for are taken as all there are.
    package func preview<Failure: Error>(
        limits: PreviewLimits = .standard, read: (Range<Int>) async throws(Failure) -> [UInt8]
    ) async throws(Failure) -> String {
        var reader = PreviewReader(self, limits: limits)
        while let range = reader.nextRange() { reader.take(try await read(range)) }
        return reader.text
    }
}

/// Makes the preview of a message (RFC 8970) of as little of it as that takes: plain text before HTML, without
/// quotations, signatures, marks of forwarding and invisible characters; blanks and line ends as one space.
/// A message that is nothing but quotation is shown as it is. It never fails.
package struct PreviewReader {
    private let limits: PreviewLimits
    /// The parts that may be read, the best last.
    private var waiting: [MessageStructure.Part]
    private var source: PreviewSource?
    private var octetsLeft: Int
    /// What was read and had nothing to say but quotation.
    private var passedOver: [PreviewSource] = []
    private var found: String?

    package init(_ structure: MessageStructure, limits: PreviewLimits = .standard) {
        self.limits = limits
        octetsLeft = limits.octets
        let indices = ContentPlan(structure).stretches.flatMap { $0.plain + $0.html }.prefix(limits.parts)
        waiting = indices.reversed().map { structure.parts[$0] }
    }

    /// Which octets of the message are needed next; nil when there is enough.
    package mutating func nextRange() -> Range<Int>? {
        guard found == nil else { return nil }
        while true {
            if let range = source?.nextRange(firstRead: limits.firstRead) { return range }
            putAside()
            guard octetsLeft > 0, let part = waiting.popLast() else { return nil }
            source = PreviewSource(part: part, limit: octetsLeft)
        }
    }

    /// Takes the octets asked for; fewer are taken as all there are.
    package mutating func take(_ octets: [UInt8]) {
        source?.take(octets)
        guard let source else { return }
        let preview = source.preview(keepsQuotes: false, limit: limits.characters)
        guard preview.isFull || source.isComplete else { return }
        if preview.text.isEmpty { putAside() } else { found = preview.text }
    }

    /// The preview, once there is enough; empty when there is no text.
    package var text: String {
        if let found { return found }
        for source in passedOver {
            let preview = source.preview(keepsQuotes: true, limit: limits.characters)
            if !preview.text.isEmpty { return preview.text }
        }
        return ""
    }

    private mutating func putAside() {
        guard let source else { return }
        octetsLeft -= source.octets.count
        passedOver.append(source)
        self.source = nil
    }
}

/// A text part as far as it is read.
private struct PreviewSource {
    private let part: MessageStructure.Part
    /// Octets of the part that are read at most.
    private let length: Int
    private(set) var octets: [UInt8] = []
    private var asked = 0

    init(part: MessageStructure.Part, limit: Int) {
        self.part = part
        length = min(part.body.count, limit)
    }

    /// Whether there is no more to be read, or no more may be.
    var isComplete: Bool { octets.count >= length || octets.count < asked }

    /// What is to be read next; nil when the part is complete.
    mutating func nextRange(firstRead: Int) -> Range<Int>? {
        guard !isComplete else { return nil }
        asked = min(length, max(1, firstRead, octets.count * 4))
        return part.body.lowerBound + octets.count..<part.body.lowerBound + asked
    }

    mutating func take(_ more: [UInt8]) { octets += more }

    func preview(keepsQuotes: Bool, limit: Int) -> PreviewText.Result {
        let text = part.text(octets)
        return PreviewText.of(
            part.isHTML ? PreviewHTML.text(text, keepsQuotes: keepsQuotes) : text, keepsQuotes: keepsQuotes,
            isComplete: isComplete, limit: limit)
    }
}
