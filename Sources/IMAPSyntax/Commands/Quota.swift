internal import Bytes
internal import MailTypes

/// A limit that `SETQUOTA` sets (RFC 9208 §4.1.3).
package struct QuotaLimit: Hashable, Sendable {
    /// `STORAGE` (in units of 1,024 octets), `MESSAGE`, `MAILBOX`, `ANNOTATION-STORAGE` …, in upper case (§5).
    package var resource: String
    package var limit: UInt64

    package init(_ resource: String, _ limit: UInt64) {
        self.resource = resource
        self.limit = limit
    }
}

extension CommandReader {
    /// `SETQUOTA`, the word taken.
    mutating func setQuota() throws(IMAPSyntaxError) -> Command {
        try space()
        let root = try utf8String()
        try space()
        try open()
        var limits: [QuotaLimit] = []
        if skip(UInt8(ascii: ")")) { return .setQuota(root: root, limits) }
        repeat {
            let resource = try upperCaseAtom("a resource")
            try space()
            limits.append(QuotaLimit(resource, try number64()))
        } while try !closes(limits.count)
        return .setQuota(root: root, limits)
    }
}

extension CommandWriter {
    mutating func getQuota(_ root: String) {
        text("GETQUOTA ")
        string(Array(root.utf8))
    }

    mutating func setQuota(_ root: String, _ limits: [QuotaLimit]) {
        text("SETQUOTA ")
        string(Array(root.utf8))
        text(" ")
        list(limits) { $0.text("\($1.resource) \($1.limit)") }
    }
}
