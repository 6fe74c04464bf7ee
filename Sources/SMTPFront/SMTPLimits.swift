/// What a client that sends may take, and how long it may be silent.
package struct SMTPLimits: Sendable {
    /// Connections of one listener.
    package var connections = 10_000
    /// Of these from one address.
    package var connectionsPerAddress = 1000
    /// For a client to sign in.
    package var signInTime: Duration = .seconds(60)
    /// Silence between commands (RFC 5321 §4.5.3.2.7: at least 5 minutes).
    package var idleTime: Duration = .seconds(300)
    /// Silence within a message (RFC 5321 §4.5.3.2.5: at least 3 minutes).
    package var dataTime: Duration = .seconds(180)
    /// For a client to take up an answer.
    package var outputTime: Duration = .seconds(60)
    /// For a TLS handshake.
    package var handshakeTime: Duration = .seconds(30)
    /// Octets of one message.
    package var messageSize: UInt64 = 50 << 20
    /// Recipients of one message (RFC 5321 §4.5.3.1.8: at least 100).
    package var recipients = 1000
    /// Commands that are none, or that have no place, before a client is sent away.
    package var badCommands = 20
    /// Sign-ins that fail on one connection before it is closed.
    package var failedSignIns = 3
    /// Whether programs on this machine may sign in without TLS.
    package var allowsInsecureLoopback = false

    package init() {}
}
