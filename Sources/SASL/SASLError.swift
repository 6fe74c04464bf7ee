/// Why an exchange ended without an authenticated peer. Carries no text that a peer wrote and no secret.
package enum SASLError: Error, Equatable, Sendable {
    /// Cyrus SASL refused to start; the code is one of sasl.h's.
    case unavailable(code: Int32)
    /// The workers have too much to do, or are ending.
    case overloaded
    /// None of the offered mechanisms is known here, or the configured one is not offered.
    case noMechanism
    /// Only mechanisms that show the password are offered, and the channel is not encrypted.
    case plaintextRefused
    /// The login or the authorization identity holds a NUL or is empty.
    case badIdentity
    /// The other side broke the mechanism's protocol.
    case badChallenge
    /// The server asks for more rounds of SCRAM than the library computes; another mechanism has to be configured.
    case tooManyRounds
    /// The other side did not prove that it knows the secret (RFC 5802 §3).
    case peerNotVerified
    /// The other side claimed success before the exchange was over.
    case unfinished
}
