internal import Bytes

/// What a client says in its one message: the token, and as whom it wants to act.
package struct BearerMessage: Hashable, Sendable {
    /// Octets of the longest message that is looked at: what RFC 4954 §4 lets a line carry in base 64.
    package static let limit = 9_216

    /// Nil when the client says nothing of it: as whoever the token is of.
    package let authorization: String?
    /// Never empty. It is a password in other clothes: it must reach no log.
    package let token: [UInt8]

    /// Between the pairs, and at the end (RFC 7628 §3.1 `kvsep`).
    private static let separator: UInt8 = 0x01

    /// Reads the message of `mechanism`.
    package init(_ octets: [UInt8], of mechanism: BearerMechanism) throws(TokenSyntaxError) {
        guard octets.count <= Self.limit else { throw .message }
        var fields = octets.split(separator: Self.separator, omittingEmptySubsequences: false)
        // Every pair ends with the separator, and one more ends the message.
        guard fields.count >= 3, fields.popLast()?.isEmpty == true, fields.popLast()?.isEmpty == true else {
            throw .message
        }
        let head = fields.removeFirst()
        let name: [UInt8]?
        switch mechanism {
        case .oauthBearer: name = try Self.authorization(inHeader: head)
        case .xoauth2:
            guard head.starts(with: "user=".utf8) else { throw .message }
            name = Array(head.dropFirst(5))
        }
        if let name, !name.isEmpty {
            guard let text = String(validating: name, as: UTF8.self), !name.contains(ASCII.nul) else { throw .message }
            authorization = text
        } else {
            authorization = nil
        }
        token = try Self.token(in: fields)
    }

    /// The authorization identity in a GS2 header without channel binding: `n,a=NAME,` (RFC 5801 §4). `y` and `p` speak
    /// of channel bindings, which this mechanism has none of (RFC 7628 §3.1); `y` says that the client could.
    private static func authorization(inHeader header: ArraySlice<UInt8>) throws(TokenSyntaxError) -> [UInt8]? {
        let parts = header.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].isEmpty, parts[0].elementsEqual("n".utf8) || parts[0].elementsEqual("y".utf8)
        else { throw .message }
        guard !parts[1].isEmpty else { return nil }
        guard parts[1].starts(with: "a=".utf8), let name = unescaped(parts[1].dropFirst(2)), !name.isEmpty else {
            throw .message
        }
        return name
    }

    /// `saslname`: `=2C` is a comma, `=3D` an equals sign, and no other `=` may stand there (RFC 5801 §4).
    private static func unescaped(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        var octets: [UInt8] = []
        var rest = name
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "=") {
                octets.append(byte)
            } else if rest.starts(with: "2C".utf8) {
                octets.append(UInt8(ascii: ","))
                rest = rest.dropFirst(2)
            } else if rest.starts(with: "3D".utf8) {
                octets.append(UInt8(ascii: "="))
                rest = rest.dropFirst(2)
            } else {
                return nil
            }
        }
        return octets
    }

    /// The token in the pairs; `host`, `port` and what is not known are read over (RFC 7628 §3.1).
    private static func token(in pairs: [ArraySlice<UInt8>]) throws(TokenSyntaxError) -> [UInt8] {
        var found: [UInt8]?
        for pair in pairs {
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")), equals > pair.startIndex,
                pair[..<equals].allSatisfy({ ASCII.isLetter($0) })
            else { throw .message }
            guard pair[..<equals].elementsEqual("auth".utf8) else { continue }
            guard found == nil, let token = bearer(pair[(equals + 1)...]) else { throw .message }
            found = token
        }
        guard let found else { throw .message }
        return found
    }

    /// `Bearer`, blanks, and a token of the characters that one has (RFC 6750 §2.1).
    private static func bearer(_ value: ArraySlice<UInt8>) -> [UInt8]? {
        let scheme = value.prefix { $0 != ASCII.space }
        let token = value.dropFirst(scheme.count).drop { $0 == ASCII.space }
        guard scheme.equalsIgnoringASCIICase("bearer".utf8), token.count <= JSONWebToken.limit else { return nil }
        let body = token.prefix { $0 != UInt8(ascii: "=") }
        guard !body.isEmpty, body.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) || "-._~+/".utf8.contains($0) }),
            token.dropFirst(body.count).allSatisfy({ $0 == UInt8(ascii: "=") })
        else { return nil }
        return Array(token)
    }
}

/// What a client is told whose token does not let it in (RFC 7628 §3.2.2). It answers with anything, and then the
/// exchange has failed.
package struct BearerRefusal: Hashable, Sendable {
    /// RFC 6750 §3.1.
    package enum Status: String, Hashable, Sendable {
        case invalidRequest = "invalid_request"
        case invalidToken = "invalid_token"
        case insufficientScope = "insufficient_scope"
    }

    package let status: Status
    /// What a token must allow, words with blanks between; nil when nothing in particular.
    package let scope: String?
    /// Where the issuer's document is, for a client that has to find out where tokens come from.
    package let configuration: String?

    package init(_ status: Status, scope: String? = nil, configuration: String? = nil) {
        self.status = status
        self.scope = scope
        self.configuration = configuration
    }

    /// The challenge that says it.
    package func challenge(of mechanism: BearerMechanism) -> [UInt8] {
        switch (mechanism, scope, configuration) {
        case (.xoauth2, let scope?, _):
            JSONText.object(["status": statusCode, "schemes": "bearer", "scope": scope])
        case (.xoauth2, nil, _): JSONText.object(["status": statusCode, "schemes": "bearer"])
        case (.oauthBearer, let scope?, let configuration?):
            JSONText.object(["status": status.rawValue, "scope": scope, "openid-configuration": configuration])
        case (.oauthBearer, nil, let configuration?):
            JSONText.object(["status": status.rawValue, "openid-configuration": configuration])
        case (.oauthBearer, let scope?, nil): JSONText.object(["status": status.rawValue, "scope": scope])
        case (.oauthBearer, nil, nil): JSONText.object(["status": status.rawValue])
        }
    }

    /// XOAUTH2 says the status as HTTP does (RFC 6750 §3.1).
    private var statusCode: String {
        switch status {
        case .invalidRequest: "400"
        case .invalidToken: "401"
        case .insufficientScope: "403"
        }
    }
}
