internal import Bytes

/// What a message says, for recording it.
package struct MessageContent: Hashable, Sendable {
    /// How much is read and kept.
    package struct Limits: Hashable, Sendable {
        /// Octets of one text part, before decoding, that are read.
        package var partLength = 2 << 20
        /// Octets in UTF-8 of the text, and of the HTML before it is sanitised, that are kept.
        package var textLength = 1 << 20
        /// Text parts that are read.
        package var textParts = 100
        /// Attachments listed.
        package var attachments = 1000

        package init() {}
        package static let standard = Limits()
    }

    /// The best text: plain parts where there are any, else the HTML as text. Lines end in LF.
    package var text: String
    /// The HTML, sanitised; nil when there is none.
    package var html: String?
    package var attachments: [Attachment]
    /// Whether a limit cut something off.
    package var isTruncated: Bool
}

extension MessageStructure {
    /// The attachments, found without reading the message.
    package func attachments(limit: Int = MessageContent.Limits.standard.attachments) -> [Attachment] {
        ContentPlan(self).attachments.prefix(limit).map { Attachment($0, of: self) }
    }

    /// Reads the text parts and makes text, HTML and attachment list of them.
    /// - Parameter read: gives the octets of the message in a range.
    package func content<Failure: Error>(
        limits: MessageContent.Limits = .standard, read: (Range<Int>) async throws(Failure) -> [UInt8]
    ) async throws(Failure) -> MessageContent {
        let plan = ContentPlan(self)
        var writer = ContentWriter(limits: limits)
        for stretch in plan.stretches {
            var plain: [String] = []
            for index in stretch.plain where writer.mayReadMore() {
                let octets = try await read(writer.range(of: parts[index]))
                plain.append(parts[index].text(octets))
            }
            var html: [String] = []
            for index in stretch.html where writer.mayReadMore() {
                let octets = try await read(writer.range(of: parts[index]))
                html.append(parts[index].text(octets))
            }
            writer.add(plain: plain, html: html)
        }
        let attachments = plan.attachments.prefix(limits.attachments).map { Attachment($0, of: self) }
        return writer.content(attachments: attachments, wasCut: plan.attachments.count > limits.attachments)
    }
}

/// Puts the stretches of a message's text together within the limits.
private struct ContentWriter {
    private let limits: MessageContent.Limits
    private var text = ""
    /// Made once a stretch has come as HTML: what came before it as plain text is in it too.
    private var html: String?
    /// The plain stretches up to the first that came as HTML.
    private var plainStretches: [String] = []
    private var partCount = 0
    private var isTruncated = false

    init(limits: MessageContent.Limits) { self.limits = limits }

    /// Counts a part that is about to be read; false when no more may be.
    mutating func mayReadMore() -> Bool {
        partCount += 1
        let may = partCount <= limits.textParts && text.utf8.count < limits.textLength
        if !may { isTruncated = true }
        return may
    }

    /// The part's octets that are read.
    mutating func range(of part: MessageStructure.Part) -> Range<Int> {
        if part.body.count > limits.partLength { isTruncated = true }
        return part.body.prefix(limits.partLength)
    }

    /// Adds a stretch that has come in one or two forms. A plain form without a word gives way to the HTML.
    mutating func add(plain: [String], html: [String]) {
        guard !plain.isEmpty || !html.isEmpty else { return }
        let markup = cut(html.joined(separator: "\n"))
        var words = plain.joined(separator: "\n")
        let isBlank = words.utf8.allSatisfy { HeaderLexer.isBlank($0) }
        if html.isEmpty, isBlank { return }
        if isBlank { words = HTML.text(markup) }
        if !text.isEmpty, !text.utf8.reversed().starts(with: CollectionOfOne(ASCII.lf)) { text += "\n" }
        text = cut(text + words)
        if html.isEmpty, self.html == nil {
            plainStretches.append(cut(words))
            return
        }
        if self.html == nil {
            self.html = ""
            for stretch in plainStretches { addMarkup(Self.markup(stretch)) }
            plainStretches = []
        }
        addMarkup(html.isEmpty ? Self.markup(cut(words)) : HTML.sanitised(markup))
    }

    private static func markup(_ plain: String) -> String { "<pre>\(HTML.escaped(plain))</pre>" }

    /// Stretches go whole, so that what is kept stays well-formed.
    private mutating func addMarkup(_ addition: String) {
        guard (html?.utf8.count ?? 0) + addition.utf8.count <= limits.textLength * 8 else {
            isTruncated = true
            return
        }
        html?.append(addition)
    }

    func content(attachments: [Attachment], wasCut: Bool) -> MessageContent {
        MessageContent(
            text: text, html: html, attachments: attachments, isTruncated: isTruncated || wasCut)
    }

    /// The beginning of a text within the limit, no character split.
    private mutating func cut(_ text: String) -> String {
        guard text.utf8.count > limits.textLength else { return text }
        isTruncated = true
        var octets = Array(text.utf8.prefix(limits.textLength))
        while let last = octets.last, last & 0xC0 == 0x80 { octets.removeLast() }
        if let last = octets.last, last >= 0xC0 { octets.removeLast() }
        return String(lossy: octets)
    }
}
