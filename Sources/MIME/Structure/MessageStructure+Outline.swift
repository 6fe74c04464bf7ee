package import MailTypes

/// A message that is not at hand, as its BODYSTRUCTURE describes it: the parts lie one behind the other in octets that
/// nobody has, so that what reads only some of them (a preview) can say which.
extension MessageStructure {
    /// Parts deeper than the limit, and more of them, are left out. An enclosed message is not looked into.
    package init(outline structure: BodyStructure, limits: ScanLimits = .standard) {
        var outline = Outline(limits: limits)
        outline.add(structure, parent: nil, number: 1, depth: 0)
        self.init(parts: outline.parts, size: outline.size)
    }

    /// The part in which octets lie that a `PreviewReader` asks for, as IMAP numbers it, and where in its body.
    package func place(of range: Range<Int>) -> (part: [UInt32], octets: Range<Int>)? {
        let index = parts.indices.first { index in
            parts[index].kind == .leaf && parts[index].body.lowerBound <= range.lowerBound
                && range.upperBound <= parts[index].body.upperBound
        }
        guard let index else { return nil }
        let start = parts[index].body.lowerBound
        // The one part of a message that is no multipart is part 1 (RFC 9051 §6.4.5.1).
        let numbers = index == 0 ? [1] : numbers(of: index)
        return (numbers, range.lowerBound - start..<range.upperBound - start)
    }
}

/// Lays the parts of a BODYSTRUCTURE out.
private struct Outline {
    let limits: ScanLimits
    private(set) var parts: [MessageStructure.Part] = []
    private(set) var size = 0

    init(limits: ScanLimits) { self.limits = limits }

    mutating func add(_ structure: BodyStructure, parent: Int?, number: UInt32, depth: Int) {
        guard depth <= limits.depth, parts.count < limits.parts else { return }
        let index = parts.count
        var part = MessageStructure.Part(parent: parent, number: number, start: size)
        switch structure {
        case .single(let single):
            part.fields = ContentFields(single)
            if single.message != nil { part.kind = .message }
            // What a server says of sizes is no reason to trap.
            let (end, overflowed) = size.addingReportingOverflow(Int(clamping: single.size))
            if !overflowed { size = end }
            part.body = part.body.lowerBound..<size
            parts.append(part)
        case .multipart(let multipart):
            part.kind = .multipart
            part.fields = ContentFields(multipart)
            parts.append(part)
            for (place, child) in multipart.parts.enumerated() {
                add(child, parent: index, number: UInt32(clamping: place + 1), depth: depth + 1)
            }
            parts[index].body = parts[index].body.lowerBound..<size
        }
    }
}

extension ContentFields {
    fileprivate init(_ single: BodyStructure.Single) {
        self.init()
        type = single.type
        subtype = single.subtype
        parameters = single.parameters
        encoding = single.encoding
        id = single.id
        disposition = single.extra.disposition
    }

    fileprivate init(_ multipart: BodyStructure.Multipart) {
        self.init()
        type = Array("multipart".utf8)
        subtype = multipart.subtype
        parameters = multipart.parameters
        disposition = multipart.extra.disposition
    }
}
