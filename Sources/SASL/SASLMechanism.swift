/// The mechanisms that Posthouse takes part in, on either side.
package enum SASLMechanism: String, Sendable, CaseIterable, CustomStringConvertible {
    /// RFC 7677.
    case scramSHA256 = "SCRAM-SHA-256"
    /// RFC 5802.
    case scramSHA1 = "SCRAM-SHA-1"
    /// RFC 4616.
    case plain = "PLAIN"
    /// draft-murchison-sasl-login-00; old, and still what some servers offer alone.
    case login = "LOGIN"
    /// RFC 2831, historic (RFC 6331).
    case digestMD5 = "DIGEST-MD5"
    /// RFC 2195.
    case cramMD5 = "CRAM-MD5"

    /// The mechanism of this registered name, in whatever case it is written.
    package init?(name: String) {
        self.init(rawValue: name.uppercased())
    }

    package var description: String { rawValue }

    /// Whether whoever reads the channel learns the password.
    package var showsPassword: Bool { self == .plain || self == .login }

    /// Whether the client speaks first, so that an initial response makes sense (RFC 4422 §5).
    package var isClientFirst: Bool {
        switch self {
        case .scramSHA256, .scramSHA1, .plain: true
        case .login, .digestMD5, .cramMD5: false
        }
    }

    /// What a client prefers, best first. The MD5 mechanisms come after the plain ones: those run only inside TLS,
    /// where a broken digest adds nothing and costs the server a stored password.
    package static let preference: [SASLMechanism] = [.scramSHA256, .scramSHA1, .plain, .login, .digestMD5, .cramMD5]
}
