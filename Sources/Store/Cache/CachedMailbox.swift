package import MailTypes

/// A mailbox as the cache knows it.
package struct CachedMailbox: Hashable, Sendable {
    package typealias ID = Identifier<CachedMailbox>

    package let id: ID
    package let account: AccountID
    /// What the upstream's LIST said.
    package var listing: MailboxListing
    /// Nil until it was selected once.
    package var uidValidity: UIDValidity?
    package var uidNext: UInt32
    /// The latest change here; never goes back, not even with a new UIDVALIDITY.
    package var highestModSeq: ModSeq
    /// The upstream's own HIGHESTMODSEQ when the mailbox was last in step with it; zero when it has none.
    package var upstreamModSeq: ModSeq
    package var messageCount: Int
}

/// One line of an upstream's LIST.
package struct MailboxListing: Hashable, Sendable {
    package var name: MailboxName
    /// The name in the upstream's octets.
    package var upstreamName: [UInt8]
    /// The upstream's hierarchy delimiter; nil when it has no hierarchy.
    package var delimiter: UInt8?
    package var isSubscribed: Bool
    package var specialUse: SpecialUse?
    /// `\Noselect` or `\NonExistent`.
    package var isSelectable: Bool
    package var hasChildren: Bool?

    package init(
        name: MailboxName, upstreamName: [UInt8], delimiter: UInt8?, isSubscribed: Bool = true,
        specialUse: SpecialUse? = nil, isSelectable: Bool = true, hasChildren: Bool? = nil
    ) {
        self.name = name
        self.upstreamName = upstreamName
        self.delimiter = delimiter
        self.isSubscribed = isSubscribed
        self.specialUse = specialUse
        self.isSelectable = isSelectable
        self.hasChildren = hasChildren
    }
}
