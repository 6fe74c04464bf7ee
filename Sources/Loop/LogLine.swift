internal import Bytes

/// A key with its value, ready to be written.
struct LogField: Sendable {
    enum Value: Sendable {
        /// A number or a truth value: written bare in both formats.
        case bare(String)
        case text(String)
    }

    let key: String
    let value: Value

    init(_ key: String, _ value: any CustomStringConvertible) {
        self.key = key
        self.value =
            value is any BinaryInteger || value is any BinaryFloatingPoint || value is Bool
            ? .bare(value.description) : .text(value.description)
    }
}

/// One event, and its two written forms.
struct LogLine {
    /// The longest value that is written, in UTF-8 octets; the rest is cut and marked.
    static let valueLimit = 1024

    let time: WallClock.Time
    let level: Log.Level
    let text: String
    let fields: [LogField]

    /// `2026-01-31T12:00:00.123Z info text key=value key="a value"`
    var plain: [UInt8] {
        var line = Array(time.text.utf8)
        line.append(ASCII.space)
        line.append(text: level.word)
        line.append(ASCII.space)
        line.append(text: text)
        for field in fields {
            line.append(ASCII.space)
            line.append(text: field.key)
            line.append(0x3D)
            switch field.value {
            case .bare(let text): line.append(text: text)
            case .text(let text):
                let isWord = !text.isEmpty && text.utf8.allSatisfy(Self.isPlain) && text.utf8.count <= Self.valueLimit
                if isWord { line.append(text: text) } else { Self.append(quoted: text, to: &line) }
            }
        }
        line.append(ASCII.lf)
        return line
    }

    /// One JSON object: `time`, `level`, `text`, then the fields.
    var json: [UInt8] {
        var line = Array("{\"time\":\"\(time.text)\",\"level\":\"\(level.word)\",\"text\":".utf8)
        Self.append(quoted: text, to: &line)
        for field in fields {
            line.append(0x2C)
            Self.append(quoted: field.key, to: &line)
            line.append(0x3A)
            switch field.value {
            case .bare(let text): line.append(text: text)
            case .text(let text): Self.append(quoted: text, to: &line)
            }
        }
        line.append(text: "}\n")
        return line
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != ASCII.quote && byte != 0x3D && byte != ASCII.backslash
    }

    /// As a JSON string; C1 controls and DEL are escaped too, since terminals obey them.
    private static func append(quoted text: String, to line: inout [UInt8]) {
        line.append(ASCII.quote)
        var written = 0
        for scalar in text.unicodeScalars {
            written += UTF8.width(scalar)
            guard written <= valueLimit else {
                line.append(text: "…")
                break
            }
            switch scalar.value {
            case 0x22, 0x5C:
                line.append(ASCII.backslash)
                line.append(UInt8(scalar.value))
            case 0x0A: line.append(text: "\\n")
            case 0x0D: line.append(text: "\\r")
            case 0x09: line.append(text: "\\t")
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029:
                let digits = String(scalar.value, radix: 16)
                line.append(text: "\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: line.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [0x3F])
            }
        }
        line.append(ASCII.quote)
    }
}

extension WallClock.Time {
    /// RFC 3339 in UTC, to the millisecond.
    var text: String {
        let days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
        let clock = Int(seconds - days * 86400)
        // The proleptic Gregorian calendar in eras of 400 years that begin on 1 March.
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        let date = "\(pad(year, 4))-\(pad(month < 10 ? month + 3 : month - 9, 2))-\(pad(day, 2))"
        let time = "\(pad(clock / 3600, 2)):\(pad(clock / 60 % 60, 2)):\(pad(clock % 60, 2))"
        return "\(date)T\(time).\(pad(Int(nanoseconds) / 1_000_000, 3))Z"
    }

    private func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
