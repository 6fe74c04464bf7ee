/// What a session offers, and nothing that is not there (RFC 9051 §6.1.1).
enum Capabilities {
    private static let always = ["IMAP4rev1", "IMAP4rev2", "LITERAL+", "ID", "ENABLE"]

    /// Before sign-in.
    /// - Parameters:
    ///   - mechanisms: SASL mechanisms offered on this channel; when empty, nobody can sign in yet.
    ///   - offersTLS: STARTTLS is possible now.
    static func beforeSignIn(mechanisms: [String], offersTLS: Bool) -> [String] {
        var names = always + ["SASL-IR"]
        if offersTLS { names.append("STARTTLS") }
        if mechanisms.isEmpty { names.append("LOGINDISABLED") }
        return names + mechanisms.map { "AUTH=\($0)" }
    }

    /// After sign-in.
    static func afterSignIn(messageLimit: Int) -> [String] {
        always + [
            "IDLE", "NAMESPACE", "CHILDREN", "UNSELECT", "UIDPLUS", "MULTIAPPEND", "MOVE", "ESEARCH", "SEARCHRES",
            "WITHIN",
            "LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE", "CREATE-SPECIAL-USE", "STATUS=SIZE", "CONDSTORE", "QRESYNC",
            "SORT", "SORT=DISPLAY", "ESORT", "THREAD=ORDEREDSUBJECT", "THREAD=REFERENCES", "THREAD=REFS",
            "I18NLEVEL=1", "PARTIAL", "CONTEXT=SEARCH", "CONTEXT=SORT", "MULTISEARCH",
            "REPLACE", "CATENATE", "URL-PARTIAL", "URLAUTH",
            "UTF8=ACCEPT", "ACL", "RIGHTS=texk", "LIST-MYRIGHTS", "UNAUTHENTICATE", "COMPRESS=DEFLATE",
            "QUOTA", "QUOTA=RES-STORAGE", "QUOTA=RES-MESSAGE",
            "METADATA", "LIST-METADATA",
            "APPENDLIMIT=\(messageLimit)",
            "INPROGRESS", "NOTIFY",
            "BINARY", "UIDONLY", "PREVIEW", "OBJECTID", "SAVEDATE",
        ]
    }
}
