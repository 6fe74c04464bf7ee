package import MailTypes

/// The machine-readable part of a status response, in brackets (RFC 9051 §7.1, RFC 5530, RFC 4315, RFC 7162).
package enum ResponseCode: Hashable, Sendable {
    case alert
    case alreadyExists
    case appendUID(UIDValidity, [ClosedRange<UInt32>])
    case authenticationFailed
    case authorizationFailed
    case badCharset([String])
    /// The events that NOTIFY can be asked for (RFC 5465 §5).
    case badEvent([String])
    /// The URL of CATENATE that is none or names nothing (RFC 4469 §4).
    case badURL([UInt8])
    case cannot
    case capability([String])
    case clientBug
    case closed
    /// RFC 4978 §3.
    case compressionActive
    case contactAdmin
    /// The two sets list equally many UIDs in the same order.
    case copyUID(UIDValidity, source: [ClosedRange<UInt32>], destination: [ClosedRange<UInt32>])
    case corruption
    case expired
    case expungeIssued
    case hasChildren
    case highestModSeq(ModSeq)
    /// Nil when nothing but that the server still works is told (RFC 9585 §4).
    case inProgress(Progress?)
    case inUse
    case limit
    /// RFC 8474 §4.1, §4.2.
    case mailboxID(ObjectID)
    case metadata(MetadataCode)
    case modified([ClosedRange<UInt32>])
    case noModSeq
    case nonExistent
    case noPermission
    case notSaved
    /// The updates of the search with this tag have ended, or never began (RFC 5267 §4.3.1).
    case noUpdate([UInt8])
    /// More has happened than can be told: NOTIFY is as if it had said `NONE` (RFC 5465 §5.8).
    case notificationOverflow
    case overQuota
    case parse
    /// `\*` stands as a flag of that name.
    case permanentFlags([Flag])
    case privacyRequired
    case readOnly
    case readWrite
    case serverBug
    case tooBig
    case tryCreate
    case uidNext(UInt32)
    case uidNotSticky
    /// Sequence numbers are not to be used any more (RFC 9586 §3).
    case uidRequired
    case uidValidity(UIDValidity)
    case unavailable
    case unknownCTE
    case unseen(UInt32)
    /// The mechanisms that authorise URLs of the mailbox, `INTERNAL` first (RFC 4467 §7).
    case urlMechanisms([String])
    case useAttr
    /// Any other, by its name in upper case and the rest as it stood.
    case other(String, [UInt8])
}

extension ResponseCode {
    /// The codes without an argument by their names.
    static let plain: [String: ResponseCode] = [
        "ALERT": .alert, "ALREADYEXISTS": .alreadyExists, "AUTHENTICATIONFAILED": .authenticationFailed,
        "AUTHORIZATIONFAILED": .authorizationFailed, "CANNOT": .cannot, "CLIENTBUG": .clientBug, "CLOSED": .closed,
        "COMPRESSIONACTIVE": .compressionActive,
        "CONTACTADMIN": .contactAdmin, "CORRUPTION": .corruption, "EXPIRED": .expired,
        "EXPUNGEISSUED": .expungeIssued, "HASCHILDREN": .hasChildren, "INUSE": .inUse, "LIMIT": .limit,
        "NOMODSEQ": .noModSeq, "NONEXISTENT": .nonExistent, "NOPERM": .noPermission, "NOTSAVED": .notSaved,
        "NOTIFICATIONOVERFLOW": .notificationOverflow,
        "OVERQUOTA": .overQuota, "PARSE": .parse, "PRIVACYREQUIRED": .privacyRequired, "READ-ONLY": .readOnly,
        "READ-WRITE": .readWrite, "SERVERBUG": .serverBug, "TOOBIG": .tooBig, "TRYCREATE": .tryCreate,
        "UIDNOTSTICKY": .uidNotSticky, "UIDREQUIRED": .uidRequired, "UNAVAILABLE": .unavailable,
        "UNKNOWN-CTE": .unknownCTE, "USEATTR": .useAttr,
    ]

    /// The name of a code without an argument, nil for one with an argument.
    var plainName: String? {
        switch self {
        case .alert: "ALERT"
        case .alreadyExists: "ALREADYEXISTS"
        case .authenticationFailed: "AUTHENTICATIONFAILED"
        case .authorizationFailed: "AUTHORIZATIONFAILED"
        case .cannot: "CANNOT"
        case .clientBug: "CLIENTBUG"
        case .closed: "CLOSED"
        case .compressionActive: "COMPRESSIONACTIVE"
        case .contactAdmin: "CONTACTADMIN"
        case .corruption: "CORRUPTION"
        case .expired: "EXPIRED"
        case .expungeIssued: "EXPUNGEISSUED"
        case .hasChildren: "HASCHILDREN"
        case .inUse: "INUSE"
        case .limit: "LIMIT"
        case .noModSeq: "NOMODSEQ"
        case .nonExistent: "NONEXISTENT"
        case .noPermission: "NOPERM"
        case .notSaved: "NOTSAVED"
        case .notificationOverflow: "NOTIFICATIONOVERFLOW"
        case .overQuota: "OVERQUOTA"
        case .parse: "PARSE"
        case .privacyRequired: "PRIVACYREQUIRED"
        case .readOnly: "READ-ONLY"
        case .readWrite: "READ-WRITE"
        case .serverBug: "SERVERBUG"
        case .tooBig: "TOOBIG"
        case .tryCreate: "TRYCREATE"
        case .uidNotSticky: "UIDNOTSTICKY"
        case .uidRequired: "UIDREQUIRED"
        case .unavailable: "UNAVAILABLE"
        case .unknownCTE: "UNKNOWN-CTE"
        case .useAttr: "USEATTR"
        default: nil
        }
    }
}
