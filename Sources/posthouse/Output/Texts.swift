internal import MailTypes
internal import Store

/// How values are written for people and in JSON.
enum Texts {
    /// `2026-11-21 08:15:00Z`, or `-`.
    static func moment(_ moment: Moment?) -> String { moment.map { iso($0, separator: " ") } ?? "-" }

    /// RFC 3339 in UTC.
    static func timestamp(_ moment: Moment) -> String { iso(moment, separator: "T") }

    static func timestamp(_ moment: Moment?) -> String? { moment.map { iso($0, separator: "T") } }

    private static func iso(_ moment: Moment, separator: String) -> String {
        let fields = Moment(seconds: moment.seconds).fields
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return digits(fields.year, 4) + "-" + digits(fields.month, 2) + "-" + digits(fields.day, 2) + separator
            + digits(fields.hour, 2) + ":" + digits(fields.minute, 2) + ":" + digits(fields.second, 2) + "Z"
    }

    /// A number of octets in the decimal unit that people read best, with one digit behind the point: `2.5 GB`.
    static func octets(_ count: Int) -> String {
        let units: [(String, Int)] = [
            ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000),
        ]
        guard let (unit, size) = units.first(where: { count >= $0.1 }) else { return "\(count) B" }
        let tenths = count / (size / 10)
        return tenths % 10 == 0 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }

    static func yesNo(_ value: Bool) -> String { value ? "yes" : "no" }

    /// Elements with commas, or `-` for none.
    static func list(_ elements: some Sequence<String>) -> String {
        let text = elements.joined(separator: ", ")
        return text.isEmpty ? "-" : text
    }

    /// Where an object comes from.
    static func origin(_ origin: Origin) -> String { origin == .site ? "site file" : "command" }

    static func orDash(_ text: String?) -> String { text.flatMap { $0.isEmpty ? nil : $0 } ?? "-" }
}

/// Lines of names and values for people, the values aligned.
struct Sheet {
    private var rows: [(String, String)] = []

    mutating func add(_ name: String, _ value: String) { rows.append((name, value)) }

    var text: String {
        let width = (rows.map { Table.width(of: $0.0) }.max() ?? 0) + 2
        return rows.map { name, value in
            let lines = value.split(separator: "\n", omittingEmptySubsequences: false).map {
                Table.onOneLine(String($0))
            }
            let margin = String(repeating: " ", count: width)
            return name + String(repeating: " ", count: width - Table.width(of: name))
                + lines.joined(separator: "\n" + margin) + "\n"
        }.joined()
    }
}
