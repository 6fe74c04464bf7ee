package import Loop
internal import MailTypes
internal import SASL
internal import TokenSyntax

/// Signing in, as the fronts ask for it.
extension Engine {
    /// The SASL mechanisms to announce, best first. None on a channel that others can read; those that take tokens where
    /// somebody's are believed.
    /// - Parameter encrypted: TLS, or loopback where the configuration allows it without.
    package func mechanisms(encrypted: Bool) -> [String] {
        guard encrypted else { return [] }
        let bearer = signInGate.takesTokens ? BearerMechanism.allCases.map(\.rawValue) : []
        return SASLServer.mechanisms.map(\.rawValue) + bearer
    }

    /// Signs in with a name and a password that the protocol carries itself. A failure takes its time: it returns after
    /// the delay that its address has earned.
    package func signIn(
        name: String, password: [UInt8], peer: SocketAddress
    ) async throws(SignInFailure) -> Principal {
        try await signInGate.signIn(name: name, password: password, peer: SignInGate.Peer(peer))
    }

    /// Begins an exchange. A mechanism that `mechanisms(encrypted:)` does not name fails at its first step.
    package func beginSignIn(mechanism: String, peer: SocketAddress, encrypted: Bool) -> SignInExchange {
        SignInExchange(signInGate, mechanism: mechanism, peer: SignInGate.Peer(peer), isOffered: encrypted)
    }
}
