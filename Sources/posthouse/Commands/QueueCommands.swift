internal import Configuration
internal import MailTypes
internal import SMTPSyntax
internal import Store
internal import YAML

/// `posthouse queue …`. A running daemon notices what is changed here within a second.
enum QueueCommands {
    private static let number = Command.Positional(
        name: "NUMBER", help: "the message's number, as `posthouse queue list` shows it")

    static let all = [
        Command(
            words: ["queue", "list"], summary: "list the messages that are queued, the oldest first",
            options: [
                Command.Option(name: "account", value: "ACCOUNT", help: "only mail of this account"),
                Command.Option(
                    name: "state", value: "WORD",
                    help: "only \(OutboxEntry.State.allCases.map(\.rawValue).joined(separator: ", "))"),
                Invocation.limitOption,
            ], run: list),
        Command(
            words: ["queue", "show"], summary: "show a queued message with what became of each recipient",
            positionals: [number], run: show),
        Command(
            words: ["queue", "hold"], summary: "keep queued messages back until they are released",
            positionals: [several],
            run: { invocation throws(Failure) in
                try change(invocation, "held") { t, id throws(StoreError) in try t.hold(id) }
            }),
        Command(
            words: ["queue", "release"],
            summary: "try queued messages now; of a finished one those who did not get it, or may not have got it",
            positionals: [several],
            run: { invocation throws(Failure) in
                try change(invocation, "released") { t, id throws(StoreError) in try t.release(id) }
            }),
        Command(
            words: ["queue", "delete"], summary: "take messages out of the queue without sending them",
            positionals: [several],
            run: { invocation throws(Failure) in
                try change(invocation, "deleted") { t, id throws(StoreError) in try t.discard(id) }
            }),
    ]

    private static let several = Command.Positional(
        name: "NUMBER", help: "the messages' numbers, as `posthouse queue list` shows them", isRepeated: true)

    private static func list(_ invocation: Invocation) throws(Failure) {
        let state = try invocation.value("state", .word(OutboxEntry.State.self))
        let limit = try invocation.limit(default: Invocation.defaultLimit)
        try Workspace.with(invocation) { workspace throws(Failure) in
            let directory = workspace.directory
            let wanted = try workspace.account(named: invocation)?.id
            let rows = try workspace.read { reader throws(StoreError) in
                try reader.outbox(account: wanted, state: state, limit: limit)
            }
            let views = rows.map { QueueView($0, in: directory) }
            if invocation.wantsJSON { return try Terminal.print(json: views) }
            var table = Table(["NUMBER", "QUEUED", "ACCOUNT", "STATE", "SIZE", "SENDER", "DELIVERED", "NEXT", "REASON"])
            for (view, row) in zip(views, rows) {
                let delivered = row.entry.recipients.count { $0.state == .delivered }
                table.add([
                    "\(view.number)", Texts.moment(row.entry.created), view.account, view.state,
                    Texts.octets(row.entry.size), view.sender.isEmpty ? "<>" : view.sender,
                    "\(delivered) of \(row.entry.recipients.count)",
                    row.entry.state == .waiting ? Texts.moment(row.entry.nextAttempt) : "-",
                    Texts.orDash(view.lastError),
                ])
            }
            Terminal.print(table.text)
        }
    }

