package import MailTypes

/// A `FETCH` response (RFC 9051 §7.5.2). An item that can't be read is left nil and named in `unread`.
package struct FetchResponse: Hashable, Sendable {
    /// 0 in a `UIDFETCH`, which has none (RFC 9586 §3.3).
    package var sequenceNumber: UInt32
    package var uid: UID?
    package var flags: [Flag]?
    package var internalDate: Moment?
    /// `RFC822.SIZE`.
    package var size: UInt64?
    package var envelope: Envelope?
    /// `BODYSTRUCTURE`, or `BODY` without extension data when only that came.
    package var bodyStructure: BodyStructure?
    package var modSeq: ModSeq?
    /// RFC 8474 §5.1.
    package var emailID: ObjectID?
    /// `NIL` from a server that does not thread (RFC 8474 §5.2).
    package var threadID: NilOr<ObjectID>?
    /// In UTF-8; `NIL` when it was asked for lazily and is not there yet (RFC 8970 §3.2).
    package var preview: NilOr<[UInt8]>?
    /// `NIL` where the mailbox keeps none (RFC 8514 §4.2).
    package var saveDate: NilOr<Moment>?
    package var sections: [FetchedSection] = []
    /// Gmail's own of `X-GM-MSGID`.
    package var gmailMessageID: UInt64?
    /// Gmail's own of `X-GM-THRID`.
    package var gmailThreadID: UInt64?
    /// `X-GM-LABELS`, decoded; those of the system begin with a backslash.
    package var gmailLabels: [String]?
    /// Items that were not understood, as far as the limits allow.
    package var unreadItems: [UnreadItem] = []
    /// Their names.
    package var unread: [String] { unreadItems.map(\.name) }
    /// The section whose content is just about to come: set only while the framer looks at half a response.
    var open: FetchedSection?

    package init(sequenceNumber: UInt32) { self.sequenceNumber = sequenceNumber }
}

/// An item of a FETCH response that was not understood, as it stood on the wire.
package struct UnreadItem: Hashable, Sendable {
    /// With a section in brackets, where it has one.
    package var name: String
    /// One value of the grammar; nil when it is missing, too long to keep, or has gone by.
    package var value: [UInt8]?

    package init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}

/// One `BODY[…]`, `RFC822…` or `BINARY[…]` of a FETCH response.
package struct FetchedSection: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case inline([UInt8])
        /// It has gone by as events of the framer, which counted this many octets.
        case streamed(UInt64)
        /// `NIL`: the section does not exist, or the server can't read it.
        case absent
    }

    /// `RFC822` is the whole message, `RFC822.HEADER` its header, `RFC822.TEXT` its text.
    package var section: BodySection
    package var isBinary: Bool
    package var origin: UInt64?
    package var content: Content

    package init(section: BodySection, isBinary: Bool = false, origin: UInt64? = nil, content: Content) {
        self.section = section
        self.isBinary = isBinary
        self.origin = origin
        self.content = content
    }
}
