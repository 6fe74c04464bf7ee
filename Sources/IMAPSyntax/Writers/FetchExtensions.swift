internal import Bytes
package import MailTypes

/// The items of FETCH responses that belong to extensions; see `appendFetchStart`.
extension [UInt8] {
    /// RFC 8474 §5.1.
    package mutating func appendFetchEmailID(_ id: ObjectID) {
        appendFetchItem("EMAILID ")
        append(objectID: id)
    }

    /// `NIL` for nil: the server does not thread (RFC 8474 §5.2).
    package mutating func appendFetchThreadID(_ id: ObjectID?) {
        appendFetchItem("THREADID ")
        if let id { append(objectID: id) } else { append(text: "NIL") }
    }

    /// At most 256 characters in UTF-8; nil for none yet, empty for none at all (RFC 8970 §3.2).
    package mutating func appendFetchPreview(_ text: [UInt8]?) {
        appendFetchItem("PREVIEW ")
        appendNString(text)
    }

    /// When the message came into this mailbox; nil where that is not known (RFC 8514 §4.2).
    package mutating func appendFetchSaveDate(_ date: Moment?) {
        appendFetchItem("SAVEDATE ")
        if let date { appendDateTime(date) } else { append(text: "NIL") }
    }
}
