internal import Bytes
internal import MailTypes

/// `ACL` (RFC 4314 §3.6): who may do what with a mailbox.
package struct ACLResponse: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        /// A user, a group, `anyone` …; one that begins with `-` lists what is denied (RFC 4314 §2).
        package var identifier: String
        package var rights: AccessRights

        package init(_ identifier: String, _ rights: AccessRights) {
            self.identifier = identifier
            self.rights = rights
        }
    }

    /// Decoded like `ListResponse.name`.
    package var mailbox: String
    package var entries: [Entry]

    package init(mailbox: String, entries: [Entry]) {
        self.mailbox = mailbox
        self.entries = entries
    }
}

/// `LISTRIGHTS` (RFC 4314 §3.7): which rights an identifier can be given.
package struct ListRightsResponse: Hashable, Sendable {
    /// Decoded like `ListResponse.name`.
    package var mailbox: String
    package var identifier: String
    /// Those that it always has.
    package var required: AccessRights
    /// Those that can be given; the rights of one member only together.
    package var optional: [AccessRights]

    package init(mailbox: String, identifier: String, required: AccessRights, optional: [AccessRights]) {
        self.mailbox = mailbox
        self.identifier = identifier
        self.required = required
        self.optional = optional
    }
}

extension ResponseReader {
    /// A mailbox's name in text; nil when none comes next.
    mutating func mailboxText() -> String? {
        guard let encoded = astring() else { return nil }
        return decodeName(encoded).name
    }

    /// The strings up to the end of the response.
    mutating func remainingStrings() -> [[UInt8]] {
        var strings: [[UInt8]] = []
        spaces()
        while !isAtEnd, let string = astring() {
            strings.append(string)
            spaces()
        }
        return strings
    }

    /// `ACL`, the word taken.
    mutating func aclResponse() -> ACLResponse? {
        guard let mailbox = mailboxText() else { return nil }
        var response = ACLResponse(mailbox: mailbox, entries: [])
        let strings = remainingStrings()
        for index in stride(from: 0, to: strings.count - 1, by: 2) {
            response.entries.append(.init(String(lossy: strings[index]), AccessRights(strings[index + 1])))
        }
        return response
    }

    /// `LISTRIGHTS`, the word taken.
    mutating func listRightsResponse() -> ListRightsResponse? {
        guard let mailbox = mailboxText() else { return nil }
        let strings = remainingStrings()
        guard strings.count >= 2 else { return nil }
        return ListRightsResponse(
            mailbox: mailbox, identifier: String(lossy: strings[0]), required: AccessRights(strings[1]),
            optional: strings.dropFirst(2).map { AccessRights($0) })
    }

    /// `MYRIGHTS`, the word taken.
    mutating func myRightsResponse() -> UntaggedResponse? {
        guard let mailbox = mailboxText(), let rights = remainingStrings().first else { return nil }
        return .myRights(mailbox: mailbox, AccessRights(rights))
    }
}

/// Each function appends one whole line.
extension [UInt8] {
    /// `* ACL …`.
    package mutating func appendACL(_ response: ACLResponse, utf8: Bool) {
        append(text: "* ACL ")
        appendName(response.mailbox, utf8: utf8)
        for entry in response.entries {
            append(ASCII.space)
            appendString(Array(entry.identifier.utf8))
            append(rights: entry.rights)
        }
        appendLineEnd()
    }

    /// `* LISTRIGHTS …`.
    package mutating func appendListRights(_ response: ListRightsResponse, utf8: Bool) {
        append(text: "* LISTRIGHTS ")
        appendName(response.mailbox, utf8: utf8)
        append(ASCII.space)
        appendString(Array(response.identifier.utf8))
        append(rights: response.required)
        for rights in response.optional { append(rights: rights) }
        appendLineEnd()
    }

    /// `* MYRIGHTS …`.
    package mutating func appendMyRights(_ rights: AccessRights, of mailbox: String, utf8: Bool) {
        append(text: "* MYRIGHTS ")
        appendName(mailbox, utf8: utf8)
        append(rights: rights)
        appendLineEnd()
    }

    /// Rights with the space before them.
    private mutating func append(rights: AccessRights) {
        append(ASCII.space)
        appendAString(Array(rights.description.utf8))
    }
}
