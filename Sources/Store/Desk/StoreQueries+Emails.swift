internal import Bytes
internal import MailTypes
internal import SQLite

extension StoreQueries {
    package func email(_ id: EmailID) throws(StoreError) -> Email? {
        let found = try connection.first(
            """
            SELECT account, identity, direction, message_id, in_reply_to, reference_ids, subject, date, date_zone, text,
                html, automatic, size, source, recorded FROM emails WHERE id = ?
            """, id
        ) { row throws(StoreError) in
            var email = Email(
                account: row.identifier(0), identity: row.blob(1), direction: try row.word(Email.Direction.self, 2),
                messageID: row.text(3),
                inReplyTo: try JSONText.decode([String].self, row.text(4), "emails.in_reply_to"),
                references: try JSONText.decode([String].self, row.text(5), "emails.reference_ids"),
                subject: row.text(6), date: row.integerOrNil(7).map { Moment(seconds: $0, zone: row.int(8)) },
                from: [], isAutomatic: row.bool(11), size: row.int(12),
                source: row.digestOrNil(13), recorded: row.moment(14))
            email.text = try sealing.text(row, 9, context: email.textContext) ?? ""
            email.html = try sealing.text(row, 10, context: email.htmlContext)
            return email
        }
        guard var email = found else { return nil }
        email.from = try people(of: id, "from")
        email.replyTo = try people(of: id, "reply-to")
        email.to = try people(of: id, "to")
        email.cc = try people(of: id, "cc")
        email.bcc = try people(of: id, "bcc")
        email.attachments = try connection.list(
            "SELECT name, media_type, size, content_id, content FROM attachments WHERE email = ? ORDER BY place", id
        ) { row throws(StoreError) in
            guard let content = row.digestOrNil(4) else { throw .damaged("attachments.content") }
            return Email.Attachment(
                name: row.text(0), mediaType: row.text(1), size: row.int(2), contentID: row.textOrNil(3),
                content: content)
        }
        return email
    }

    /// Oldest first.
    package func emails(messageID: String) throws(StoreError) -> [EmailID] {
        try connection.list("SELECT id FROM emails WHERE message_id = ? ORDER BY id", messageID) {
            row throws(StoreError) in row.identifier(0)
        }
    }

    package func email(identity: [UInt8]) throws(StoreError) -> EmailID? {
        try connection.integer("SELECT id FROM emails WHERE identity = ?", identity).map { EmailID(rawValue: $0) }
    }

    /// The accounts through which it passed, the first one first.
    package func owners(of email: EmailID) throws(StoreError) -> [AccountID] {
        try connection.list(
            """
            SELECT o.account FROM email_owners o JOIN emails e ON e.id = o.email WHERE o.email = ?
            ORDER BY o.account <> e.account, o.account
            """, email
        ) { row throws(StoreError) in row.identifier(0) }
    }

    private func people(of email: EmailID, _ role: String) throws(StoreError) -> [NamedAddress] {
        try connection.list(
            "SELECT name, address FROM email_addresses WHERE email = ? AND role = ? ORDER BY place", email, role
        ) { row throws(StoreError) in
            guard let address = EmailAddress(row.text(1)) else { throw .damaged("email_addresses.address") }
            return NamedAddress(name: row.text(0), address: address)
        }
    }
}
