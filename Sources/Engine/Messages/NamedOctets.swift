package import IMAPSyntax
internal import MIME
package import MailTypes

/// The octets that a URL names: a message, a part of one, or some of its octets (RFC 5092 §6).
package struct NamedOctets: Sendable {
    private enum Source: Sendable {
        case body(MessageBody, Swift.Range<Int>)
        /// Chosen header fields, which lie nowhere in one piece.
        case fields([UInt8])
    }

    private let source: Source

    /// How many they are.
    package var count: Int {
        switch source {
        case .body(_, let range): range.count
        case .fields(let octets): octets.count
        }
    }

    /// Those of a range, cut to their end. A caller asks for at most `MessageBody.pieceSize` at a time.
    package func read(_ range: Swift.Range<Int>) async throws(EngineError) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        switch source {
        case .body(let body, let whole):
            return try await body.read(whole.lowerBound + range.lowerBound..<whole.lowerBound + range.upperBound)
        case .fields(let octets): return Array(octets[range])
        }
    }

    /// Nil when the message has no such section. What lies beyond its end is left out, as in FETCH (RFC 9051 §6.4.5).
    init?(
        _ section: BodySection, _ partial: IMAPURL.Range?, of body: MessageBody
    ) async throws(EngineError) {
        guard let range = body.structure.range(of: section) else { return nil }
        guard let selection = HeaderSelection(section.text) else {
            let part = Self.part(partial, of: range.count)
            source = .body(body, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
            return
        }
        let fields = selection.fields(of: try await body.read(range))
        source = .fields(Array(fields[Self.part(partial, of: fields.count)]))
    }

    private static func part(_ partial: IMAPURL.Range?, of count: Int) -> Swift.Range<Int> {
        guard let partial else { return 0..<count }
        let start = Int(min(partial.offset, UInt64(count)))
        return start..<start + Int(min(partial.count ?? .max, UInt64(count - start)))
    }
}

extension Engine {
    /// The octets that a URL names, as far as the principal may read them now.
    /// - Parameter mailbox: where the message lies, in the principal's tree.
    /// - Returns: nil when the URL names no message, another time's mailbox (UIDVALIDITY), or nothing that is there.
    package func octets(
        of url: IMAPURL, in mailbox: MailboxName, for principal: Principal
    ) async throws(EngineError) -> NamedOctets? {
        guard let uid = url.uid else { return nil }
        let open = try await open(mailbox, for: principal, readOnly: true)
        do throws(EngineError) {
            let (_, summary) = try await open.begin()
            var body: MessageBody?
            if url.uidValidity == nil || url.uidValidity == summary.uidValidity {
                let found = try await open.messages([uid], needs: .body)
                if let failure = found.failure { throw failure }
                body = found.messages.first?.body
            }
            await open.close()
            guard let body else { return nil }
            return try await NamedOctets(url.section ?? .whole, url.range, of: body)
        } catch {
            await open.close()
            throw error
        }
    }
}
