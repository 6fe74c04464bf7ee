internal import Bytes

/// How far a long command has come: the argument of `INPROGRESS` (RFC 9585 §4).
package struct Progress: Hashable, Sendable {
    /// The command's tag, nil when it is not told.
    package var tag: [UInt8]?
    package var done: UInt64?
    /// What `done` will be in the end, nil when it is not known; at least 1.
    package var goal: UInt64?

    package init(tag: [UInt8]?, done: UInt64? = nil, goal: UInt64? = nil) {
        self.tag = tag
        self.done = done
        self.goal = goal
    }
}

extension ResponseReader {
    /// `INPROGRESS`, the word and a space taken; nil when its argument makes no sense.
    mutating func inProgressCode() -> ResponseCode? {
        guard peek == UInt8(ascii: "(") else { return .inProgress(nil) }
        guard case .list(let members)? = value(), members.count == 3 else { return nil }
        func count(_ value: Value) -> UInt64? {
            guard case .atom(let range) = value else { return nil }
            return bytes[range].decimalValue
        }
        return .inProgress(Progress(tag: nstring(members[0]), done: count(members[1]), goal: count(members[2])))
    }
}

extension [UInt8] {
    mutating func append(progress: Progress) {
        append(text: " (")
        if let tag = progress.tag { appendQuoted(tag) } else { append(text: "NIL") }
        for number in [progress.done, progress.goal] {
            append(ASCII.space)
            if let number { append(decimal: number) } else { append(text: "NIL") }
        }
        append(UInt8(ascii: ")"))
    }
}
