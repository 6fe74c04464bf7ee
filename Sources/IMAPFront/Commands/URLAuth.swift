internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import TLS

/// GENURLAUTH, RESETKEY and URLFETCH (URLAUTH, RFC 4467).
extension IMAPSession {
    func generateURLs(_ requests: [URLRequest], _ principal: Principal) async throws(Fault) -> Reply {
        var urls: [[UInt8]] = []
        for request in requests {
            guard request.mechanism == Engine.urlMechanism else { return .bad("Only INTERNAL is known") }
            let url = try await ask { () async throws(EngineError) in
                try await engine.authorize(request.rump, for: principal)
            }
            guard let url else { return .bad("This is no URL that you could authorize") }
            urls.append(url)
        }
        connection.output.append { (output) in output.appendGeneratedURLs(urls) }
        try await drain()
        return .ok("Authorized")
    }

    func resetKey(
        _ mailbox: MailboxName?, _ mechanisms: [String], _ principal: Principal
    ) async throws(Fault) -> Reply {
        guard mechanisms.allSatisfy({ $0 == Engine.urlMechanism }) else {
            return .no("Only INTERNAL is known", .cannot)
        }
        try await ask { () async throws(EngineError) in
            try await engine.resetURLKeys(of: mailbox, for: principal)
        }
        return .ok("Reset", mailbox == nil ? nil : .urlMechanisms([Engine.urlMechanism]))
    }

    /// One response for all URLs, NIL for what is not given.
    func fetchURLs(_ urls: [[UInt8]], _ principal: Principal) async throws(Fault) -> Reply {
        var failure: Reply?
        connection.output.append { (output) in output.appendURLFetchStart() }
        for url in urls {
            var named: NamedOctets?
            do throws(EngineError) {
                named = try await engine.octets(authorizedBy: url, for: principal)
            } catch { failure = failure ?? Reply(error) }
            connection.output.append { (output) in
                output.appendURLFetchName(url)
                if let named { output.appendLiteralHead(named.count) } else { output.appendNString(nil) }
            }
            if let named { try await stream(named) }
            try await drain()
        }
        connection.output.append { (output) in output.appendLineEnd() }
        return failure ?? .ok("Fetched")
    }

    /// Sends what a URL names, its length being announced: when the rest can't be had, the connection can't go on.
    private func stream(_ named: NamedOctets) async throws(Fault) {
        for start in stride(from: 0, to: named.count, by: MessageBody.pieceSize) {
            let end = min(start + MessageBody.pieceSize, named.count)
            let piece: [UInt8]
            do throws(EngineError) { piece = try await named.read(start..<end) } catch {
                log.error("a message broke off while it was sent", ["reason": "\(error)"])
                throw .connection(.closed)
            }
            guard piece.count == end - start else { throw .connection(.closed) }
            connection.output.append(contentsOf: piece)
            try await drain()
        }
    }
}
