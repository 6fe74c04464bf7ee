package import MailTypes

/// Dates of messages (RFC 5322 §3.3).
package enum MessageDate {
    /// Reads a date: the grammar, obsolete zones and two-digit years (RFC 5322 §4.3), and the usual malformations
    /// (no or wrong weekday, missing seconds, missing zone, comments, month before day). Nil when it makes no date.
    package static func parse(_ value: some Collection<UInt8>) -> Moment? { fatalError("API") }

    /// `Fri, 21 Nov 1997 09:55:06 -0600`.
    package static func text(_ moment: Moment) -> String { fatalError("API") }
}
