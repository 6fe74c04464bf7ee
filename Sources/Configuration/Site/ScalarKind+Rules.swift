internal import MailTypes
package import Rules
package import YAML

extension ScalarKind<AddressPattern> {
    /// An address, a domain, or everything below a domain.
    package static var addressPattern: ScalarKind<AddressPattern> {
        ScalarKind<String>.text("an address, `example.com` or `*.example.com`", limit: 320)
            .map { text throws(ScalarRefusal) in
                guard let pattern = AddressPattern(text) else {
                    throw ScalarRefusal(
                        "`\(text)` is neither an address nor a domain",
                        remedy: "Write someone@example.com, example.com, or \"*.example.com\" in quotes.")
                }
                return pattern
            }
    }
}

extension ScalarKind<HeaderPattern> {
    /// A header field, with what it holds.
    package static var headerPattern: ScalarKind<HeaderPattern> {
        ScalarKind<String>.text("a header field such as \"X-Spam-Flag: YES\"").map { text throws(ScalarRefusal) in
            guard let pattern = HeaderPattern(text) else {
                throw ScalarRefusal(
                    "`\(text)` names no header field", remedy: "Write \"Name\" or \"Name: value\" in quotes.")
            }
            return pattern
        }
    }
}

extension ScalarKind<StartPoint> {
    /// From which messages on.
    package static var startPoint: ScalarKind<StartPoint> {
        ScalarKind<String>.text("from now, since 2026-01-31, or everything", limit: 64)
            .map { text throws(ScalarRefusal) in
                guard let point = StartPoint(text) else {
                    throw ScalarRefusal(
                        "`\(text)` is no point to start at",
                        remedy: "Write `from now`, `since 2026-01-31`, or `everything`.")
                }
                return point
            }
    }
}

extension ScalarKind<TicketStatus> {
    /// A status by its name.
    package static var ticketStatus: ScalarKind<TicketStatus> {
        ScalarKind<String>.objectName("a status").map { TicketStatus($0) }
    }
}
