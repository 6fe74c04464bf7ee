internal import Bytes
internal import MailTypes

/// A URL that `GENURLAUTH` is to authorise (RFC 4467 §7).
package struct URLRequest: Hashable, Sendable {
    /// The URL without a verifier, as the client wrote it.
    package var rump: [UInt8]
    /// In upper case; `INTERNAL` is the one that every server has.
    package var mechanism: String

    package init(rump: [UInt8], mechanism: String) {
        self.rump = rump
        self.mechanism = mechanism
    }
}

extension CommandReader {
    /// `GENURLAUTH`, the word taken.
    mutating func generateURLs() throws(IMAPSyntaxError) -> Command {
        var requests: [URLRequest] = []
        repeat {
            guard requests.count < limits.listLength else { throw .tooMany(position: position) }
            try space()
            let rump = try astring()
            try space()
            requests.append(URLRequest(rump: rump, mechanism: try upperCaseAtom("a mechanism")))
        } while peek == ASCII.space
        return .generateURLs(requests)
    }

    /// `RESETKEY`, the word taken.
    mutating func resetKey() throws(IMAPSyntaxError) -> Command {
        guard skip(ASCII.space) else { return .resetKey(nil, mechanisms: []) }
        let mailbox = try mailbox()
        var mechanisms: [String] = []
        while skip(ASCII.space) {
            guard mechanisms.count < limits.listLength else { throw .tooMany(position: position) }
            mechanisms.append(try upperCaseAtom("a mechanism"))
        }
        return .resetKey(mailbox, mechanisms: mechanisms)
    }

    /// `URLFETCH`, the word taken.
    mutating func fetchURLs() throws(IMAPSyntaxError) -> Command {
        var urls: [[UInt8]] = []
        repeat {
            guard urls.count < limits.listLength else { throw .tooMany(position: position) }
            try space()
            urls.append(try astring())
        } while peek == ASCII.space
        return .fetchURLs(urls)
    }
}

extension CommandWriter {
    mutating func generateURLs(_ requests: [URLRequest]) {
        text("GENURLAUTH")
        for request in requests {
            text(" ")
            string(request.rump)
            text(" " + request.mechanism)
        }
    }

    mutating func resetKey(_ mailbox: MailboxName?, _ mechanisms: [String]) {
        text("RESETKEY")
        guard let mailbox else { return }
        text(" ")
        self.mailbox(mailbox)
        for mechanism in mechanisms { text(" " + mechanism) }
    }

    mutating func fetchURLs(_ urls: [[UInt8]]) {
        text("URLFETCH")
        for url in urls {
            text(" ")
            string(url)
        }
    }
}