    private static func show(_ invocation: Invocation) throws(Failure) {
        let number = try invocation.value(word: "NUMBER", .integer(in: 1...Int(Int64.max)))
        try Workspace.with(invocation) { workspace throws(Failure) in
            let (row, subject) = try workspace.read { reader throws(StoreError) in
                guard let row = try reader.outboxRow(OutboxID(rawValue: Int64(number))) else {
                    throw .noSuch(.outboxEntry, "\(number)")
                }
                let journal = try reader.journalRow(account: row.entry.account, identity: row.entry.identity)
                return (row, journal?.entry.subject ?? "")
            }
            let view = QueueView(row, in: workspace.directory, subject: subject)
            if invocation.wantsJSON { return try Terminal.print(json: view) }
            var sheet = Sheet()
            sheet.add("message", "\(view.number)")
            sheet.add("account", view.account)
            sheet.add("sent by", view.user)
            sheet.add("subject", subject)
            sheet.add("message-id", Texts.orDash(view.messageID))
            sheet.add("sender", view.sender.isEmpty ? "<>" : view.sender)
            sheet.add("size", Texts.octets(row.entry.size))
            sheet.add("state", view.state)
            sheet.add("queued", Texts.moment(row.entry.created))
            sheet.add("attempts", "\(view.attempts)")
            if row.entry.state == .waiting {
                sheet.add("next attempt", Texts.moment(row.entry.nextAttempt))
                sheet.add("tried until", Texts.moment(row.entry.giveUpAt))
            }
            if let error = view.lastError { sheet.add("last error", error) }
            sheet.add(
                "recipients",
                view.recipients.map { "\($0.address): \($0.state)\($0.answer.map { " (\($0))" } ?? "")" }
                    .joined(separator: "\n"))
            Terminal.print(sheet.text)
        }
    }

    /// Changes every message that is named, or none.
    private static func change(
        _ invocation: Invocation, _ word: String,
        _ body: @escaping @Sendable (StoreTransaction, OutboxID) throws(StoreError) -> OutboxRow
    ) throws(Failure) {
        let numbers = try invocation.values(words: "NUMBER", .integer(in: 1...Int(Int64.max)))
        try Workspace.with(invocation) { workspace throws(Failure) in
            let rows = try workspace.change { transaction throws(StoreError) in
                var rows: [OutboxRow] = []
                for number in numbers { rows.append(try body(transaction, OutboxID(rawValue: Int64(number)))) }
                return rows
            }
            if invocation.wantsJSON {
                return try Terminal.print(json: rows.map { QueueView($0, in: workspace.directory) })
            }
            for row in rows { Terminal.print("message \(row.id) \(word)\n") }
        }
    }
}

/// A queued message in JSON.
private struct QueueView: Encodable {
    struct Recipient: Encodable {
        let address: String
        let state: String
        /// The upstream's last answer.
        let answer: String?
        /// Of what the sender wants to hear, as NOTIFY has it; nothing when she did not say.
        let notify: String?
        /// Who the sender meant, as ORCPT has it.
        let original: String?

        init(_ recipient: OutboxEntry.Recipient) {
            address = recipient.name
            state = recipient.state.rawValue
            answer = recipient.answer
            notify = recipient.notify.map { $0.words.joined(separator: ",") }
            original = recipient.original.map { "\($0.kind);\($0.address)" }
        }
    }

    let number: Int64
    /// The account's name; its number in brackets when it is gone.
    let account: String
    let user: String
    let state: String
    let messageID: String
    /// Only with `show`.
    let subject: String?
    /// Empty for the null return path.
    let sender: String
    let recipients: [Recipient]
    /// The sender's name for the transaction (RFC 3461 §4.4).
    let envelopeID: String?
    let size: Int
    let attempts: Int
    /// Only while it waits.
    let nextAttempt: String?
    let triedUntil: String?
    let lastError: String?
    let queued: String

    init(_ row: OutboxRow, in directory: Directory, subject: String? = nil) {
        let entry = row.entry
        number = row.id.rawValue
        account = directory.account(entry.account)?.value.name ?? "(\(entry.account))"
        user = entry.actor
        state = entry.state.rawValue
        messageID = entry.messageID
        self.subject = subject
        sender = entry.sender?.description ?? ""
        recipients = entry.recipients.map(Recipient.init)
        envelopeID = entry.envelopeID
        size = entry.size
        attempts = entry.attempts
        nextAttempt = entry.state == .waiting ? Texts.timestamp(entry.nextAttempt) : nil
        triedUntil = entry.state == .waiting ? Texts.timestamp(entry.giveUpAt) : nil
        lastError = entry.lastError
        queued = Texts.timestamp(entry.created)
    }
}
