/// Lists of message identifiers, as in References and In-Reply-To (RFC 5322 §3.6.4), read leniently.
package enum MessageIDList {
    /// Identifiers kept of one field; the newest are kept when there are more.
    package static let maximum = 1000
    /// Octets of one identifier; a longer one is left out (RFC 5322 §2.1.1 allows 998 a line).
    package static let maximumLength = 998

    /// The identifiers in order, without angle brackets, comments and inner blanks. Words without brackets count
    /// when they hold an `@`.
    package static func parse(_ value: [UInt8]) -> [String] { fatalError("API") }
}
