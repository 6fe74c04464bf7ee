internal import Bytes

/// What single providers do otherwise than the RFCs say, beyond the syntax (whose leniencies `IMAPSyntax.Quirk` names).
/// Each is named where it is handled.
package enum ServerQuirks {
    /// Refusals of a sign-in that say nothing about the password (RFC 5530 §3): no quirk, but what the next one is
    /// read as.
    static let temporaryCodes: Set<String> = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"]

    /// Gmail and Yahoo refuse one connection too many as if the password were wrong: it must not lock the account.
    static func isTooManyConnections(_ text: String) -> Bool {
        let words = text.lowercased()
        return words.contains("too many") && words.contains("connection")
    }

    /// The longest pause that a server's words can bring about.
    package static let longestPause = Duration.seconds(3600)

    /// Exchange Online says how long it wants to be left alone in the text of a refusal: `Request is throttled.
    /// Suggested Backoff Time: 300000 milliseconds`. At most `longestPause`.
    package static func suggestedPause(in text: String) -> Duration? {
        let words = Array(text.utf8)
        let mark = Array("suggested backoff time:".utf8)
        guard
            let start = words.indices.first(where: { words[$0...].startsIgnoringASCIICase(with: mark) })
        else { return nil }
        let digits = words[(start + mark.count)...].drop { $0 == ASCII.space }.prefix { ASCII.isDigit($0) }
        guard let milliseconds = digits.decimalValue else { return nil }
        return min(.milliseconds(Int64(clamping: milliseconds)), longestPause)
    }

    /// NetEase (163.com, 126.com) refuses SELECT as an "unsafe login" until the client has said who it is (RFC 2971).
    static func wantsIdentification(_ capabilities: Set<String>) -> Bool { capabilities.contains("ID") }

    /// UW-IMAP and other old servers leave UIDNEXT out of SELECT's answer: it is one more than the last UID.
    static func lacksNextUID(_ state: SelectedState) -> Bool { state.uidNext == 0 && state.exists > 0 }
}
