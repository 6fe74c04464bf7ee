internal import Bytes

/// Reads JSON strictly: what two readers could take for different values is refused, for a token is signed by one
/// program and believed by another (RFC 7515 §4, RFC 7493 §2).
package struct JSONReader {
    /// Values within one another.
    package static let depthLimit = 16
    /// Values of one document.
    package static let countLimit = 20_000

    private let bytes: [UInt8]
    private var place = 0
    private var count = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The value that these octets write, all of them. The caller limits how many there are.
    package static func read(_ bytes: some Collection<UInt8>) throws(TokenSyntaxError) -> JSON {
        var reader = JSONReader(Array(bytes))
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.place == reader.bytes.count else { throw reader.fault }
        return value
    }

    private var fault: TokenSyntaxError { .json(offset: place) }
    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { place += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func take(_ word: StaticString) throws(TokenSyntaxError) {
        for byte in word.description.utf8 { guard take(byte) else { throw fault } }
    }

    private mutating func value(depth: Int) throws(TokenSyntaxError) -> JSON {
        count += 1
        guard depth < Self.depthLimit, count <= Self.countLimit else { throw .tooLarge }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case ASCII.quote: return .text(try text())
        case UInt8(ascii: "t"):
            try take("true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try take("false")
            return .boolean(false)
        case UInt8(ascii: "n"):
            try take("null")
            return .null
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(TokenSyntaxError) -> JSON {
        place += 1
        var members: [String: JSON] = [:]
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipBlanks()
            let name = try text()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw fault }
            // RFC 7493 §2.3, RFC 7515 §4: of two members of a name one reader takes the first, another the last.
            guard members.updateValue(try value(depth: depth + 1), forKey: name) == nil else { throw fault }
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw fault }
        }
    }

    private mutating func array(depth: Int) throws(TokenSyntaxError) -> JSON {
        place += 1
        var values: [JSON] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array(values) }
        while true {
            values.append(try value(depth: depth + 1))
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .array(values) }
            guard take(UInt8(ascii: ",")) else { throw fault }
        }
    }

    /// `-`, digits without a leading zero, fraction, exponent (RFC 8259 §6).
    private mutating func number() throws(TokenSyntaxError) -> Double {
        let start = place
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            try digits()
        }
        guard let number = Double(String(decoding: bytes[start..<place], as: UTF8.self)), number.isFinite else {
            throw fault
        }
        return number
    }

    private mutating func digits() throws(TokenSyntaxError) {
        guard let first = next, ASCII.isDigit(first) else { throw fault }
        while let byte = next, ASCII.isDigit(byte) { place += 1 }
    }

    private mutating func text() throws(TokenSyntaxError) -> String {
        guard take(ASCII.quote) else { throw fault }
        var octets: [UInt8] = []
        while let byte = next {
            switch byte {
            case ASCII.quote:
                guard let text = String(validating: octets, as: UTF8.self) else { throw fault }
                place += 1
                return text
            case ASCII.backslash:
                place += 1
                octets += String(try escaped()).utf8
            case 0..<0x20: throw fault
            default:
                octets.append(byte)
                place += 1
            }
        }
        throw fault
    }

    private mutating func escaped() throws(TokenSyntaxError) -> Unicode.Scalar {
        guard let byte = next else { throw fault }
        place += 1
        switch byte {
        case ASCII.quote, ASCII.backslash, UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unit()
        default: throw fault
        }
    }

    /// A scalar by one unit of UTF-16, or by the two of a pair; half a pair stands for nothing.
    private mutating func unit() throws(TokenSyntaxError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(ASCII.backslash), take(UInt8(ascii: "u")) else { throw fault }
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw fault }
        return scalar
    }

    private mutating func hexadecimal() throws(TokenSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap(ASCII.hexValue) else { throw fault }
            value = value << 4 | UInt32(digit)
            place += 1
        }
        return value
    }
}
