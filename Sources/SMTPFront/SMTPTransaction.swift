internal import Engine
internal import SMTPSyntax

/// One message on its way in: from MAIL to the answer to its end of data.
final class SMTPTransaction {
    let sender: SMTPPath
    let parameters: MailParameters
    let submission: Submission
    /// Whether MAIL has been answered.
    var isAnswered = false
    /// Recipients whose RCPT has not been answered yet, in order.
    var pending: [EnvelopeRecipient] = []
    /// Recipients that were accepted.
    var acceptedCount = 0

    init(sender: SMTPPath, parameters: MailParameters, submission: Submission) {
        self.sender = sender
        self.parameters = parameters
        self.submission = submission
    }

    func abandon() async { await submission.abandon() }
}
