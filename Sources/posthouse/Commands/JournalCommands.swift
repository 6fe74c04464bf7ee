internal import Configuration
internal import FoundationEssentials
internal import MailTypes
internal import Rules
internal import Store
internal import YAML

/// `posthouse journal …`.
enum JournalCommands {
    static let all = [
        Command(
            words: ["journal", "list"], summary: "list what became of each message, the newest first",
            options: [
                Command.Option(name: "account", value: "ACCOUNT", help: "only mail of this account"),
                Command.Option(
                    name: "outcome", value: "WORD",
                    help: "only \(JournalEntry.Outcome.allCases.map(\.rawValue).joined(separator: ", "))"),
                Command.Option(name: "ticket", value: "NUMBER", help: "only mail of this ticket"),
                Command.Option(name: "message-id", value: "ID", help: "only this message"),
                Invocation.limitOption,
            ], run: list),
        Command(
            words: ["journal", "show"], summary: "show a message's passage, each decision with its reason",
            positionals: [.init(name: "NUMBER", help: "the entry's number, as `posthouse journal list` shows it")],
            run: show),
    ]

    private static func list(_ invocation: Invocation) throws(Failure) {
        let outcome = try invocation.value("outcome", .word(JournalEntry.Outcome.self))
        let ticket = try invocation.value("ticket", .integer(in: 1...Int(Int64.max)))
        let limit = try invocation.limit(default: Invocation.defaultLimit)
        try Workspace.with(invocation) { workspace throws(Failure) in
            let directory = workspace.directory
            let filter = JournalFilter(
                account: try workspace.account(named: invocation)?.id, outcome: outcome,
                messageID: invocation.option("message-id").map(bare),
                ticket: ticket.map { TicketNumber(rawValue: Int64($0)) }, limit: limit)
            let rows = try workspace.read { reader throws(StoreError) in try reader.journal(filter) }
            let views = rows.map { JournalView($0, in: directory) }
            if invocation.wantsJSON { return try Terminal.print(json: views) }
            var table = Table(["ENTRY", "WHEN", "ACCOUNT", "DIRECTION", "OUTCOME", "TICKET", "SUBJECT"])
            for (view, row) in zip(views, rows) {
                table.add([
                    "\(view.number)", Texts.moment(row.entry.updated), view.account, view.direction, view.outcome,
                    Texts.orDash(view.ticket.map(String.init)), view.subject,
                ])
            }
            Terminal.print(table.text)
        }
    }

    private static func show(_ invocation: Invocation) throws(Failure) {
        let number = try invocation.value(word: "NUMBER", .integer(in: 1...Int(Int64.max)))
        try Workspace.with(invocation) { workspace throws(Failure) in
            let row = try workspace.read { reader throws(StoreError) in
                guard let row = try reader.journalRow(JournalID(rawValue: Int64(number))) else {
                    throw .noSuch(.journalEntry, "\(number)")
                }
                return row
            }
            let view = JournalView(row, in: workspace.directory)
            if invocation.wantsJSON { return try Terminal.print(json: view) }
            var sheet = Sheet()
            sheet.add("entry", "\(view.number)")
            sheet.add("account", view.account)
            sheet.add("subject", view.subject)
            sheet.add("message-id", Texts.orDash(view.messageID))
            sheet.add("direction", view.direction)
            sheet.add("outcome", view.outcome)
            sheet.add("decision", Texts.orDash(view.decision?.outcome.rawValue))
            sheet.add("reasons", view.reasons.isEmpty ? "-" : view.reasons.joined(separator: "\n"))
            if let failure = view.failure { sheet.add("failure", failure) }
            sheet.add("attempts", "\(view.attempts)")
            if let retry = row.entry.retryAt { sheet.add("tried again", Texts.moment(retry)) }
            sheet.add("e-mail", Texts.orDash(view.email.map(String.init)))
            sheet.add("ticket", Texts.orDash(view.ticket.map(String.init)))
            sheet.add("first seen", Texts.moment(row.entry.firstSeen))
            sheet.add("changed", Texts.moment(row.entry.updated))
            sheet.add(
                "places",
                view.places.isEmpty
                    ? "-" : view.places.map { "\($0.mailbox), UID \($0.uid)" }.joined(separator: "\n"))
            Terminal.print(sheet.text)
        }
    }

    /// Without angle brackets, as the journal keeps it.
    private static func bare(_ messageID: String) -> String {
        messageID.hasPrefix("<") && messageID.hasSuffix(">") ? String(messageID.dropFirst().dropLast()) : messageID
    }
}

/// A journal entry in JSON.
private struct JournalView: Encodable {
    struct Place: Encodable {
        let mailbox: String
        let uidValidity: UInt32
        let uid: UInt32
    }

    let number: Int64
    /// The account's name; its number in brackets when it is gone.
    let account: String
    let direction: String
    let messageID: String
    let subject: String
    let outcome: String
    let decision: Decision?
    /// The decision's reasons as sentences.
    let reasons: [String]
    let failure: String?
    let attempts: Int
    let retryAt: String?
    let email: Int64?
    let ticket: Int64?
    let firstSeen: String
    let updated: String
    let places: [Place]

    init(_ row: JournalRow, in directory: Directory) {
        let entry = row.entry
        number = row.id.rawValue
        account = directory.account(entry.account)?.value.name ?? "(\(entry.account))"
        direction = entry.direction.rawValue
        messageID = entry.messageID
        subject = entry.subject
        outcome = entry.outcome.rawValue
        decision =
            entry.decision.isEmpty ? nil : try? JSONDecoder().decode(Decision.self, from: Data(entry.decision))
        reasons = decision?.reasons.map(\.description) ?? []
        failure = entry.failure
        attempts = entry.attempts
        retryAt = Texts.timestamp(entry.retryAt)
        email = entry.email?.rawValue
        ticket = entry.ticket?.rawValue
        firstSeen = Texts.timestamp(entry.firstSeen)
        updated = Texts.timestamp(entry.updated)
        places = row.places.map {
            Place(mailbox: $0.mailbox.text, uidValidity: $0.uidValidity.rawValue, uid: $0.uid.rawValue)
        }
    }
}
