internal import Loop
package import MailTypes
package import SMTPSyntax
internal import Store
internal import Upstream

/// Sending, as the fronts ask for it.
extension Engine {
    /// Begins a message. The account is chosen by the sender, among the identities that the principal may send as.
    ///
    /// Nobody upstream is asked yet; that happens with `Submission.open`.
    package func beginSubmission(
        from sender: SMTPPath, parameters: MailParameters, by principal: Principal, origin: SubmissionOrigin
    ) throws(SubmissionRefusal) -> Submission {
        let account = try route(sender, for: principal)
        guard !parameters.requiresTLS || origin.isEncrypted && mayKeepTLS(account.value) else {
            throw SubmissionRefusal(.requireTLSUnsupported)
        }
        return Submission(
            self, relay: relays.relay(of: account.id, named: account.name), account: account, sender: sender,
            parameters: parameters, principal: principal, origin: origin,
            release: try release(parameters.futureRelease, from: account.value))
    }

    /// Until when a message of this principal may be kept back (RFC 4865), from now; nil when she may send as no account
    /// with a queue.
    package func futureReleaseLimit(for principal: Principal) -> (seconds: Int64, until: Moment)? {
        guard ways(of: principal).contains(where: { $0.outbox == .queue }) else { return nil }
        return (Self.longestHold, Moment(seconds: moment.seconds + Self.longestHold))
    }

    /// Whether a binary message (RFC 3030 §3) of this principal may leave: the submission server of an account that she
    /// may send as takes it, as far as it is known by now.
    package func takesBinaryMIME(from principal: Principal) -> Bool {
        ways(of: principal).contains {
            directory.server(named: $0.server).flatMap { upstreamOffers.offer(of: $0.value)?.binaryMIME } ?? false
        }
    }

    /// The accounts that a principal may send as.
    func ways(of principal: Principal) -> [Stored<AccountRecord>] {
        let scope: AccountID? = if case .account(let id) = principal.scope { id } else { nil }
        let (directory, moment) = (directory, moment)
        return directory.accounts(of: principal.userID, from: principal.address, at: moment).filter {
            (scope == nil || scope == $0.id)
                && directory.rights(of: principal.userID, in: $0.id, from: principal.address, at: moment)
                    .contains(.send)
        }
    }

    /// The most seconds that a message may be kept back: 90 days.
    static let longestHold: Int64 = 90 * 86_400

    private func release(
        _ wanted: FutureRelease?, from account: AccountRecord
    ) throws(SubmissionRefusal) -> Moment? {
        guard let wanted else { return nil }
        guard account.outbox == .queue else { throw SubmissionRefusal(.noFutureRelease) }
        let release = wanted.moment(from: moment)
        guard release.seconds >= moment.seconds, release.seconds - moment.seconds <= Self.longestHold else {
            throw SubmissionRefusal(.badReleaseTime)
        }
        return Moment(seconds: release.seconds)
    }

    /// The account that mail from this sender leaves through.
    private func route(_ sender: SMTPPath, for principal: Principal) throws(SubmissionRefusal) -> Stored<AccountRecord>
    {
        let scope: AccountID? = if case .account(let id) = principal.scope { id } else { nil }
        let directory = directory
        let account: Stored<AccountRecord>?
        switch sender {
        case .mailbox(let address):
            account = directory.account(
                sendingAs: address, by: principal.userID, scope: scope, from: principal.address, at: moment)
        case .null:
            // What only says that a message was read (RFC 8098 §3) names no sender; it can leave where there is one way.
            let ways = ways(of: principal)
            account = ways.count == 1 ? ways.first : nil
        case .postmaster: account = nil
        }
        guard let account else { throw SubmissionRefusal(.notYourAddress) }
        return account
    }
}
