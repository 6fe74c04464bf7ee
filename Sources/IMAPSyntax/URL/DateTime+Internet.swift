internal import Bytes
internal import MailTypes

/// The date and time of RFC 3339 §5.6, which URLs have.
extension DateTime {
    /// `2002-12-02T20:02:20.52Z`; fractions of a second are dropped. Nil when it is none.
    static func parseInternet(_ text: [UInt8]) -> Moment? {
        var cursor = ByteCursor(text)
        guard let year = number(&cursor, 4), cursor.skip(UInt8(ascii: "-")),
            let month = number(&cursor, 2), cursor.skip(UInt8(ascii: "-")),
            let day = number(&cursor, 2), cursor.skip(ignoringCase: "T"),
            let hour = number(&cursor, 2), cursor.skip(UInt8(ascii: ":")),
            let minute = number(&cursor, 2), cursor.skip(UInt8(ascii: ":")),
            let second = number(&cursor, 2)
        else { return nil }
        if cursor.skip(UInt8(ascii: ".")), cursor.take(while: ASCII.isDigit).isEmpty { return nil }
        guard let zone = internetZone(&cursor), cursor.isAtEnd else { return nil }
        return Moment(
            Moment.Fields(year: year, month: month, day: day, hour: hour, minute: minute, second: second), zone: zone)
    }

    private static func internetZone(_ cursor: inout ByteCursor) -> Int? {
        if cursor.skip(ignoringCase: "Z") { return 0 }
        guard let sign = cursor.next(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            let hours = number(&cursor, 2), cursor.skip(UInt8(ascii: ":")), let minutes = number(&cursor, 2)
        else { return nil }
        return sign == UInt8(ascii: "-") ? -(hours * 60 + minutes) : hours * 60 + minutes
    }

    /// Appends `2002-12-02T20:02:20Z`.
    static func appendInternet(_ moment: Moment, to output: inout [UInt8]) {
        let fields = moment.fields
        append(fields.year, digits: 4, to: &output)
        for (mark, value) in [
            ("-", fields.month), ("-", fields.day), ("T", fields.hour), (":", fields.minute), (":", fields.second),
        ] {
            output.append(text: mark)
            append(value, digits: 2, to: &output)
        }
        guard moment.zone != 0 else { return output.append(UInt8(ascii: "Z")) }
        output.append(moment.zone < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        append(abs(moment.zone) / 60, digits: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        append(abs(moment.zone) % 60, digits: 2, to: &output)
    }
}
