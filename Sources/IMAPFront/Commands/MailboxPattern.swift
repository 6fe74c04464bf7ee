internal import MailTypes

/// A pattern of LIST: `*` stands for anything, `%` for anything within one level (RFC 9051 §6.3.9).
struct MailboxPattern {
    private let text: [Unicode.Scalar]

    /// The pattern as it is meant under a reference name: both together are one.
    init(reference: String, _ pattern: String) { text = Array((reference + pattern).unicodeScalars) }

    var hasPercent: Bool { text.contains("%") }

    /// INBOX is meant in any case.
    func matches(_ name: MailboxName) -> Bool {
        let scalars = Array(name.text.unicodeScalars)
        if matches(scalars, foldsInbox: false) { return true }
        return name.levels.first == "INBOX" && matches(scalars, foldsInbox: true)
    }

    /// One pass over the name with the set of places in the pattern that can be next: no going back, so that a pattern
    /// of many wildcards costs length times length and no more.
    private func matches(_ name: [Unicode.Scalar], foldsInbox: Bool) -> Bool {
        var places = [Bool](repeating: false, count: text.count + 1)
        places[0] = true
        skipWildcards(&places)
        for (index, scalar) in name.enumerated() {
            var next = [Bool](repeating: false, count: text.count + 1)
            for place in text.indices where places[place] {
                switch text[place] {
                case "*": next[place] = true
                case "%": if scalar != "/" { next[place] = true }
                default:
                    if text[place] == scalar || (foldsInbox && index < 5 && upper(text[place]) == scalar) {
                        next[place + 1] = true
                    }
                }
            }
            skipWildcards(&next)
            places = next
        }
        return places[text.count]
    }

    private func upper(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        ("a"..."z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) - 32) : scalar
    }

    /// A wildcard may stand for nothing.
    private func skipWildcards(_ places: inout [Bool]) {
        for place in text.indices where places[place] && (text[place] == "*" || text[place] == "%") {
            places[place + 1] = true
        }
    }
}
