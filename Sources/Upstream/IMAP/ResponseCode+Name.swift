internal import IMAPSyntax

extension ResponseCode {
    /// The code's word, for the codes that a client may want to hear of (RFC 9051 §7.1, RFC 5530).
    var name: String? {
        switch self {
        case .alreadyExists: "ALREADYEXISTS"
        case .authenticationFailed: "AUTHENTICATIONFAILED"
        case .authorizationFailed: "AUTHORIZATIONFAILED"
        case .cannot: "CANNOT"
        case .corruption: "CORRUPTION"
        case .expired: "EXPIRED"
        case .hasChildren: "HASCHILDREN"
        case .inUse: "INUSE"
        case .limit: "LIMIT"
        case .nonExistent: "NONEXISTENT"
        case .noPermission: "NOPERM"
        case .overQuota: "OVERQUOTA"
        case .serverBug: "SERVERBUG"
        case .tooBig: "TOOBIG"
        case .tryCreate: "TRYCREATE"
        case .unavailable: "UNAVAILABLE"
        case .useAttr: "USEATTR"
        case .other(let word, _): word
        default: nil
        }
    }
}
