internal import MailTypes
internal import Rules
package import Store

/// The kinds of events in a ticket's history.
extension TicketEvent {
    package static let created = "created"
    /// An e-mail was attached; the text says in which role.
    package static let email = "email"
    package static let status = "status"
    /// A closed ticket was opened again; counted for the limit an hour.
    package static let reopened = "reopened"
    package static let assignee = "assignee"
    package static let priority = "priority"
    package static let queue = "queue"
    package static let note = "note"
}

extension Ticket {
    /// Takes a new status and notes since when.
    /// - Parameter closes: whether the new status is a closed one.
    mutating func change(to status: TicketStatus, closes: Bool, at moment: Moment) {
        guard self.status != status else { return }
        self.status = status
        statusSince = moment
        closed = closes ? moment : nil
    }
}
