package import MailTypes

/// What a message is sorted by, taken once. Only what the criteria ask for has to be filled in.
package struct SortRow: Sendable {
    /// The sequence number, or the UID: both are in the same order, and decide between equal messages.
    package var number: UInt32
    /// INTERNALDATE, in seconds since 1970.
    package var arrival: Int64 = 0
    /// The sent date (RFC 5256 §2.2), in seconds since 1970.
    package var sent: Int64 = 0
    /// RFC822.SIZE, in octets.
    package var size: UInt64 = 0
    /// The mailbox (local part) of the first address of Cc, From and To; empty when there is none.
    package var cc = CollationKey.empty
    package var from = CollationKey.empty
    package var to = CollationKey.empty
    /// The base subject (RFC 5256 §2.1).
    package var subject = CollationKey.empty
    /// What people are shown of the first address of From and To (RFC 5957 §3).
    package var displayFrom = CollationKey.empty
    package var displayTo = CollationKey.empty

    package init(number: UInt32) { self.number = number }
}
