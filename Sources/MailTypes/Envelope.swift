/// IMAP's ENVELOPE (RFC 9051 §7.5.2): header fields as raw octets, encoded words left as they stand.
package struct Envelope: Hashable, Sendable {
    /// One address of an envelope's list; a group is marked as RFC 9051 §7.5.2 says (host nil).
    package struct Address: Hashable, Sendable {
        package var name: [UInt8]?
        /// The obsolete source route (`adl`).
        package var route: [UInt8]?
        package var mailbox: [UInt8]?
        package var host: [UInt8]?

        package init(name: [UInt8]?, route: [UInt8]? = nil, mailbox: [UInt8]?, host: [UInt8]?) {
            self.name = name
            self.route = route
            self.mailbox = mailbox
            self.host = host
        }
    }

    package var date: [UInt8]?
    package var subject: [UInt8]?
    package var from: [Address] = []
    package var sender: [Address] = []
    package var replyTo: [Address] = []
    package var to: [Address] = []
    package var cc: [Address] = []
    package var bcc: [Address] = []
    package var inReplyTo: [UInt8]?
    package var messageID: [UInt8]?

    package init() {}
}
