/// What a client makes of a mailbox by untagged responses alone: it notices when they make no sense.
package struct SeenMailbox: Sendable {
    package struct Message: Equatable, Sendable {
        /// Nil until it was told.
        package var uid: UInt32?
        /// Without `\Recent`; nil until they were told.
        package var flags: Set<String>?

        /// As it was told, or must be.
        package init(uid: UInt32? = nil, flags: Set<String>? = nil) {
            self.uid = uid
            self.flags = flags
        }
    }

    package private(set) var messages: [Message] = []
    /// The UIDs of messages that were told to be gone.
    package private(set) var gone: [UInt32] = []

    /// Knows nothing yet.
    package init() {}

    /// Takes an untagged response, without the `* `; those that say nothing of messages are passed over.
    package mutating func take(_ line: String) throws {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count > 1, let number = Int(words[0]) else { return }
        switch words[1].uppercased() {
        case "EXISTS":
            guard number >= messages.count else { throw RigFailure("\(line) after \(messages.count)") }
            messages += [Message](repeating: Message(), count: number - messages.count)
        case "EXPUNGE":
            guard messages.indices ~= number - 1 else { throw RigFailure("\(line) of \(messages.count)") }
            if let uid = messages.remove(at: number - 1).uid { gone.append(uid) }
        case "FETCH":
            guard messages.indices ~= number - 1 else { throw RigFailure("\(line) of \(messages.count)") }
            let fetched = FetchedLine(line)
            if let uid = fetched.uid {
                let known = messages[number - 1].uid
                guard known == nil || known == uid else { throw RigFailure("\(line), but it has UID \(known ?? 0)") }
                messages[number - 1].uid = uid
            }
            if let flags = fetched.flags { messages[number - 1].flags = flags }
        default: break
        }
    }

    /// Takes all of an answer.
    package mutating func take(_ answer: IMAPClient.Answer) throws {
        for line in answer.untagged { try take(line) }
    }

    /// The client has changed a message's flags and asked not to be told.
    package mutating func forgetFlags(of number: Int) { messages[number - 1].flags = nil }

    /// The UIDs by sequence number; 0 where none was told.
    package var uids: [UInt32] { messages.map { $0.uid ?? 0 } }
}

/// A FETCH response, as far as tests have to understand it.
package struct FetchedLine: Sendable {
    package let uid: UInt32?
    /// Without `\Recent`.
    package let flags: Set<String>?
    /// The response without the `* `.
    package let text: String

    package init(_ line: String) {
        text = line
        // Items before the first literal, and those after the last: what stands between is no syntax.
        let head = line.firstRange(of: "{").map { line[..<$0.lowerBound] } ?? line[...]
        var tail = line[...]
        while let range = tail.firstRange(of: "\r\n") { tail = tail[range.upperBound...] }
        let syntax = head.endIndex == line.endIndex ? String(head) : "\(head) \(tail)"
        uid = Self.after(["(UID ", " UID "], in: syntax).flatMap { UInt32($0.prefix { $0.isNumber }) }
        flags = Self.after(["(FLAGS (", " FLAGS ("], in: syntax).map { rest in
            Set(rest.prefix { $0 != ")" }.split(separator: " ").map(String.init)).subtracting(["\\Recent"])
        }
    }

    private static func after(_ marks: [String], in text: String) -> Substring? {
        for mark in marks { if let range = text.firstRange(of: mark) { return text[range.upperBound...] } }
        return nil
    }

    /// The literal at the end of the line, if it is as long as it says.
    package var literal: String? {
        guard let open = text.firstRange(of: "{"), let close = text[open.upperBound...].firstRange(of: "}\r\n"),
            let count = Int(text[open.upperBound..<close.lowerBound])
        else { return nil }
        let rest = text[close.upperBound...].utf8
        return rest.count >= count ? String(decoding: rest.prefix(count), as: UTF8.self) : nil
    }
}

extension IMAPClient.Answer {
    /// The FETCH responses.
    package var fetched: [FetchedLine] {
        untagged.filter { $0.drop { $0.isNumber }.hasPrefix(" FETCH (") }.map(FetchedLine.init)
    }
}
