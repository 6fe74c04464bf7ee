/// `text/plain; format=flowed` (RFC 3676).
package enum FlowedText {
    /// The paragraphs with soft line breaks undone; quoting stands as `>` before each line. Lines end in LF.
    /// - Parameter deletingSpaces: `delsp=yes`, the blank of a soft line break is not part of the text.
    package static func unflowed(_ text: String, deletingSpaces: Bool) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        var openDepth: Int?
        for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let depth = line.prefix { $0 == 0x3E }.count
            var rest = line.dropFirst(depth)
            if rest.first == 0x20 { rest = rest.dropFirst() }
            // RFC 3676 §4.3: the signature's separator is never flowed.
            let isSeparator = rest.elementsEqual("-- ".utf8)
            if let earlier = openDepth, earlier != depth || isSeparator {
                output.append(0x0A)
                openDepth = nil
            }
            if openDepth == nil, depth > 0 {
                output.append(contentsOf: repeatElement(0x3E, count: depth))
                if !rest.isEmpty { output.append(0x20) }
            }
            let isSoft = rest.last == 0x20 && !isSeparator
            output.append(contentsOf: isSoft && deletingSpaces ? rest.dropLast() : rest)
            openDepth = isSoft ? depth : nil
            if !isSoft { output.append(0x0A) }
        }
        // The split leaves an empty line behind the last line end.
        if output.last == 0x0A { output.removeLast() }
        return String(decoding: output, as: UTF8.self)
    }
}
