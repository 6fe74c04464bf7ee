import Bytes
import MIME
import MailTypes

/// The octets of a text written with LF, with CRLF at its line ends.
func crlf(_ text: String) -> [UInt8] {
    Array(text.replacingLineFeeds().utf8)
}

extension String {
    func replacingLineFeeds() -> String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    }
}

extension [UInt8] {
    init(_ text: String) { self = Array(text.utf8) }
    var text: String { String(lossy: self) }
}

extension [UInt8]? {
    var text: String? { map { String(lossy: $0) } }
}

/// A small generator of numbers that gives the same ones in every run.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// The structure of a message fed in two pieces, cut at `place`.
func scan(_ message: [UInt8], cutAt place: Int, limits: ScanLimits = .standard) -> MessageStructure {
    var scanner = MessageScanner(limits: limits)
    scanner.feed(message[..<place])
    scanner.feed(message[place...])
    return scanner.finish()
}

/// The structure of a message fed octet by octet.
func scanBytewise(_ message: [UInt8], limits: ScanLimits = .standard) -> MessageStructure {
    var scanner = MessageScanner(limits: limits)
    for place in message.indices { scanner.feed(message[place..<place + 1]) }
    return scanner.finish()
}

/// An outline of a structure: one line a part, its numbers, type and body.
func outline(_ structure: MessageStructure, of message: [UInt8]) -> [String] {
    structure.parts.indices.map { index in
        let part = structure.parts[index]
        let numbers = structure.numbers(of: index).map(String.init).joined(separator: ".")
        let body = part.kind == .leaf ? " " + message[part.body].map { $0 }.text.debugDescription : ""
        return "\(numbers.isEmpty ? "-" : numbers) \(part.fields.essence)\(part.isOpaque ? " opaque" : "")\(body)"
    }
}
