/// What a message may demand of the scanner. Beyond a bound the scan goes on, but the rest is an opaque leaf or a
/// field that is not kept; nothing fails.
package struct ScanLimits: Hashable, Sendable {
    /// How deep multiparts and enclosed messages may nest; what lies deeper is one opaque leaf.
    package var depth = 100
    /// How many parts are told apart; later ones belong to the body of an opaque leaf.
    package var parts = 10_000
    /// Octets of one part's header whose fields are looked at; fields behind them count as absent.
    package var headerLength = 1 << 20
    /// Octets of one kept `Content-…` field; a longer one counts as absent.
    package var fieldLength = 1 << 16
    /// Parameters kept of one field; later ones are left out.
    package var parameters = 64
    /// Octets of one parameter's value; a longer one is left out.
    package var parameterLength = 8192
    /// Octets of a boundary (RFC 2046 §5.1.1 allows 70); a multipart with a longer one is an opaque leaf.
    package var boundaryLength = 998
    /// Addresses kept of one field.
    package var addresses = 10_000
    /// Octets of kept values in a whole structure; parts after that are opaque leaves.
    package var keptLength = 4 << 20

    package init() {}

    package static let standard = ScanLimits()
}
