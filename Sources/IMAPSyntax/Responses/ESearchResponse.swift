package import MailTypes

/// A line of `ESEARCH` (RFC 9051 §7.3.4).
package struct ESearchResponse: Hashable, Sendable {
    /// What `PARTIAL` gives (RFC 5267 §4.4, RFC 9394 §3.1).
    package struct Partial: Hashable, Sendable {
        package var range: ResultRange
        /// In the order of the results; empty when there are none at these places.
        package var numbers: [ClosedRange<UInt32>]

        package init(range: ResultRange, numbers: [ClosedRange<UInt32>]) {
            self.range = range
            self.numbers = numbers
        }
    }

    /// A change of the results since they were told (RFC 5267 §4.3).
    package struct Update: Hashable, Sendable {
        package enum Kind: String, CaseIterable, Hashable, Sendable {
            case add = "ADDTO"
            case remove = "REMOVEFROM"
        }

        package var kind: Kind
        /// The place of the first of them in sorted results, counted from 1; 0 for results without an order.
        package var position: UInt32
        /// At least one.
        package var numbers: [ClosedRange<UInt32>]

        package init(_ kind: Kind, at position: UInt32, _ numbers: [ClosedRange<UInt32>]) {
            self.kind = kind
            self.position = position
            self.numbers = numbers
        }
    }

    package var tag: [UInt8]?
    /// The mailbox that the results are of, decoded, where several are searched (RFC 7377 §2.2).
    package var mailbox: String?
    package var uidValidity: UIDValidity?
    package var isUID: Bool
    package var min: UInt32?
    package var max: UInt32?
    package var count: UInt32?
    /// In the server's order, which is that of the results of a SORT (RFC 5267 §3.1).
    package var all: [ClosedRange<UInt32>]?
    package var modSeq: ModSeq?
    package var partial: Partial?
    /// In the order in which they are to be applied.
    package var updates: [Update]

    package init(
        tag: [UInt8]?, mailbox: String? = nil, uidValidity: UIDValidity? = nil, isUID: Bool = false,
        min: UInt32? = nil, max: UInt32? = nil, count: UInt32? = nil, all: [ClosedRange<UInt32>]? = nil,
        modSeq: ModSeq? = nil, partial: Partial? = nil, updates: [Update] = []
    ) {
        self.tag = tag
        self.mailbox = mailbox
        self.uidValidity = uidValidity
        self.isUID = isUID
        self.min = min
        self.max = max
        self.count = count
        self.all = all
        self.modSeq = modSeq
        self.partial = partial
        self.updates = updates
    }
}
