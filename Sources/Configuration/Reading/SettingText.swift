internal import Bytes
package import MailTypes

/// How times and sizes are written in settings.
package enum SettingText {
    /// `digits` and one of the units, multiplied out; nil for anything else and on overflow.
    static func number(_ text: String, units: [(suffix: String, factor: Int64)]) -> Int64? {
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) && startsWithDigits(text, before: $0.suffix) }),
            let count = Int64(text.dropLast(unit.suffix.count))
        else { return nil }
        let (product, overflowed) = count.multipliedReportingOverflow(by: unit.factor)
        return overflowed ? nil : product
    }

    private static func startsWithDigits(_ text: String, before suffix: String) -> Bool {
        let digits = text.dropLast(suffix.count).utf8
        return !digits.isEmpty && digits.allSatisfy(ASCII.isDigit)
    }

    /// The duration in its largest whole unit.
    package static func duration(_ value: Duration) -> String {
        let parts = value.components
        let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        for (suffix, factor) in units where milliseconds != 0 && milliseconds % factor == 0 {
            return "\(milliseconds / factor)\(suffix)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }

    /// The size in its largest whole binary unit.
    package static func size(_ bytes: Int) -> String {
        let units: [(String, Int)] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        for (suffix, factor) in units where bytes != 0 && bytes % factor == 0 { return "\(bytes / factor)\(suffix)" }
        return "\(bytes)B"
    }

    /// The beginning of a day in UTC, from `2027-01-31`; nil when it is none.
    package static func day(_ text: some StringProtocol) -> Moment? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy(ASCII.isDigit) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        return Moment(Moment.Fields(year: year, month: month, day: day), zone: 0)
    }
}
