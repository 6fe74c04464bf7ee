internal import Bytes
internal import MailTypes

extension IMAPURL {
    /// As it is written; reading gives the same value again.
    package var octets: [UInt8] {
        var output: [UInt8] = []
        if let server { output.append(server: server) }
        if let mailbox {
            output.append(UInt8(ascii: "/"))
            output.append(mailbox: Array(mailbox.text.utf8))
        } else if server != nil {
            output.append(UInt8(ascii: "/"))
        }
        if let uidValidity { output.append(text: ";UIDVALIDITY=\(uidValidity)") }
        if let search {
            output.append(UInt8(ascii: "?"))
            output.append(escaped: search, PercentCoding.isPathOctet)
        }
        if let uid { output.append(text: mailbox == nil ? ";UID=\(uid)" : "/;UID=\(uid)") }
        if let section, section != .whole {
            var bracketed: [UInt8] = []
            bracketed.append(section: section)
            output.append(text: "/;SECTION=")
            output.append(escaped: bracketed.dropFirst().dropLast(), PercentCoding.isPathOctet)
        }
        if let range {
            output.append(text: "/;PARTIAL=\(range.offset)")
            if let count = range.count { output.append(text: ".\(count)") }
        }
        if let authorization { output.append(authorization: authorization) }
        return output
    }
}

extension [UInt8] {
    /// Two slashes would begin a server, and a slash at the end would belong to what follows.
    fileprivate mutating func append(mailbox text: [UInt8]) {
        for (index, byte) in text.enumerated() {
            let isOuter = index == 0 || index == text.count - 1
            append(escaped: [byte]) { PercentCoding.isPathOctet($0) && !(isOuter && $0 == UInt8(ascii: "/")) }
        }
    }

    fileprivate mutating func append(server: IMAPURL.Server) {
        append(text: "imap://")
        if let user = server.user { append(escaped: user.utf8, PercentCoding.isUserOctet) }
        if let mechanism = server.mechanism {
            append(text: ";AUTH=")
            append(escaped: mechanism.utf8, PercentCoding.isUserOctet)
        }
        if server.user != nil || server.mechanism != nil { append(UInt8(ascii: "@")) }
        append(text: server.host)
        if let port = server.port { append(text: ":\(port)") }
    }

    fileprivate mutating func append(authorization: IMAPURL.Authorization) {
        if let expires = authorization.expires {
            append(text: ";EXPIRE=")
            DateTime.appendInternet(expires, to: &self)
        }
        append(text: ";URLAUTH=")
        switch authorization.access {
        case .submission(let user): append(application: "submit", user)
        case .user(let user): append(application: "user", user)
        case .authenticated: append(text: "authuser")
        case .anonymous: append(text: "anonymous")
        case .application(let name, let user): append(application: name, user)
        }
        if let verifier = authorization.verifier { append(text: ":\(verifier.mechanism):\(verifier.token)") }
    }

    private mutating func append(application name: String, _ user: String?) {
        append(text: name)
        guard let user else { return }
        append(UInt8(ascii: "+"))
        append(escaped: user.utf8, PercentCoding.isUserOctet)
    }
}
