internal import Bytes
package import MailTypes

/// What a server says (RFC 9051 §7).
package enum Response: Hashable, Sendable {
    /// `+ …`; the text is whole, for AUTHENTICATE it is base 64.
    case continuation([UInt8])
    case tagged(tag: [UInt8], Condition, ResponseText)
    case untagged(UntaggedResponse)
}

/// `OK`, `NO`, `BAD`, and untagged also `PREAUTH` and `BYE` (RFC 9051 §7.1).
package enum Condition: String, Hashable, Sendable {
    case ok = "OK"
    case no = "NO"
    case bad = "BAD"
    case preauth = "PREAUTH"
    case bye = "BYE"
}

/// The human-readable end of a status response with its code (`resp-text`).
package struct ResponseText: Hashable, Sendable {
    package var code: ResponseCode?
    package var text: [UInt8]

    package init(code: ResponseCode? = nil, text: [UInt8] = []) {
        self.code = code
        self.text = text
    }

    package init(_ code: ResponseCode? = nil, _ text: String) {
        self.init(code: code, text: Array(text.utf8))
    }
}

/// Untagged data. What can't be read as what it claims to be is `.other`, never an end of the stream.
package enum UntaggedResponse: Hashable, Sendable {
    case condition(Condition, ResponseText)
    /// Names in upper case.
    case capability([String])
    /// Names in upper case (RFC 5161 §3.2).
    case enabled([String])
    case list(ListResponse)
    case lsub(ListResponse)
    case status(StatusResponse)
    case flags([Flag])
    /// `SEARCH` with the mod-sequence of RFC 7162 §3.1.5.
    case search([UInt32], modSeq: ModSeq?)
    case esearch(ESearchResponse)
    /// In the order asked for (RFC 5256 §4).
    case sort([UInt32], modSeq: ModSeq?)
    /// Each thread's messages, those that others follow up on first (RFC 5256 §4).
    case thread([ThreadNode])
    case namespace(Namespaces)
    /// Nil for `NIL`.
    case id([IDField]?)
    case exists(UInt32)
    case recent(UInt32)
    case expunge(UInt32)
    /// UIDs (RFC 7162 §3.2.10).
    case vanished(NumberSet, earlier: Bool)
    case fetch(FetchResponse)
    /// `UIDFETCH`: the same without a sequence number, which is 0, and with a UID (RFC 9586 §3.3).
    case uidFetch(FetchResponse)
    case acl(ACLResponse)
    case listRights(ListRightsResponse)
    /// The mailbox is decoded like `ListResponse.name`, as in those below (RFC 4314 §3.8).
    case myRights(mailbox: String, AccessRights)
    case quota(QuotaResponse)
    /// RFC 9208 §4.2.2.
    case quotaRoot(mailbox: String, roots: [String])
    /// The mailbox is empty for the server's own (RFC 5464 §4.4.1).
    case metadata(mailbox: String, [MetadataValue])
    /// Entries that have changed (RFC 5464 §4.4.2).
    case metadataChanged(mailbox: String, [String])
    /// `GENURLAUTH`: the URLs with their verifiers (RFC 4467 §8).
    case generatedURLs([[UInt8]])
    /// `URLFETCH`.
    case fetchedURLs([FetchedURL])
    /// Anything else, by its first word in upper case.
    case other(String)
}

/// A line of `LIST` or `LSUB`.
package struct ListResponse: Hashable, Sendable {
    /// Attributes as the server wrote them: `\Noselect`, `\HasChildren`, `\Sent` … Compare without case by `has`.
    package var attributes: [String]
    /// Nil for a flat name.
    package var delimiter: Character?
    /// The name decoded to Unicode, levels separated by the server's own `delimiter`.
    package var name: String
    /// The name as it stood on the wire; differs from the encoding of `name` when `isDecodable` is false.
    package var encodedName: [UInt8]
    /// False when the name was no modified UTF-7 (nor UTF-8): `name` is then a guess and can't be used in commands.
    package var isDecodable: Bool
    /// `OLDNAME` (RFC 9051 §6.3.9.7).
    package var oldName: String?
    /// `CHILDINFO` (RFC 5258 §3.5).
    package var childInfo: [String]

    package init(
        attributes: [String], delimiter: Character?, name: String, encodedName: [UInt8], isDecodable: Bool = true,
        oldName: String? = nil, childInfo: [String] = []
    ) {
        self.attributes = attributes
        self.delimiter = delimiter
        self.name = name
        self.encodedName = encodedName
        self.isDecodable = isDecodable
        self.oldName = oldName
        self.childInfo = childInfo
    }

    /// Whether the attribute was given, compared without case.
    package func has(_ attribute: String) -> Bool {
        attributes.contains { $0.utf8.equalsIgnoringASCIICase(attribute.utf8) }
    }

    /// The special uses among the attributes.
    package var specialUses: [SpecialUse] { SpecialUse.allCases.filter { has($0.rawValue) } }
}

/// A line of `STATUS`.
package struct StatusResponse: Hashable, Sendable {
    /// Decoded like `ListResponse.name`.
    package var name: String
    package var values: [StatusValue]

    package init(name: String, values: [StatusValue]) {
        self.name = name
        self.values = values
    }

    package subscript(item: StatusItem) -> UInt64? { values.first { $0.item == item }?.value }
}

/// The answer to `NAMESPACE` (RFC 9051 §6.3.10); an empty list is `NIL`.
package struct Namespaces: Hashable, Sendable {
    package struct Namespace: Hashable, Sendable {
        /// Decoded to Unicode.
        package var prefix: String
        package var delimiter: Character?

        package init(prefix: String, delimiter: Character?) {
            self.prefix = prefix
            self.delimiter = delimiter
        }
    }

    package var personal: [Namespace]
    package var otherUsers: [Namespace]
    package var shared: [Namespace]

    package init(personal: [Namespace] = [], otherUsers: [Namespace] = [], shared: [Namespace] = []) {
        self.personal = personal
        self.otherUsers = otherUsers
        self.shared = shared
    }
}
