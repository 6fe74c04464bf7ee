/// What a wayward server keeps of one mailbox: the truth, whatever it says.
package struct WaywardMailbox: Sendable {
    package struct Message: Equatable, Sendable {
        package var uid: UInt32
        package var flags: Set<String>
        package let subject: String
        /// With CRLF.
        package let text: String
        /// As ENVELOPE gives it, with Message-ID `<letter-number@customer.test>`.
        let number: Int

        /// Octets.
        package var size: Int { text.utf8.count }
    }

    package internal(set) var uidValidity: UInt32 = 7
    package internal(set) var uidNext: UInt32 = 1
    package internal(set) var messages: [Message] = []

    /// A letter arrives.
    mutating func add(_ subject: String, number: Int, body: String) {
        let text = Letters.plain(subject, number: number, text: body)
        messages.append(Message(uid: uidNext, flags: [], subject: subject, text: text, number: number))
        uidNext += 1
    }

    /// The same messages under other UIDs.
    mutating func renumber() {
        uidValidity += 1
        for index in messages.indices { messages[index].uid = UInt32(index * 2 + 1) }
        uidNext = UInt32(messages.count * 2 + 1)
    }
}

extension WaywardMailbox.Message {
    /// As it must be.
    func envelope(eightBit: Bool = false) -> String {
        let from = #"(("Jan Kowalski" NIL "jan" "customer.test"))"#
        let subject = IMAPClient.quoted(eightBit ? "Zażółć \(subject)" : subject)
        return #"("Sat, 21 Nov 2026 10:00:00 +0100" \#(subject) \#(from) \#(from) \#(from) "#
            + #"((NIL NIL "support" "example.test")) NIL NIL NIL "<letter-\#(number)@customer.test>")"#
    }

    /// As it must be.
    var structure: String {
        let body = text.firstRange(of: "\r\n\r\n").map { text[$0.upperBound...] } ?? ""
        let lines = body.utf8.count { $0 == 10 }
        return #"("text" "plain" ("charset" "utf-8") NIL NIL "7bit" \#(body.utf8.count) \#(lines) NIL NIL NIL NIL)"#
    }

    /// With its closing empty line.
    var header: String { text.firstRange(of: "\r\n\r\n").map { String(text[..<$0.upperBound]) } ?? text }
}
