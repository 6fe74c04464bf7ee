internal import Bytes
package import MailTypes

/// Until when a message is to be kept back before it goes on (RFC 4865 §4).
package enum FutureRelease: Hashable, Sendable {
    /// Seconds from now, 1 to 999,999,999.
    case after(Int64)
    case at(Moment)

    /// Reads the value of HOLDFOR: up to nine digits, the first of which is no 0.
    init?(interval text: some Collection<UInt8>) {
        guard (1...9).contains(text.count), text.first != 0x30, let seconds = text.decimalValue else { return nil }
        self = .after(Int64(seconds))
    }

    /// Reads the value of HOLDUNTIL: a date and time as RFC 3339 §5.6 has it. A fraction of a second is read over.
    init?(dateTime text: some Collection<UInt8>) {
        var cursor = ByteCursor(Array(text))
        guard let year = cursor.takeNumber(digits: 4), cursor.skip(0x2D),
            let month = cursor.takeNumber(digits: 2), cursor.skip(0x2D),
            let day = cursor.takeNumber(digits: 2), cursor.skip(ignoringCase: "T"),
            let hour = cursor.takeNumber(digits: 2), cursor.skip(0x3A),
            let minute = cursor.takeNumber(digits: 2), cursor.skip(0x3A),
            let second = cursor.takeNumber(digits: 2)
        else { return nil }
        if cursor.skip(0x2E), cursor.take(while: ASCII.isDigit).isEmpty { return nil }
        guard let zone = cursor.takeZone(), cursor.isAtEnd,
            let moment = Moment(
                Moment.Fields(year: year, month: month, day: day, hour: hour, minute: minute, second: second),
                zone: zone)
        else { return nil }
        self = .at(moment)
    }

    /// When the message may go on, for one that comes at `now`.
    package func moment(from now: Moment) -> Moment {
        switch self {
        case .after(let seconds): Moment(seconds: now.seconds + seconds)
        case .at(let moment): moment
        }
    }

    /// A moment as EHLO tells it, in UTC.
    package static func text(_ moment: Moment) -> String {
        let fields = Moment(seconds: moment.seconds).fields
        let date = [(fields.year, 4), (fields.month, 2), (fields.day, 2)].map { padded($0.0, $0.1) }
        let time = [fields.hour, fields.minute, fields.second].map { padded($0, 2) }
        return "\(date.joined(separator: "-"))T\(time.joined(separator: ":"))Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

extension ByteCursor {
    /// Takes a number of exactly so many digits.
    fileprivate mutating func takeNumber(digits count: Int) -> Int? {
        var number = 0
        for _ in 0..<count {
            guard let digit = next(), ASCII.isDigit(digit) else { return nil }
            number = number * 10 + Int(digit - 0x30)
        }
        return number
    }

    /// Takes `Z` or `±hh:mm`: minutes east of UTC.
    fileprivate mutating func takeZone() -> Int? {
        if skip(ignoringCase: "Z") { return 0 }
        guard let sign = next(), sign == 0x2B || sign == 0x2D, let hours = takeNumber(digits: 2), hours < 24,
            skip(0x3A), let minutes = takeNumber(digits: 2), minutes < 60
        else { return nil }
        return (sign == 0x2D ? -1 : 1) * (hours * 60 + minutes)
    }
}
