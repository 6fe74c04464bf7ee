/// Reads a response through a lenient tree of tokens: one odd value is one missing value.
package struct ResponseParser: Sendable {
    package struct Limits: Sendable {
        /// Nesting of parentheses; deeper ones are skipped as one bad value.
        package var depth = 128

        package init() {}
    }

    package var limits: Limits
    /// Mailbox names are UTF-8, since IMAP4rev2 or UTF8=ACCEPT was enabled; otherwise modified UTF-7.
    package var utf8: Bool
    /// The leniencies needed since the parser was made, each once.
    package private(set) var quirks: Set<Quirk> = []

    package init(utf8: Bool = false, limits: Limits = Limits()) {
        self.utf8 = utf8
        self.limits = limits
    }

    /// Reads one response; throws only when not even its kind can be told.
    package mutating func parse(_ response: FramedResponse) throws(IMAPSyntaxError) -> Response {
        fatalError("not yet written")
    }
}
