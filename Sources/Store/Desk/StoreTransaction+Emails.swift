internal import Bytes
internal import MailTypes
internal import Rules
internal import SQLite

extension Email {
    /// What the sealed texts of a record are bound to: its identity, which no other record has.
    var textContext: String { "emails/\(identity.hexadecimal)/text" }
    var htmlContext: String { "emails/\(identity.hexadecimal)/html" }
}

extension StoreTransaction {
    /// Records a message, or adds the account to the owners of the record that there is of it.
    /// Contents it refers to are stored before (`Store.putContent`); one that is not is `.noSuch(.content)`.
    package func insert(_ email: Email) throws(StoreError) -> RecordedEmail {
        if let id = try self.email(identity: email.identity) {
            try addOwner(email.account, of: id)
            return RecordedEmail(id: id, isNew: false)
        }
        for digest in email.attachments.map(\.content) + (email.source.map { [$0] } ?? []) {
            try demandContent(digest)
        }
        try connection.run(
            """
            INSERT INTO emails (account, identity, direction, message_id, in_reply_to, reference_ids, subject, date,
                date_zone, text, html, automatic, size, source, recorded)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, email.account, email.identity, email.direction.rawValue, email.messageID,
            try JSONText.encode(email.inReplyTo), try JSONText.encode(email.references), email.subject, email.date,
            email.date?.zone, try sealing.seal(text: email.text, context: email.textContext),
            try email.html.map { html throws(StoreError) in
                try sealing.seal(text: html, context: email.htmlContext)
            }, email.isAutomatic, email.size, email.source, email.recorded)
        let id = EmailID(rawValue: connection.lastInsertedRow)
        try addOwner(email.account, of: id)
        try write(email.from, "from", id)
        try write(email.replyTo, "reply-to", id)
        try write(email.to, "to", id)
        try write(email.cc, "cc", id)
        try write(email.bcc, "bcc", id)
        for (place, attachment) in email.attachments.enumerated() {
            try connection.run(
                """
                INSERT INTO attachments (email, place, name, media_type, size, content_id, content)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, id, place, attachment.name, attachment.mediaType, attachment.size, attachment.contentID,
                attachment.content)
        }
        return RecordedEmail(id: id, isNew: true)
    }

    func demandContent(_ digest: ContentDigest) throws(StoreError) {
        if try connection.integer("SELECT 1 FROM contents WHERE digest = ?", digest) == nil {
            throw .noSuch(.content, digest.description)
        }
    }

    private func addOwner(_ account: AccountID, of email: EmailID) throws(StoreError) {
        try connection.run("INSERT OR IGNORE INTO email_owners (email, account) VALUES (?, ?)", email, account)
    }

    private func write(_ people: [NamedAddress], _ role: String, _ email: EmailID) throws(StoreError) {
        for (place, person) in people.enumerated() {
            try connection.run(
                """
                INSERT INTO email_addresses (email, role, place, name, address, address_key) VALUES (?, ?, ?, ?, ?, ?)
                """, email, role, place, person.name, person.address.description, person.address.key)
        }
    }
}
