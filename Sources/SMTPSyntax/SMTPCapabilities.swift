internal import Bytes

/// What a server says it can do, in its answer to EHLO (RFC 5321 §4.1.1.1).
package struct SMTPCapabilities: Hashable, Sendable {
    /// The name that the server calls itself by.
    package let serverName: String
    /// Keywords in upper case, with their parameters as they stand.
    package let keywords: [String: [String]]

    /// Nothing: what a server that only knows HELO can do.
    package init(serverName: String = "", keywords: [String: [String]] = [:]) {
        self.serverName = serverName
        self.keywords = keywords
    }

    /// Reads a positive reply to EHLO.
    package init(_ reply: SMTPReply) {
        var keywords: [String: [String]] = [:]
        for line in reply.lines.dropFirst() {
            var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard var keyword = words.first?.uppercased() else { continue }
            words.removeFirst()
            // `AUTH=PLAIN LOGIN`: from before RFC 2554, still written beside the right form.
            if keyword.hasPrefix("AUTH=") {
                words.insert(String(keyword.dropFirst(5)), at: 0)
                keyword = "AUTH"
            }
            keywords[keyword, default: []].append(contentsOf: words)
        }
        let name = reply.lines.first?.split(separator: " ").first.map(String.init) ?? ""
        self.init(serverName: name, keywords: keywords)
    }

    package func has(_ keyword: String) -> Bool { keywords[keyword] != nil }

    /// RFC 2920.
    package var pipelining: Bool { has("PIPELINING") }
    /// RFC 6152.
    package var eightBitMIME: Bool { has("8BITMIME") }
    /// RFC 6531.
    package var smtpUTF8: Bool { has("SMTPUTF8") }
    /// RFC 2034.
    package var enhancedStatusCodes: Bool { has("ENHANCEDSTATUSCODES") }
    /// RFC 3030: messages may come by BDAT.
    package var chunking: Bool { has("CHUNKING") }
    /// RFC 3030 §3: messages may hold any octets; only by BDAT.
    package var binaryMIME: Bool { chunking && has("BINARYMIME") }
    /// RFC 3207.
    package var startTLS: Bool { has("STARTTLS") }
    /// RFC 3461.
    package var deliveryStatus: Bool { has("DSN") }
    /// RFC 8689.
    package var requireTLS: Bool { has("REQUIRETLS") }
    /// RFC 1870: whether MAIL may carry SIZE.
    package var takesSize: Bool { has("SIZE") }
    /// The most octets of a message; nil when no limit is told (0 says the same).
    package var sizeLimit: UInt64? {
        keywords["SIZE"]?.first?.utf8.decimalValue.flatMap { $0 == 0 ? nil : $0 }
    }
    /// RFC 9422: transactions of a session, recipients of a transaction, and domains of its recipients; nil for what is
    /// not told, or not as the RFC writes it.
    package var limits: (transactions: Int?, recipients: Int?, recipientDomains: Int?) {
        (limit("MAILMAX"), limit("RCPTMAX"), limit("RCPTDOMAINMAX"))
    }

    /// `NAME=number` of one to six digits, the first of which is no 0.
    private func limit(_ name: String) -> Int? {
        for word in keywords["LIMITS"] ?? [] {
            let pair = word.utf8.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, Array(pair[0]).equalsIgnoringASCIICase(name.utf8) else { continue }
            guard (1...6).contains(pair[1].count), pair[1].first != 0x30 else { return nil }
            return pair[1].decimalValue.map { Int($0) }
        }
        return nil
    }

    /// The names of RFC 4954 §3.
    package var mechanisms: [String] { keywords["AUTH"] ?? [] }
}
