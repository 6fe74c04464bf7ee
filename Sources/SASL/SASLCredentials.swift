/// Whom a server side lets in. The closures are called on the thread that runs the step, never on a loop.
package struct SASLCredentials: Sendable {
    /// The verifier of the user with this name; nil when there is none, or when she may not sign in.
    package let verifier: @Sendable (_ name: String) -> SCRAMVerifier?
    /// What an unknown name is measured against: the same every time for one name, like a real one, and matched by no
    /// password, so that the exchange does not tell who exists.
    package let decoy: @Sendable (_ name: String) -> SCRAMVerifier
    /// Whether this is the password of the user with this name. It takes as long for an unknown name.
    package let check: @Sendable (_ name: String, _ password: [UInt8]) -> Bool

    package init(
        verifier: @escaping @Sendable (_ name: String) -> SCRAMVerifier?,
        decoy: @escaping @Sendable (_ name: String) -> SCRAMVerifier,
        check: @escaping @Sendable (_ name: String, _ password: [UInt8]) -> Bool
    ) {
        self.verifier = verifier
        self.decoy = decoy
        self.check = check
    }
}

/// Who proved to be whom.
package struct SASLIdentity: Hashable, Sendable {
    /// Whose credentials were shown.
    package let authentication: String
    /// As whom she wants to act; nil when as herself.
    package let authorization: String?

    package init(authentication: String, authorization: String? = nil) {
        self.authentication = authentication
        self.authorization = authorization
    }
}
