/// Why a request has no answer. Names the place and the reason; holds nothing that was sent or received.
package enum HTTPError: Error, Hashable, Sendable {
    /// Plain HTTP to another machine, which everybody between could read and change.
    case notPrivate(WebAddress)
    /// No connection, no name, or it broke: libcurl's own words.
    case unreachable(WebAddress, String)
    /// The certificate is not from a trusted authority, or not for this host.
    case certificate(WebAddress, String)
    /// The authorities' file can't be used.
    case authorityFile(String)
    case timeout(WebAddress, Duration)
    /// The answer has more octets than are read.
    case tooLarge(WebAddress, limit: Int)
    /// An answer with another status than 200; a redirection is not followed.
    case status(WebAddress, Int)
    /// Too many requests wait, or the program ends.
    case overloaded
    /// libcurl can't be used; the code is one of curl.h's.
    case library(Int)
}

extension HTTPError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notPrivate(let address): "\(address) is not encrypted"
        case .unreachable(let address, let reason): "\(address): \(reason)"
        case .certificate(let address, let reason): "\(address): its certificate is not trusted: \(reason)"
        case .authorityFile(let path): "\(path) holds no certificates of authorities"
        case .timeout(let address, let time): "\(address) did not answer within \(time)"
        case .tooLarge(let address, let limit): "\(address) answered with more than \(limit) octets"
        case .status(let address, let status): "\(address) answered with status \(status)"
        case .overloaded: "too many requests wait"
        case .library(let code): "libcurl failed with code \(code)"
        }
    }
}
