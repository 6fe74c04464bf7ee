package import MailTypes

/// The four questions that stand before every door. An unknown peer (nil) fits no network restriction.
extension Directory {
    /// What the user may do in this mailbox of the account; empty when it shall not exist for her.
    package func rights(
        of user: UserID, in account: AccountID, mailbox: MailboxName, from peer: IPAddress?, at moment: Moment
    ) -> Rights {
        rights(of: user, in: account, from: peer, at: moment) { grant in
            grant.mailboxes.isEmpty || grant.mailboxes.contains { $0.matches(mailbox) }
                ? grant.rights : grant.rights.intersection(.send)
        }
    }

    /// What the user may do somewhere in the account: the union over its mailboxes.
    package func rights(of user: UserID, in account: AccountID, from peer: IPAddress?, at moment: Moment) -> Rights {
        rights(of: user, in: account, from: peer, at: moment) { $0.rights }
    }

    /// The accounts in which the user has any right, sorted by name.
    package func accounts(of user: UserID, from peer: IPAddress?, at moment: Moment) -> [Stored<AccountRecord>] {
        guard let name = self.user(user)?.name else { return [] }
        let granted = Set(grantedAccounts(of: user))
        return accounts.filter {
            (granted.contains($0.id) || $0.value.isOwned(by: name))
                && !rights(of: user, in: $0.id, from: peer, at: moment).isEmpty
        }
    }

    /// The account through which the user may send as `address`, within `scope` when there is one; nil when she may not.
    /// Of several, the one whose own address it is comes first, then by name.
    package func account(
        sendingAs address: EmailAddress, by user: UserID, scope: AccountID? = nil, from peer: IPAddress?,
        at moment: Moment
    ) -> Stored<AccountRecord>? {
        let allowed = accounts(sendingAs: address).filter {
            (scope == nil || scope == $0.id) && rights(of: user, in: $0.id, from: peer, at: moment).contains(.send)
        }
        return allowed.first { $0.address == address } ?? allowed.first
    }

    private func rights(
        of user: UserID, in account: AccountID, from peer: IPAddress?, at moment: Moment, part: (Grant) -> Rights
    ) -> Rights {
        guard let person = self.user(user), person.isActive, let place = self.account(account), place.isActive else {
            return []
        }
        if case .private = place.kind { return place.value.isOwned(by: person.name) ? .all : [] }
        var rights: Rights = []
        for grant in grants(of: user, in: account) where grant.isValid(from: peer, at: moment) {
            rights.formUnion(part(grant))
        }
        return rights
    }
}

extension Grant {
    /// Whether it holds for somebody who comes from `peer` at `moment`.
    package func isValid(from peer: IPAddress?, at moment: Moment) -> Bool {
        if let expiry, moment.seconds >= expiry.seconds { return false }
        guard !networks.isEmpty else { return true }
        return peer.map { peer in networks.contains { $0.contains(peer) } } ?? false
    }
}

extension AccountRecord {
    /// Whether it is this user's private account.
    package func isOwned(by user: String) -> Bool {
        if case .private(let owner) = kind { owner.lowercased() == user.lowercased() } else { false }
    }
}
