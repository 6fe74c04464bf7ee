package import Loop
internal import MailTypes
internal import SASL
package import TLS
internal import TokenSyntax

/// Signing in, as the fronts ask for it.
extension Engine {
    /// The SASL mechanisms to announce, best first. None on a channel that others can read; those that take tokens where
    /// somebody's are believed.
    /// - Parameters:
    ///   - encrypted: TLS, or loopback where the configuration allows it without.
    ///   - client: who the client is by its certificate.
    package func mechanisms(encrypted: Bool, client: CertifiedClient? = nil) -> [String] {
        guard encrypted else { return [] }
        let certified = client == nil ? [] : [External.name]
        let bearer = signInGate.takesTokens ? BearerMechanism.allCases.map(\.rawValue) : []
        return certified + SASLServer.mechanisms.map(\.rawValue) + bearer
    }

    /// Signs in with a name and a password that the protocol carries itself. A failure takes its time: it returns after
    /// the delay that its address has earned.
    package func signIn(
        name: String, password: [UInt8], peer: SocketAddress
    ) async throws(SignInFailure) -> Principal {
        try await signInGate.signIn(name: name, password: password, peer: SignInGate.Peer(peer))
    }

    /// Begins an exchange. A mechanism that `mechanisms(encrypted:client:)` does not name fails at its first step.
    package func beginSignIn(
        mechanism: String, peer: SocketAddress, encrypted: Bool, client: CertifiedClient? = nil
    ) -> SignInExchange {
        SignInExchange(
            signInGate, mechanism: mechanism, peer: SignInGate.Peer(peer), isOffered: encrypted, client: client)
    }

    /// Tells the log why the certificate that a client has just shown counts for nothing, if it does: the client goes on
    /// without EXTERNAL, and can't see why.
    package func noteCertificate(of connection: Connection) {
        guard case .refused(let subject, let reason) = connection.clientCertificate else { return }
        log.info(
            "a client's certificate is not accepted",
            ["certificate": subject, "reason": reason, "peer": connection.peer.hostText])
    }
}
