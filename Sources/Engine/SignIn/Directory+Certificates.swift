internal import MailTypes
internal import Store
internal import TLS

extension Directory {
    /// The one user whom a client's certificate names; nil when it names nobody, or more than one.
    ///
    /// A certificate with names of several users would let its owner choose, and an address that two users have does not
    /// tell which of them is meant.
    func user(certified client: CertifiedClient) -> Stored<User>? {
        let named =
            switch client.naming {
            case .commonName: client.names.compactMap(user(named:))
            case .email:
                client.names.compactMap { EmailAddress($0) }.flatMap { address in
                    users.filter { $0.addresses.contains(address) }
                }
            }
        guard let first = named.first, named.allSatisfy({ $0.id == first.id }) else { return nil }
        return first
    }
}
