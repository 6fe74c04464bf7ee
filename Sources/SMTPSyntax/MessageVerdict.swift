/// What is found of a message on its way in: that it may be sent, or the first thing that is wrong with it.
package enum MessageVerdict: Hashable, Sendable {
    case acceptable
    case tooLarge
    /// A line is longer than `lineLimit`.
    case lineTooLong
    case bareCarriageReturn
    case bareLineFeed
    case nul

    /// Octets of the longest line, its CRLF included. RFC 5321 §4.5.3.1.6 asks for 1000; what clients send is longer at
    /// times and no harm on the way, but a line is what servers behind us read at once.
    package static let lineLimit = 1 << 20
}
