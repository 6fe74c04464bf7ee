internal import MailTypes

/// Which way a message goes, seen from us.
package enum Direction: String, Hashable, Sendable, Codable {
    /// From is ours, and somebody else is among the recipients.
    case sent
    case received
    /// From and every recipient are ours.
    case `internal`
}

extension MessageFacts {
    /// The direction and why. Of several authors all must be ours for the message to be ours.
    package var direction: (Direction, Reason) {
        guard let author = from.first?.address else { return (.received, Reason(.noSender)) }
        if let stranger = from.first(where: { !ours.contains($0.address) }) {
            return (.received, Reason(.senderIsNotOurs, stranger.address.description))
        }
        if !recipients.isEmpty, recipients.allSatisfy(ours.contains) {
            return (.internal, Reason(.everybodyIsOurs, author.description))
        }
        return (.sent, Reason(ours.isIdentity(author) ? .senderIsIdentity : .senderIsUser, author.description))
    }
}
