internal import IMAPSyntax
internal import Loop
internal import SMTPSyntax

/// Pieces of a message that is sent which lie in a mailbox here (BURL, RFC 4468).
extension Engine {
    /// What the URL of a BURL names: an authorised one (RFC 4467), into a mailbox of this house, that is for this
    /// principal. No other server is asked.
    /// - Throws: what is to be said to the command. Of our own URLs nobody hears why one is not good.
    package func octets(
        submittedBy url: [UInt8], for principal: Principal
    ) async throws(SubmissionRefusal) -> NamedOctets {
        guard let parsed = IMAPURL(url), let server = parsed.server else { throw SubmissionRefusal(.noURL) }
        guard isOwn(server) else { throw SubmissionRefusal(.foreignURL) }
        guard parsed.authorization?.verifier != nil else { throw SubmissionRefusal(.unauthorizedURL) }
        let named: NamedOctets?
        do throws(EngineError) {
            named = try await octets(authorizedBy: url, for: principal, by: .submission)
        } catch {
            log.notice("what a URL names can't be read", ["user": principal.userName, "reason": "\(error)"])
            throw SubmissionRefusal(SMTPReply(unread: error))
        }
        guard let named else { throw SubmissionRefusal(.emptyURL) }
        return named
    }

    /// The same octets, piece by piece.
    package func read(_ range: Range<Int>, of named: NamedOctets) async throws(SubmissionRefusal) -> [UInt8] {
        do throws(EngineError) {
            let octets = try await named.read(range)
            guard octets.count == range.count else { throw .unavailable("the message is shorter than it was") }
            return octets
        } catch {
            log.notice("what a URL names broke off", ["reason": "\(error)"])
            throw SubmissionRefusal(SMTPReply(unread: error))
        }
    }
}

/// What is said to BURL (RFC 4468 §6; RFC 5248 gives 5.7.14 for what was 5.7.8 there).
extension SMTPReply {
    static let noURL = SMTPReply(501, EnhancedStatus(5, 5, 4), "That is no absolute IMAP URL")
    static let foreignURL = SMTPReply(
        554, EnhancedStatus(5, 7, 14), "URLs of this server alone are resolved; another one is not trusted")
    static let unauthorizedURL = SMTPReply(554, EnhancedStatus(5, 7, 0), "The URL must be authorized (URLAUTH)")
    static let emptyURL = SMTPReply(
        554, EnhancedStatus(5, 6, 6), "The URL is not good, not for you, or names nothing that is there")

    /// Why what a URL names could not be read.
    init(unread error: EngineError) {
        if case .unavailable = error {
            self.init(
                451, EnhancedStatus(4, 4, 1), "The mailbox that the URL is about can't be reached; try again later")
        } else {
            self.init(451, EnhancedStatus(4, 6, 6), "What the URL names can't be read right now; try again later")
        }
    }
}
