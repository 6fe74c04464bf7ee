/// What single providers do otherwise than the RFCs say, beyond the syntax (whose leniencies `IMAPSyntax.Quirk` names).
/// Each is named where it is handled.
enum ServerQuirks {
    /// Refusals of a sign-in that say nothing about the password (RFC 5530 §3): no quirk, but what the next one is
    /// read as.
    static let temporaryCodes: Set<String> = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"]

    /// Gmail and Yahoo refuse one connection too many as if the password were wrong: it must not lock the account.
    static func isTooManyConnections(_ text: String) -> Bool {
        let words = text.lowercased()
        return words.contains("too many") && words.contains("connection")
    }

    /// NetEase (163.com, 126.com) refuses SELECT as an "unsafe login" until the client has said who it is (RFC 2971).
    static func wantsIdentification(_ capabilities: Set<String>) -> Bool { capabilities.contains("ID") }

    /// UW-IMAP and other old servers leave UIDNEXT out of SELECT's answer: it is one more than the last UID.
    static func lacksNextUID(_ state: SelectedState) -> Bool { state.uidNext == 0 && state.exists > 0 }
}
