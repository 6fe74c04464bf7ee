internal import Bytes

/// `QUOTA` (RFC 9208 §4.2.1): what is used and allowed under a quota root.
package struct QuotaResponse: Hashable, Sendable {
    package struct Resource: Hashable, Sendable {
        /// As in `QuotaLimit`.
        package var name: String
        package var usage: UInt64
        package var limit: UInt64

        package init(_ name: String, usage: UInt64, limit: UInt64) {
            self.name = name
            self.usage = usage
            self.limit = limit
        }
    }

    package var root: String
    package var resources: [Resource]

    package init(root: String, resources: [Resource]) {
        self.root = root
        self.resources = resources
    }
}

extension ResponseReader {
    /// `QUOTA`, the word taken.
    mutating func quotaResponse() -> QuotaResponse? {
        guard let root = astring() else { return nil }
        spaces()
        guard case .list(let members)? = value() else { return nil }
        var response = QuotaResponse(root: String(lossy: root), resources: [])
        for index in stride(from: 0, to: members.count - 2, by: 3) {
            guard let name = nstringOrAtom(members[index]), let usage = number(members[index + 1]),
                let limit = number(members[index + 2])
            else { continue }
            response.resources.append(.init(String(lossy: name).uppercased(), usage: usage, limit: limit))
        }
        return response
    }

    /// `QUOTAROOT`, the word taken.
    mutating func quotaRootResponse() -> UntaggedResponse? {
        guard let mailbox = mailboxText() else { return nil }
        return .quotaRoot(mailbox: mailbox, roots: remainingStrings().map { String(lossy: $0) })
    }
}

/// Each function appends one whole line.
extension [UInt8] {
    /// `* QUOTA "" (STORAGE 10 512)`.
    package mutating func appendQuota(_ response: QuotaResponse) {
        append(text: "* QUOTA ")
        appendString(Array(response.root.utf8))
        append(text: " (")
        for (index, resource) in response.resources.enumerated() {
            append(text: "\(index > 0 ? " " : "")\(resource.name) \(resource.usage) \(resource.limit)")
        }
        append(UInt8(ascii: ")"))
        appendLineEnd()
    }

    /// `* QUOTAROOT INBOX ""` (RFC 9208 §4.2.2).
    package mutating func appendQuotaRoots(_ roots: [String], of mailbox: String, utf8: Bool) {
        append(text: "* QUOTAROOT ")
        appendName(mailbox, utf8: utf8)
        for root in roots {
            append(ASCII.space)
            appendString(Array(root.utf8))
        }
        appendLineEnd()
    }
}
