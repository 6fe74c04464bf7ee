internal import MailTypes

/// From which messages on a scanner works. Written `from now`, `since 2026-01-31` or `everything`.
package enum StartPoint: Hashable, Sendable, CustomStringConvertible {
    /// Messages that arrive after the scanner was first switched on.
    case fromNow
    /// Messages that arrived at this second (since 1970, UTC) or later.
    case since(Int64)
    /// Every message, however old.
    case everything

    /// The start point that `text` writes; nil when it writes none. A date may have a time: `since 2026-01-31 08:00`
    /// or `since 2026-01-31T08:00:00Z`, always in UTC.
    package init?(_ text: String) {
        let words = text.lowercased().split(whereSeparator: \.isWhitespace)
        switch words {
        case ["from", "now"], ["from-now"], ["now"]: self = .fromNow
        case ["everything"]: self = .everything
        default:
            guard words.count > 1, words[0] == "since",
                let seconds = Self.seconds(words[1...].joined(separator: "t"))
            else { return nil }
            self = .since(seconds)
        }
    }

    package var description: String {
        switch self {
        case .fromNow: return "from now"
        case .everything: return "everything"
        case .since(let seconds):
            let fields = Moment(seconds: seconds).fields
            func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
            let year = String(repeating: "0", count: max(0, 4 - String(fields.year).count)) + String(fields.year)
            let date = "since \(year)-\(two(fields.month))-\(two(fields.day))"
            if fields.hour == 0, fields.minute == 0, fields.second == 0 { return date }
            return date + "T\(two(fields.hour)):\(two(fields.minute)):\(two(fields.second))Z"
        }
    }

    private static func seconds(_ text: String) -> Int64? {
        let halves = text.split(separator: "t", omittingEmptySubsequences: false)
        let date = halves[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard halves.count <= 2, date.count == 3, let year = date[0], let month = date[1], let day = date[2],
            year >= 1970
        else { return nil }
        var clock: [Int?] = [0, 0, 0]
        if halves.count == 2 {
            let time = halves[1].hasSuffix("z") ? halves[1].dropLast() : halves[1]
            clock = time.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
            if clock.count == 2 { clock.append(0) }
        }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2] else { return nil }
        let fields = Moment.Fields(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        return Moment(fields, zone: 0)?.seconds
    }
}

extension StartPoint: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let point = StartPoint(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no start point: \(text)")
        }
        self = point
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
