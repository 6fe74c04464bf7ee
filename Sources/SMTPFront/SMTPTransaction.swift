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
    /// What has come by BDAT and BURL; nil before the first piece.
    var chunks: ChunkedMessage?

    init(sender: SMTPPath, parameters: MailParameters, submission: Submission) {
        self.sender = sender
        self.parameters = parameters
        self.submission = submission
    }

    func abandon() async { await submission.abandon() }
}

/// A message that comes in pieces.
final class ChunkedMessage {
    let spool: Spool
    var stream: ChunkStream
    /// Why it is refused; the chunks that still come are read over.
    var refusal: SMTPReply?

    init(_ spool: Spool, sizeLimit: UInt64, isBinary: Bool) {
        self.spool = spool
        stream = ChunkStream(sizeLimit: sizeLimit, isBinary: isBinary)
    }

    /// Refuses it, unless it is already.
    func refuse(_ reply: SMTPReply) { refusal = refusal ?? reply }

    /// Refuses it when something was found wrong with it.
    func judge(limit: UInt64) {
        if let reply = Replies.verdict(stream.verdict, limit: limit) { refuse(reply) }
    }

    /// Its last octet has come.
    func end(limit: UInt64) {
        stream.finish()
        judge(limit: limit)
    }
}
