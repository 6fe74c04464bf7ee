internal import Bytes
package import MailTypes

/// Dates of messages (RFC 5322 §3.3).
package enum MessageDate {
    /// Octets of a value that are looked at; a date has some thirty.
    package static let maximumLength = 256

    /// Reads a date: the grammar, obsolete zones and two-digit years (RFC 5322 §4.3), and the usual malformations
    /// (no or wrong weekday, missing seconds, time or zone, comments, month before day, ISO 8601). Nil when it makes
    /// no date. Without a zone, UTC is meant.
    package static func parse(_ value: some Collection<UInt8>) -> Moment? { read(value).moment }

    /// Midnight in UTC of the day that a date names whose time is none, as in `21 Nov 1997 25:00`; nil when it makes no
    /// day either.
    static func day(_ value: some Collection<UInt8>) -> Moment? { read(value).day }

    private static func read(_ value: some Collection<UInt8>) -> DateReader {
        var reader = DateReader()
        var lexer = HeaderLexer(Array(value.prefix(maximumLength)))
        while true {
            while lexer.skipBlanksAndComments() || lexer.cursor.skip(ASCII.comma) {}
            guard let byte = lexer.cursor.peek else { break }
            let word = lexer.cursor.take {
                !HeaderLexer.isBlank($0) && $0 != ASCII.comma && $0 != ASCII.openParenthesis
            }
            if word.isEmpty { lexer.cursor.position += 1 }
            if byte < 0x80, !reader.take(word) { break }
        }
        return reader
    }

    /// `Fri, 21 Nov 1997 09:55:06 -0600`.
    package static func text(_ moment: Moment) -> String {
        let fields = moment.fields
        let zone = abs(moment.zone)
        return "\(Moment.weekdayNames[moment.weekday]), \(fields.day) \(Moment.monthNames[fields.month - 1]) "
            + "\(padded(fields.year, 4)) \(padded(fields.hour, 2)):\(padded(fields.minute, 2)):"
            + "\(padded(fields.second, 2)) \(moment.zone < 0 ? "-" : "+")\(padded(zone / 60 * 100 + zone % 60, 4))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// Collects the fields of a date from its words, in whatever order they come.
private struct DateReader {
    private var date: Int?
    private var month: Int?
    private var year: Int?
    private var clock: (hour: Int, minute: Int, second: Int)?
    private var zone: Int?

    var moment: Moment? {
        guard let date, let month, let year else { return nil }
        let clock = clock ?? (0, 0, 0)
        return Moment(
            Moment.Fields(
                year: year, month: month, day: date, hour: clock.hour, minute: clock.minute, second: clock.second),
            zone: zone ?? 0)
    }

    /// The same without its time.
    var day: Moment? {
        guard let date, let month, let year else { return nil }
        return Moment(Moment.Fields(year: year, month: month, day: date), zone: 0)
    }

    /// Takes one word; false when nothing more is to be expected.
    mutating func take(_ word: ArraySlice<UInt8>) -> Bool {
        guard let first = word.first else { return true }
        if ASCII.isDigit(first) {
            takeDigits(word)
        } else if first == 0x2B || first == ASCII.dash {
            takeOffset(word)
        } else if ASCII.isLetter(first) {
            takeName(word)
        }
        return !(date != nil && month != nil && year != nil && clock != nil && zone != nil)
    }

    private mutating func takeDigits(_ word: ArraySlice<UInt8>) {
        if word.contains(ASCII.colon) { return takeClock(word) }
        let pieces = word.split { $0 == ASCII.dash || $0 == ASCII.slash || $0 == ASCII.dot }
        if pieces.count == 3 { return takeCalendar(pieces) }
        guard let number = Self.number(word) else { return }
        if date == nil, number >= 1, number <= 31, word.count <= 2 {
            date = number
        } else if year == nil {
            year = Self.fullYear(number, digits: word.count)
        }
    }

    /// `1997-11-21`, `1997-11-21T09:55:06Z`, `21-Nov-1997`, `21.11.1997`, `21/11/1997`.
    private mutating func takeCalendar(_ pieces: [ArraySlice<UInt8>]) {
        guard let first = Self.number(pieces[0]), let last = Self.number(pieces[2]) else { return }
        let middle = Self.number(pieces[1]) ?? Self.month(pieces[1])
        guard let middle, middle >= 1, middle <= 12, date == nil, month == nil, year == nil else { return }
        let yearIsFirst = pieces[0].count >= 3
        month = middle
        date = yearIsFirst ? last : first
        year = yearIsFirst ? first : Self.fullYear(last, digits: pieces[2].count)
    }

    /// `09:55`, `09:55:06`, `09:55:06.123`, with a zone attached or a date before a `T`.
    private mutating func takeClock(_ word: ArraySlice<UInt8>) {
        if let mark = word.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "t") }), mark > word.startIndex,
            ASCII.isDigit(word[mark - 1]), word[..<mark].contains(ASCII.dash)
        {
            takeCalendar(word[..<mark].split(separator: ASCII.dash))
            return takeClock(word[(mark + 1)...])
        }
        guard clock == nil else { return }
        let end = word.firstIndex { !ASCII.isDigit($0) && $0 != ASCII.colon } ?? word.endIndex
        let numbers = word[..<end].split(separator: ASCII.colon).map(Self.number)
        guard (2...3).contains(numbers.count), let hour = numbers[0], let minute = numbers[1] else { return }
        clock = (hour, minute, numbers.count == 3 ? numbers[2] ?? 0 : 0)
        var rest = word[end...]
        if rest.first == ASCII.dot { rest = rest.dropFirst().drop(while: ASCII.isDigit) }
        if !rest.isEmpty { _ = take(rest) }
    }

    /// `+0100`, `-06:00`, `+1`; only the first offset after the time counts.
    private mutating func takeOffset(_ word: ArraySlice<UInt8>) {
        guard clock != nil, zone == nil else { return }
        let digits = word.dropFirst().prefix { ASCII.isDigit($0) || $0 == ASCII.colon }.filter { $0 != ASCII.colon }
        guard !digits.isEmpty, digits.count <= 4, let number = Self.number(digits[...]) else { return }
        let minutes = digits.count <= 2 ? number * 60 : number / 100 * 60 + number % 100
        guard minutes < 1440, digits.count <= 2 || number % 100 < 60 else { return }
        zone = word.first == ASCII.dash ? -minutes : minutes
    }

    private mutating func takeName(_ word: ArraySlice<UInt8>) {
        let name = word.prefix(while: ASCII.isLetter)
        if let known = Self.month(name), month == nil {
            month = known
        } else if clock != nil {
            takeZoneName(name, rest: word[name.endIndex...])
        }
    }

    private mutating func takeZoneName(_ name: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) {
        let upper = String(lossy: name.map(ASCII.uppercased))
        if upper == "AM" || upper == "PM", let time = clock, time.hour <= 12 {
            clock?.hour = time.hour % 12 + (upper == "PM" ? 12 : 0)
        } else if zone == nil, let hours = Self.zones[upper] {
            // UTC is what is meant without a zone too; so it leaves room for an offset behind it, as in `GMT +0100`.
            if hours != 0 { zone = hours * 60 } else { takeOffset(rest) }
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.count <= 9 ? digits.decimalValue.map(Int.init) : nil
    }

    /// Two digits from 50 on and three digits count from 1900, two digits below 50 from 2000 (RFC 5322 §4.3).
    private static func fullYear(_ number: Int, digits: Int) -> Int {
        switch digits {
        case ...2: number < 50 ? 2000 + number : 1900 + number
        case 3: 1900 + number
        default: number
        }
    }

    private static func month(_ name: ArraySlice<UInt8>) -> Int? {
        guard name.count >= 3, name.allSatisfy(ASCII.isLetter) else { return nil }
        let start = name.prefix(3)
        return Moment.monthNames.firstIndex { start.equalsIgnoringASCIICase($0.utf8) }.map { $0 + 1 }
    }

    /// Hours east of UTC: RFC 5322 §4.3, and what European and Japanese senders write.
    private static let zones = [
        "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
        "PST": -8, "PDT": -7, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "MESZ": 2,
        "MEZ": 1, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "HST": -10, "AKST": -9, "AKDT": -8,
    ]
}
