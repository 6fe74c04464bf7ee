/// A point in time with the zone it was written in: IMAP's INTERNALDATE, a message's Date.
package struct Moment: Hashable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let seconds: Int64
    /// Minutes east of UTC, from -1439 to 1439.
    package let zone: Int

    package init(seconds: Int64, zone: Int = 0) {
        self.seconds = seconds
        self.zone = Swift.min(1439, Swift.max(-1439, zone))
    }

    /// The calendar's fields as a clock in `zone` shows them.
    package struct Fields: Hashable, Sendable {
        package var year: Int
        /// 1 to 12.
        package var month: Int
        /// 1 to 31.
        package var day: Int
        package var hour: Int
        package var minute: Int
        package var second: Int
        package init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
            self.year = year
            self.month = month
            self.day = day
            self.hour = hour
            self.minute = minute
            self.second = second
        }
    }

    /// The moment at which a clock in `zone` (minutes east of UTC) shows these fields; nil when they are no date.
    package init?(_ fields: Fields, zone: Int) {
        guard (1...12).contains(fields.month), fields.day >= 1,
            fields.day <= Self.days(inMonth: fields.month, of: fields.year), (0...23).contains(fields.hour),
            (0...59).contains(fields.minute), (0...60).contains(fields.second), abs(zone) < 1440,
            (0...9999).contains(fields.year)
        else { return nil }
        let days = Self.daysSinceEpoch(fields.year, fields.month, fields.day)
        let clock = Int64(fields.hour * 3600 + fields.minute * 60 + Swift.min(fields.second, 59))
        self.init(seconds: days * 86400 + clock - Int64(zone) * 60, zone: zone)
    }

    package var fields: Fields {
        let local = seconds + Int64(zone) * 60
        let day = local >= 0 ? local / 86400 : (local - 86399) / 86400
        let clock = Int(local - day * 86400)
        let (year, month, date) = Self.civil(daysSinceEpoch: day)
        return Fields(
            year: year, month: month, day: date, hour: clock / 3600, minute: clock / 60 % 60, second: clock % 60)
    }

    /// 0 for Sunday to 6 for Saturday.
    package var weekday: Int {
        let local = seconds + Int64(zone) * 60
        let day = local >= 0 ? local / 86400 : (local - 86399) / 86400
        return Int(((day + 4) % 7 + 7) % 7)
    }

    package static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    package static let weekdayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    private static func days(inMonth month: Int, of year: Int) -> Int {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    // The proleptic Gregorian calendar in eras of 400 years (146,097 days) that begin on 1 March.
    private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }

    private static func civil(daysSinceEpoch days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
