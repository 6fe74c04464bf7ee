/// Why something upstream was not done. Each says the host and what was asked.
package enum UpstreamError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No connection could be made: name resolution, refused, timed out, TLS.
    case unreachable(String)
    /// The connection broke, timed out or lost its way in the middle; it is of no more use.
    case connectionLost(String)
    /// The server refused the credentials.
    case authenticationFailed(String)
    /// The server said NO (or refused by BAD) to a command: its response code's name and its text.
    case refused(code: String?, text: String)
    /// The caller's reader or sink failed.
    case local(String)

    /// Whether the connection can't be used any more.
    package var endsConnection: Bool {
        switch self {
        case .unreachable, .connectionLost, .authenticationFailed: true
        case .refused, .local: false
        }
    }

    package var description: String {
        switch self {
        case .unreachable(let text), .connectionLost(let text), .authenticationFailed(let text), .local(let text): text
        case .refused(let code, let text): code.map { "[\($0)] \(text)" } ?? text
        }
    }
}
