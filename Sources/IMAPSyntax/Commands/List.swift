/// `LIST` in its plain and its extended form (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154).
package struct ListCommand: Hashable, Sendable {
    /// The options before the reference name.
    package struct Selection: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let subscribed = Selection(rawValue: 1)
        package static let remote = Selection(rawValue: 2)
        package static let recursiveMatch = Selection(rawValue: 4)
        package static let specialUse = Selection(rawValue: 8)
    }

    /// The options after `RETURN`, but for `STATUS`.
    package struct Returns: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let subscribed = Returns(rawValue: 1)
        package static let children = Returns(rawValue: 2)
        package static let specialUse = Returns(rawValue: 4)
    }

    package var selection: Selection
    package var reference: String
    /// Patterns with `%` and `*`, decoded to Unicode; more than one only in the extended form.
    package var patterns: [String]
    package var returns: Returns
    /// The items of `RETURN (STATUS (…))`; empty without it.
    package var status: [StatusItem]
    /// Whether any part of the extended syntax was used (RFC 5258 §3).
    package var isExtended: Bool

    package init(
        selection: Selection = [], reference: String = "", patterns: [String], returns: Returns = [],
        status: [StatusItem] = [], isExtended: Bool = false
    ) {
        self.selection = selection
        self.reference = reference
        self.patterns = patterns
        self.returns = returns
        self.status = status
        self.isExtended = isExtended
    }
}
