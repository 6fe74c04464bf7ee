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
    /// RFC 1870: whether MAIL may carry SIZE.
    package var takesSize: Bool { has("SIZE") }
    /// The most octets of a message; nil when no limit is told (0 says the same).
    package var sizeLimit: UInt64? {
        keywords["SIZE"]?.first?.utf8.decimalValue.flatMap { $0 == 0 ? nil : $0 }
    }
    /// The names of RFC 4954 §3.
    package var mechanisms: [String] { keywords["AUTH"] ?? [] }
}
