/// A leniency that an upstream server needed: something outside the grammar that was read all the same.
package enum Quirk: String, CaseIterable, Hashable, Sendable {
    /// A mailbox name with octets that are neither modified UTF-7 nor UTF-8.
    case undecodableMailboxName
}
