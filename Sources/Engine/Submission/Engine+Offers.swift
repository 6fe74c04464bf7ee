internal import Loop
internal import SMTPSyntax
internal import Store

/// What a client may be offered for the mail of one of its accounts, since the account's upstream or queue has it.
package struct SubmissionOffers: Hashable, Sendable {
    /// Delivery status notifications (RFC 3461).
    package var deliveryStatus = false
    /// TLS all the way, which the client's own connection has to have as well (RFC 8689).
    package var requireTLS = false

    package init() {}
}

extension Engine {
    /// How long a client waits at most until its upstreams have told what they offer.
    static let offerPatience = Duration.seconds(5)
    /// Upstreams that are asked for one client.
    static let offerLimit = 8

    /// What holds for every account that sends: before the client has signed in nobody knows which will be its.
    /// Nobody is asked.
    package var commonOffers: SubmissionOffers {
        let directory = directory
        let senders = directory.accounts.filter { account in
            account.isActive && directory.server(named: account.server)?.smtp != nil
        }
        var offers = SubmissionOffers()
        offers.deliveryStatus = !senders.isEmpty && senders.allSatisfy { reportsDelivery($0.value, directory) }
        offers.requireTLS = !senders.isEmpty && senders.allSatisfy { keepsTLS($0.value, directory) }
        return offers
    }

    /// What holds for one of the accounts at least that the principal may send as; the others refuse it at MAIL. An
    /// upstream of which nothing is known is asked, and what it does not tell in time is not offered.
    /// - Precondition: called on one of the engine's loops.
    package func offers(for principal: Principal) async -> SubmissionOffers {
        let directory = directory
        let ways = ways(of: principal)
        await ask(
            ways.filter {
                known($0.value, directory) == nil && ($0.outbox == .inline || hasVerifiedTLS($0.value, directory))
            })
        var offers = SubmissionOffers()
        offers.deliveryStatus = ways.contains { reportsDelivery($0.value, directory) }
        offers.requireTLS = ways.contains { keepsTLS($0.value, directory) }
        return offers
    }

    private func known(_ account: AccountRecord, _ directory: Directory) -> SMTPCapabilities? {
        directory.server(named: account.server).flatMap { upstreamOffers.offer(of: $0.value) }
    }

    /// Whether delivery status notifications can be had: our queue makes them itself where the upstream does not.
    private func reportsDelivery(_ account: AccountRecord, _ directory: Directory) -> Bool {
        account.outbox == .queue || known(account, directory)?.deliveryStatus == true
    }

    /// Whether its upstream is reached over TLS with a certificate that is verified.
    private func hasVerifiedTLS(_ account: AccountRecord, _ directory: Directory) -> Bool {
        guard let smtp = directory.server(named: account.server)?.smtp else { return false }
        return smtp.security != .none && smtp.verifiesCertificate
    }

    /// Whether its upstream is known to keep to RFC 8689.
    private func keepsTLS(_ account: AccountRecord, _ directory: Directory) -> Bool {
        hasVerifiedTLS(account, directory) && known(account, directory)?.requireTLS == true
    }

    /// The same as far as is known: an upstream that has not been spoken to may.
    func mayKeepTLS(_ account: AccountRecord) -> Bool {
        let directory = directory
        return hasVerifiedTLS(account, directory) && known(account, directory)?.requireTLS != false
    }

    /// Asks the upstreams of these accounts, all at a time.
    private func ask(_ accounts: [Stored<AccountRecord>]) async {
        guard let loop = loops.first(where: \.isCurrent) else { return }
        var servers: Set<String> = []
        let asked = accounts.filter { servers.insert($0.server).inserted }.prefix(Self.offerLimit)
        let left = Locked(asked.count)
        let signal = Signal(on: loop)
        for account in asked {
            let relay = relays.relay(of: account.id, named: account.name)
            loop.spawn { _ in
                await relay.ask()
                let isLast = left.withLock { left in
                    left -= 1
                    return left == 0
                }
                if isLast { signal.raise(.work) }
            }
        }
        guard !asked.isEmpty else { return }
        _ = await signal.next(of: .work, until: loop.now + Self.offerPatience)
    }
}
