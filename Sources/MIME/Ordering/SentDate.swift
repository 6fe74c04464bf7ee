package import MailTypes

extension MessageDate {
    /// When a message was sent, in UTC, for sorting and threading (RFC 5256 §2.2): its Date field; without one, or
    /// where that makes no date, when it arrived. A time that is none counts as midnight, a zone that is none as UTC.
    /// - Parameters:
    ///   - value: the value of the Date field, unfolded; nil when there is none.
    ///   - arrival: INTERNALDATE.
    package static func sent(_ value: [UInt8]?, arrival: Moment) -> Moment {
        let date = value.flatMap { parse($0) ?? day($0) } ?? arrival
        return Moment(seconds: date.seconds)
    }
}

extension Envelope {
    /// When the message was sent, in UTC (RFC 5256 §2.2).
    /// - Parameter arrival: INTERNALDATE.
    package func sentDate(arrival: Moment) -> Moment { MessageDate.sent(date, arrival: arrival) }
}

extension MessageHeader {
    /// When the message was sent, in UTC (RFC 5256 §2.2).
    /// - Parameter arrival: INTERNALDATE.
    package func sentDate(arrival: Moment) -> Moment { MessageDate.sent(first("Date")?.value, arrival: arrival) }
}
