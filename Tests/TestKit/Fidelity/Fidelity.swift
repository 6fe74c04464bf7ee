/// Compares a message as it was submitted with the same message as it arrived, octet by octet.
///
/// A submission server may put a trace field before it, add From, Date and Message-ID where they lack, and has to take
/// Bcc away (RFC 6409 §8, RFC 5321 §4.4). Where a scanner is on, Posthouse's own mark is put in and any other taken away.
/// Everything else has to be what was sent. It reads headers by itself, so that
/// a mistake of the program is not made a second time here.
package enum Fidelity {
    /// What is different; nil when the message is the one that was sent.
    /// - Parameter isMarked: whether a scanner is on.
    package static func difference(sent: [UInt8], arrived: [UInt8], isMarked: Bool = false) -> String? {
        guard let traceEnd = traceEnd(arrived) else { return "it does not begin with a trace field" }
        let rest = Array(arrived[traceEnd...])
        let mark = "x-posthouse-mark"
        var wanted = without(isMarked ? ["bcc", mark] : ["bcc"], sent)
        let old = HeaderReader(wanted).fields
        if !old.contains(where: { $0.name == "message-id" && $0.hasIdentifier(in: wanted) }) {
            wanted = without(["message-id"], wanted)
        }
        let present = Set(HeaderReader(wanted).fields.map(\.name))
        let added = Set(["from", "date", "message-id"]).subtracting(present).union(isMarked ? [mark] : [])
        return insertion(of: added, into: wanted, gives: rest)
    }

    /// Where the trace field ends: with the line that ends in a time zone. What follows may begin with a blank.
    private static func traceEnd(_ message: [UInt8]) -> Int? {
        guard message.starts(with: Array("Received: ".utf8)) else { return nil }
        var position = 0
        while let end = message[position...].firstIndex(of: 10) {
            let line = message[position..<end].suffix(6)
            if line.count == 6, line.first == 0x2B || line.first == 0x2D, line.last == 13,
                line.dropFirst().dropLast().allSatisfy({ (0x30...0x39).contains($0) })
            {
                return end + 1
            }
            position = end + 1
        }
        return nil
    }

    /// The message without the fields of these names, which are in small letters.
    package static func without(_ names: Set<String>, _ message: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        var position = 0
        for field in HeaderReader(message).fields where names.contains(field.name) {
            kept += message[position..<field.range.lowerBound]
            position = field.range.upperBound
        }
        return kept + message[position...]
    }

    /// Whether `result` is `message` with fields of exactly these names inserted at one place.
    private static func insertion(of names: Set<String>, into message: [UInt8], gives result: [UInt8]) -> String? {
        let count = result.count - message.count
        let common = zip(message, result).prefix { $0 == $1 }.count
        guard !names.isEmpty else {
            return message == result
                ? nil
                : "it differs at octet \(common): \(shown(result, common)), not "
                    + "\(shown(message, common)); it has \(count) octets more"
        }
        guard count > 0 else { return "\(names.sorted()) were not added: \(count) octets" }
        // What was inserted may begin with the same octets as what follows it.
        for start in stride(from: common, through: max(0, common - count), by: -1) {
            let fields = HeaderReader(Array(result[start..<start + count])).fields
            guard fields.map(\.name).sorted() == names.sorted(), fields.first?.range.lowerBound == 0,
                fields.last?.range.upperBound == count, result[(start + count)...] == message[start...]
            else { continue }
            return nil
        }
        return "\(names.sorted()) are to be added, and it differs at octet \(common): \(shown(result, common)), not "
            + shown(message, common)
    }

    private static func shown(_ octets: [UInt8], _ position: Int) -> String {
        String(decoding: octets[max(0, position - 20)..<min(octets.count, position + 60)], as: UTF8.self)
            .debugDescription
    }
}

/// The fields of a message's header, each a line and those after it that begin with a blank (RFC 5322 §2.2).
struct HeaderReader {
    struct Field {
        /// In small letters.
        let name: String
        let range: Range<Int>
        let valueStart: Int

        /// Whether its value is one that identifies a message (RFC 5322 §3.6.4).
        func hasIdentifier(in message: [UInt8]) -> Bool {
            let value = message[valueStart..<range.upperBound]
            guard let open = value.firstIndex(of: 0x3C), let close = value[open...].firstIndex(of: 0x3E) else {
                return false
            }
            return !value[(open + 1)..<close].allSatisfy { $0 <= 0x20 }
        }
    }

    let fields: [Field]

    /// Reads up to the empty line, or to the end where there is none. Line ends are CRLF.
    init(_ message: [UInt8]) {
        var fields: [Field] = []
        var position = 0
        while position < message.count {
            var end = Self.lineEnd(message, position)
            if end - position == 2, message[position] == 13 { break }
            let first = position..<end
            while end < message.count, message[end] == 0x20 || message[end] == 0x09 {
                end = Self.lineEnd(message, end)
            }
            if let colon = message[first].firstIndex(of: 0x3A) {
                var name = message[first.lowerBound..<colon]
                while name.last == 0x20 || name.last == 0x09 { name.removeLast() }
                if !name.isEmpty, name.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) {
                    let text = String(decoding: name, as: UTF8.self).lowercased()
                    fields.append(Field(name: text, range: position..<end, valueStart: colon + 1))
                }
            }
            position = end
        }
        self.fields = fields
    }

    private static func lineEnd(_ message: [UInt8], _ start: Int) -> Int {
        message[start...].firstIndex(of: 10).map { $0 + 1 } ?? message.count
    }
}
