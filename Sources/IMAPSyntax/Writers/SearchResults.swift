internal import Bytes
package import MailTypes

/// What a server says that it has found (RFC 9051 §7.3.4, RFC 5256 §4). Each function appends one whole line.
extension [UInt8] {
    /// `* SEARCH 2 84 882`, and `(MODSEQ 917162500)` where it is given (RFC 7162 §3.1.5).
    package mutating func appendSearch(_ numbers: NumberSet, modSeq: ModSeq? = nil) {
        append(text: "* SEARCH")
        append(results: numbers.numbers, modSeq)
    }

    /// `* SORT 23 42 7`, in the order asked for.
    package mutating func appendSort(_ numbers: some Sequence<UInt32>, modSeq: ModSeq? = nil) {
        append(text: "* SORT")
        append(results: numbers, modSeq)
    }

    private mutating func append(results numbers: some Sequence<UInt32>, _ modSeq: ModSeq?) {
        for number in numbers {
            append(ASCII.space)
            append(decimal: number)
        }
        if let modSeq {
            append(text: " (MODSEQ ")
            append(decimal: modSeq.rawValue)
            append(UInt8(ascii: ")"))
        }
        appendLineEnd()
    }

    /// `* ESEARCH …` (RFC 9051 §7.3.4).
    /// - Parameter utf8: how a mailbox is named, see `appendMailbox`.
    package mutating func appendESearch(_ response: ESearchResponse, utf8: Bool = false) {
        append(text: "* ESEARCH")
        append(correlatorOf: response, utf8)
        if response.isUID { append(text: " UID") }
        let counts: [(String, UInt32?)] = [
            (" MIN ", response.min), (" MAX ", response.max), (" COUNT ", response.count),
        ]
        for case (let word, let value?) in counts {
            append(text: word)
            append(decimal: value)
        }
        if let all = response.all, !all.isEmpty {
            append(text: " ALL ")
            append(ranges: all)
        }
        if let partial = response.partial {
            append(text: " PARTIAL (\(partial.range) ")
            if partial.numbers.isEmpty { append(text: "NIL") } else { append(ranges: partial.numbers) }
            append(UInt8(ascii: ")"))
        }
        for update in response.updates {
            append(text: " \(update.kind.rawValue) (\(update.position) ")
            append(ranges: update.numbers)
            append(UInt8(ascii: ")"))
        }
        if let modSeq = response.modSeq {
            append(text: " MODSEQ ")
            append(decimal: modSeq.rawValue)
        }
        appendLineEnd()
    }

    private mutating func append(correlatorOf response: ESearchResponse, _ utf8: Bool) {
        guard response.tag != nil || response.mailbox != nil else { return }
        append(text: " (")
        if let tag = response.tag {
            append(text: "TAG ")
            appendQuoted(tag)
        }
        if let mailbox = response.mailbox {
            append(text: response.tag == nil ? "MAILBOX " : " MAILBOX ")
            appendName(mailbox, utf8: utf8)
        }
        if let validity = response.uidValidity {
            append(text: " UIDVALIDITY ")
            append(decimal: validity.rawValue)
        }
        append(UInt8(ascii: ")"))
    }
}
