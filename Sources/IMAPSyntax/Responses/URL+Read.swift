internal import Bytes

/// What `URLFETCH` says of one URL (RFC 4467 §8).
package struct FetchedURL: Hashable, Sendable {
    package var url: [UInt8]
    /// Absent when the server does not give it.
    package var content: FetchedSection.Content

    package init(url: [UInt8], content: FetchedSection.Content) {
        self.url = url
        self.content = content
    }
}

extension ResponseReader {
    /// `URLFETCH`, the word taken; nil when something else than a string or NIL stands for a content.
    mutating func fetchedURLs() -> UntaggedResponse? {
        var fetched: [FetchedURL] = []
        while !isAtEnd {
            guard let url = astring() else { return nil }
            spaces()
            guard let value = value() else { return nil }
            switch value {
            case .string(let octets): fetched.append(FetchedURL(url: url, content: .inline(octets)))
            case .streamed(let size): fetched.append(FetchedURL(url: url, content: .streamed(size)))
            case .atom(let range) where isNil(range): fetched.append(FetchedURL(url: url, content: .absent))
            default: return nil
            }
            spaces()
        }
        return .fetchedURLs(fetched)
    }
}

/// Answers about URLs.
extension [UInt8] {
    /// `* GENURLAUTH "imap://…"`, one whole line; the URLs with their verifiers.
    package mutating func appendGeneratedURLs(_ urls: [[UInt8]]) {
        append(text: "* GENURLAUTH")
        for url in urls {
            append(ASCII.space)
            appendString(url)
        }
        appendLineEnd()
    }

    /// `* URLFETCH`; then `appendURLFetchName` and a content for each URL, and `appendLineEnd`.
    package mutating func appendURLFetchStart() { append(text: "* URLFETCH") }

    /// A URL with the spaces around it. Its content follows as `appendNString`, or as `appendLiteralHead` and so many
    /// octets.
    package mutating func appendURLFetchName(_ url: [UInt8]) {
        append(ASCII.space)
        appendString(url)
        append(ASCII.space)
    }

    /// A URL in a response code, which a closing bracket would end (RFC 4469 §4).
    mutating func append(urlInCode url: [UInt8]) {
        append(escaped: url) { $0 > ASCII.space && $0 < ASCII.delete && $0 != UInt8(ascii: "]") }
    }
}
