internal import Bytes
internal import MailTypes

/// Which parts of a message are its text and which are attached.
struct ContentPlan {
    /// A stretch of text, perhaps in both forms.
    struct Stretch {
        /// Indices of `text/plain` parts.
        var plain: [Int] = []
        /// Indices of `text/html` parts.
        var html: [Int] = []
    }

    private(set) var stretches: [Stretch] = []
    /// Indices of the parts that are attached, in order.
    private(set) var attachments: [Int] = []

    private let structure: MessageStructure
    private let children: [[Int]]

    init(_ structure: MessageStructure) {
        self.structure = structure
        children = structure.allChildren
        (stretches, attachments) = read(0, mayBeNamed: true)
        attachments.sort()
    }

    private func read(_ index: Int, mayBeNamed: Bool) -> ([Stretch], [Int]) {
        let part = structure.parts[index]
        // A multipart whose boundary is nowhere to be found is read as a person would see it.
        guard part.kind == .multipart, !children[index].isEmpty else {
            return isText(part, mayBeNamed: mayBeNamed || index == 0) ? ([stretch(index, part)], []) : ([], [index])
        }
        if part.fields.isType("multipart", "alternative") { return alternative(index) }
        if part.fields.isType("multipart", "related") { return related(index) }
        var stretches: [Stretch] = []
        var attached: [Int] = []
        for child in children[index] {
            let (more, others) = read(child, mayBeNamed: mayBeNamed && stretches.isEmpty)
            stretches += more
            attached += others
        }
        return (stretches, attached)
    }

    /// Forms of one content (RFC 2046 §5.1.4): the first plain text, and the last HTML, which is the best.
    private func alternative(_ index: Int) -> ([Stretch], [Int]) {
        var stretch = Stretch()
        var attached: [Int] = []
        for child in children[index] {
            let (found, others) = read(child, mayBeNamed: true)
            let plain = found.flatMap(\.plain)
            let html = found.flatMap(\.html)
            if stretch.plain.isEmpty { stretch.plain = plain }
            if !html.isEmpty { stretch.html = html }
            attached += others
        }
        return (stretch.plain.isEmpty && stretch.html.isEmpty ? [] : [stretch], attached)
    }

    /// A root with what it refers to (RFC 2387 §3): the part that `start` names, else the first.
    private func related(_ index: Int) -> ([Stretch], [Int]) {
        let start = structure.parts[index].fields.parameter("start").map { Array($0.utf8) }
        let inside = children[index]
        let root = start.flatMap { id in inside.first { structure.parts[$0].fields.id == id } } ?? inside.first
        var stretches: [Stretch] = []
        var attached: [Int] = []
        for child in inside {
            if child == root {
                let (found, others) = read(child, mayBeNamed: true)
                stretches += found
                attached += others
            } else {
                attached.append(child)
            }
        }
        return (stretches, attached)
    }

    private func stretch(_ index: Int, _ part: MessageStructure.Part) -> Stretch {
        part.fields.isType("text", "html") ? Stretch(html: [index]) : Stretch(plain: [index])
    }

    /// Plain text and HTML are read in place unless they are marked as attached, or have a name and text stands before
    /// them.
    private func isText(_ part: MessageStructure.Part, mayBeNamed: Bool) -> Bool {
        if part.kind == .multipart { return true }
        guard part.kind == .leaf, !part.isOpaque,
            part.fields.isType("text", "plain") || part.fields.isType("text", "html")
        else { return false }
        if let kind = part.fields.disposition?.kind, !kind.equalsIgnoringASCIICase("inline".utf8) { return false }
        return mayBeNamed || Attachment.fileName(part.fields).isEmpty
    }
}
