internal import Bytes

/// Writes an HTML document anew from its tokens, with nothing but what is allowed. Since every tag, attribute and text
/// is written by this code, escaped, no misreading of the input can put anything else into the output.
struct HTMLSanitiser {
    /// Elements that may be open at once; tags of deeper ones are left out.
    static let maximumDepth = 256

    private var output: [UInt8] = []
    private var open: [String] = []

    mutating func take(_ token: HTMLToken) {
        switch token {
        case .text(let text): output.append(contentsOf: HTML.escaped(visible(HTMLEntities.replaced(text))).utf8)
        case .start(let tag) where tag.name == "img": image(tag)
        case .start(let tag): if HTMLRules.elements.contains(tag.name) { begin(tag) }
        case .end(let name): end(name)
        }
    }

    /// Closes what is open and returns the document.
    mutating func finish() -> String {
        closeElements(downTo: 0)
        return String(lossy: output)
    }

    private func visible(_ text: String) -> String {
        let isHidden = { (byte: UInt8) in
            ASCII.isControl(byte) && byte != ASCII.tab && byte != ASCII.lf && byte != ASCII.cr
        }
        return text.utf8.contains(where: isHidden) ? String(lossy: text.utf8.filter { !isHidden($0) }) : text
    }

    /// An image that is not in the message gives way to its description; so nothing is left of a tracking pixel.
    private mutating func image(_ tag: HTMLTag) {
        let source = tag.value("src").flatMap { HTMLRules.value(of: "src", $0, in: "img") }
        if source != nil { return begin(tag) }
        if let text = tag.value("alt") { output.append(contentsOf: HTML.escaped(visible(text)).utf8) }
    }

    private mutating func begin(_ tag: HTMLTag) {
        let isVoid = HTMLRules.voidElements.contains(tag.name)
        if HTMLRules.selfClosing.contains(tag.name), open.last == tag.name { closeElements(downTo: open.count - 1) }
        guard isVoid || open.count < Self.maximumDepth else { return }
        output.append(ASCII.openAngle)
        output.append(contentsOf: tag.name.utf8)
        for attribute in tag.attributes {
            let value = HTMLEntities.replaced(attribute.value)
            guard let allowed = HTMLRules.value(of: attribute.name, value, in: tag.name) else { continue }
            output.append(contentsOf: " \(attribute.name)=\"\(HTML.escaped(allowed))\"".utf8)
        }
        if tag.name == "a" { output.append(contentsOf: " rel=\"noopener noreferrer\"".utf8) }
        output.append(ASCII.closeAngle)
        if !isVoid { open.append(tag.name) }
    }

    /// Closes the innermost element of this name and what is open inside it; without one nothing happens.
    private mutating func end(_ name: String) {
        if let place = open.lastIndex(of: name) { closeElements(downTo: place) }
    }

    private mutating func closeElements(downTo count: Int) {
        while open.count > count, let name = open.popLast() { output.append(contentsOf: "</\(name)>".utf8) }
    }
}
