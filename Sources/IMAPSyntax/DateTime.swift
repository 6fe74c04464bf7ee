internal import Bytes
package import MailTypes

/// IMAP's own spelling of dates and times: `date-text` and `date-time` (RFC 9051 §9).
package enum DateTime {
    /// ` 1-Feb-2003 04:05:06 +0100`, without quotes; a one-digit day needs no space before it. Nil when it is none.
    package static func parse(_ text: [UInt8]) -> Moment? {
        var cursor = ByteCursor(text)
        _ = cursor.skip(ASCII.space)
        guard let date = date(&cursor), cursor.skip(ASCII.space),
            let hour = number(&cursor, 2), cursor.skip(UInt8(ascii: ":")),
            let minute = number(&cursor, 2), cursor.skip(UInt8(ascii: ":")),
            let second = number(&cursor, 2), cursor.skip(ASCII.space), let sign = cursor.next(),
            sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            let zoneHours = number(&cursor, 2), let zoneMinutes = number(&cursor, 2), cursor.isAtEnd
        else { return nil }
        let zone = zoneHours * 60 + zoneMinutes
        let fields = Moment.Fields(
            year: date.year, month: date.month, day: date.day, hour: hour, minute: minute, second: second)
        return Moment(fields, zone: sign == UInt8(ascii: "-") ? -zone : zone)
    }

    /// `1-Feb-2003`. Nil when the calendar has no such day.
    package static func parseDate(_ text: [UInt8]) -> CalendarDate? {
        var cursor = ByteCursor(text)
        guard let date = date(&cursor), cursor.isAtEnd,
            Moment(Moment.Fields(year: date.year, month: date.month, day: date.day), zone: 0) != nil
        else { return nil }
        return CalendarDate(year: date.year, month: date.month, day: date.day)
    }

    private static func date(_ cursor: inout ByteCursor) -> (year: Int, month: Int, day: Int)? {
        let digits = cursor.takeRange(while: ASCII.isDigit)
        guard (1...2).contains(digits.count), let day = cursor.bytes[digits].decimalValue,
            cursor.skip(UInt8(ascii: "-")), let name = cursor.take(3),
            let month = Moment.monthNames.firstIndex(where: { name.equalsIgnoringASCIICase($0.utf8) }),
            cursor.skip(UInt8(ascii: "-")), let year = number(&cursor, 4)
        else { return nil }
        return (year, month + 1, Int(day))
    }

    /// Exactly so many digits.
    static func number(_ cursor: inout ByteCursor, _ digits: Int) -> Int? {
        guard let taken = cursor.take(digits), let value = taken.decimalValue else { return nil }
        return Int(value)
    }

    /// Appends `1-Feb-2003`.
    package static func append(_ date: CalendarDate, to output: inout [UInt8]) {
        output.append(decimal: UInt64(date.day))
        output.append(UInt8(ascii: "-"))
        output.append(contentsOf: Moment.monthNames[date.month - 1].utf8)
        output.append(UInt8(ascii: "-"))
        append(date.year, digits: 4, to: &output)
    }

    /// Appends ` 1-Feb-2003 04:05:06 +0100`, without quotes.
    package static func append(_ moment: Moment, to output: inout [UInt8]) {
        let fields = moment.fields
        if fields.day < 10 { output.append(ASCII.space) }
        append(CalendarDate(year: fields.year, month: fields.month, day: fields.day), to: &output)
        output.append(ASCII.space)
        append(fields.hour, digits: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        append(fields.minute, digits: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        append(fields.second, digits: 2, to: &output)
        output.append(ASCII.space)
        output.append(moment.zone < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        let zone = abs(moment.zone)
        append(zone / 60 * 100 + zone % 60, digits: 4, to: &output)
    }

    /// Appends so many digits, zeroes before the others.
    static func append(_ value: Int, digits: Int, to output: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            output.append(0x30 &+ UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}
