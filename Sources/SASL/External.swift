internal import Bytes

/// EXTERNAL (RFC 4422 appendix A): the channel has already shown who the client is, and the client says as whom it wants
/// to act. Cyrus's own would read a response beyond its end, so these few lines stand here.
package enum External {
    /// The registered name.
    package static let name = "EXTERNAL"
    /// The longest authorization identity, in octets.
    package static let limit = 512

    /// What a response asks for.
    package enum Request: Hashable, Sendable {
        /// To act as whom the channel shows.
        case oneself
        /// To act as this identity.
        case other(String)

        /// The authorization identity; nil for oneself.
        package var identity: String? {
            if case .other(let identity) = self { identity } else { nil }
        }
    }

    /// The request in a response; nil when it is none: too long, no UTF-8, or with a NUL.
    package static func request(in response: [UInt8]) -> Request? {
        guard !response.isEmpty else { return .oneself }
        guard response.count <= limit, !response.contains(0), let identity = String(strictUTF8: response) else {
            return nil
        }
        return .other(identity)
    }
}
