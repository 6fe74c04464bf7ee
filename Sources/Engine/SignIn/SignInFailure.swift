/// Why nobody was signed in. A front says the same words for everything in `.refused`.
package enum SignInFailure: Error, Hashable, Sendable {
    /// Unknown user, wrong password, inactive user, no grant on the account asked for, or a broken exchange:
    /// nobody outside learns which.
    case refused
    /// Too many failures came from this address; nothing was checked. It may try again after this time.
    case throttled(Duration)
    /// Nothing could be checked now; the same attempt may succeed later.
    case unavailable
    /// No mechanism of this name is offered on this channel.
    case noMechanism
}
