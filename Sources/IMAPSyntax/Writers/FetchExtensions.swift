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

    /// `X-GM-MSGID`.
    package mutating func appendFetchGmailMessageID(_ id: UInt64) {
        appendFetchItem("X-GM-MSGID ")
        append(decimal: id)
    }

    /// `X-GM-THRID`.
    package mutating func appendFetchGmailThreadID(_ id: UInt64) {
        appendFetchItem("X-GM-THRID ")
        append(decimal: id)
    }

    /// `X-GM-LABELS`.
    package mutating func appendFetchGmailLabels(_ labels: [String], utf8: Bool) {
        appendFetchItem("X-GM-LABELS (")
        for (index, label) in labels.enumerated() {
            if index > 0 { append(ASCII.space) }
            appendName(label, utf8: utf8)
        }
        append(UInt8(ascii: ")"))
    }

    /// An item as an upstream sent it; nothing when its value was not kept.
    package mutating func appendFetchUnread(_ item: UnreadItem) {
        guard let value = item.value else { return }
        appendFetchItem("")
        append(text: item.name)
        append(ASCII.space)
        append(contentsOf: value)
    }
}
