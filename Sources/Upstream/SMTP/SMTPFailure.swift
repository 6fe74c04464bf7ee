package import SMTPSyntax

/// Why a message, or a connection, came to nothing upstream; the connection is of no more use afterwards. Texts name the host; none holds a secret.
package enum SMTPFailure: Error, Hashable, Sendable {
    /// Where in the dialogue a server said no.
    package enum Stage: String, Hashable, Sendable {
        case greeting, hello, startTLS, authentication, reset
    }

    /// No connection could be made: name resolution, refused, timed out, TLS.
    case unreachable(String)
    /// The server does not want to talk, in its own words.
    case refused(Stage, SMTPReply)
    /// This side could not sign in: no common mechanism, a server that proved nothing, a secret that can't be opened.
    case authentication(String)
    /// The connection broke, timed out or lost its way before the end of data: nothing was accepted.
    case lost(String)
    /// The connection broke after the end of data and before the answer: the server may have accepted the message.
    /// It must not be sent again unasked.
    case unknown(String)
    /// This side's reader failed, or the message can't be sent as it is. Nothing was accepted.
    case local(String)
}

extension SMTPFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let text), .authentication(let text), .lost(let text), .unknown(let text), .local(let text):
            text
        case .refused(let stage, let reply): "\(stage.rawValue) was refused: \(reply)"
        }
    }
}
