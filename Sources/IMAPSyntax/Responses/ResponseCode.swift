package import MailTypes

/// The machine-readable part of a status response, in brackets (RFC 9051 §7.1, RFC 5530, RFC 4315, RFC 7162).
package enum ResponseCode: Hashable, Sendable {
    case alert
    case alreadyExists
    case appendUID(UIDValidity, [ClosedRange<UInt32>])
    case authenticationFailed
    case authorizationFailed
    case badCharset([String])
    case cannot
    case capability([String])
    case clientBug
    case closed
    case contactAdmin
    /// The two sets list equally many UIDs in the same order.
    case copyUID(UIDValidity, source: [ClosedRange<UInt32>], destination: [ClosedRange<UInt32>])
    case corruption
    case expired
    case expungeIssued
    case hasChildren
    case highestModSeq(ModSeq)
    case inUse
    case limit
    case modified([ClosedRange<UInt32>])
    case noModSeq
    case nonExistent
    case noPermission
    case notSaved
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
    case uidValidity(UIDValidity)
    case unavailable
    case unknownCTE
    case unseen(UInt32)
    case useAttr
    /// Any other, by its name in upper case and the rest as it stood.
    case other(String, [UInt8])
}
