internal import SMTPSyntax

/// What a session says of its own accord. What the upstream or the engine decides comes with its own words.
enum Replies {
    static let ok = SMTPReply(250, EnhancedStatus(2, 0, 0), "OK")
    static let bye = SMTPReply(221, EnhancedStatus(2, 0, 0), "Bye")
    static let help = SMTPReply(
        214, EnhancedStatus(2, 0, 0), "EHLO STARTTLS AUTH MAIL RCPT DATA BDAT BURL RSET NOOP QUIT; see RFC 6409")
    static let readyForTLS = SMTPReply(220, EnhancedStatus(2, 0, 0), "Ready to start TLS")
    static let startMail = SMTPReply(354, nil, "End data with <CR><LF>.<CR><LF>")
    static let signedIn = SMTPReply(235, EnhancedStatus(2, 7, 0), "Welcome")
    static let cannotVerify = SMTPReply(
        252, EnhancedStatus(2, 5, 0), "Not verified here; send the message and see")

    // The connection ends.
    static let shuttingDown = SMTPReply(421, EnhancedStatus(4, 3, 2), "The service is shutting down; come back soon")
    static let tooManyConnections = SMTPReply(421, EnhancedStatus(4, 7, 0), "Too many connections; try again later")
    static let tooManyErrors = SMTPReply(421, EnhancedStatus(4, 7, 0), "Too many errors")
    static let tooManyFailures = SMTPReply(421, EnhancedStatus(4, 7, 0), "Too many failed sign-ins")
    static let silence = SMTPReply(421, EnhancedStatus(4, 4, 2), "Nothing was heard for too long")
    static let endlessData = SMTPReply(421, EnhancedStatus(4, 3, 4), "The message has no end")
    static let notHTTP = SMTPReply(421, EnhancedStatus(4, 5, 2), "This is SMTP")

    // Syntax.
    static let lineTooLong = SMTPReply(500, EnhancedStatus(5, 5, 2), "The line is too long")
    static let badLine = SMTPReply(
        500, EnhancedStatus(5, 5, 2), "A line must end with CRLF and hold neither CR nor NUL")
    static let unknownCommand = SMTPReply(500, EnhancedStatus(5, 5, 1), "No such command")
    static let badArguments = SMTPReply(501, EnhancedStatus(5, 5, 4), "The command's arguments are wrong")
    static let badChunk = SMTPReply(
        501, EnhancedStatus(5, 5, 4), "BDAT wants a size; the dialogue can't go on behind it")
    static let badBase64 = SMTPReply(501, EnhancedStatus(5, 5, 2), "That is no base 64")
    static let badSender = SMTPReply(501, EnhancedStatus(5, 1, 7), "That is no sender address")
    static let badRecipient = SMTPReply(501, EnhancedStatus(5, 1, 3), "That is no recipient address")
    static let badParameter = SMTPReply(501, EnhancedStatus(5, 5, 4), "A parameter is wrong")
    static let unknownParameter = SMTPReply(555, EnhancedStatus(5, 5, 4), "A parameter is not known here")
    static let notImplemented = SMTPReply(502, EnhancedStatus(5, 5, 1), "Not implemented")

    // Order.
    static let helloFirst = SMTPReply(503, EnhancedStatus(5, 5, 1), "Say EHLO first")
    static let mailFirst = SMTPReply(503, EnhancedStatus(5, 5, 1), "Say MAIL first")
    static let messageBegun = SMTPReply(503, EnhancedStatus(5, 5, 1), "The message comes in pieces already")
    static let binaryByChunks = SMTPReply(503, EnhancedStatus(5, 5, 1), "A binary message comes by BDAT alone")
    static let messageRefused = SMTPReply(503, EnhancedStatus(5, 5, 1), "The message was refused; say RSET")
    static let nestedMail = SMTPReply(503, EnhancedStatus(5, 5, 1), "A message is already begun")
    static let noRecipients = SMTPReply(554, EnhancedStatus(5, 5, 1), "There is no valid recipient")
    static let tlsAlready = SMTPReply(503, EnhancedStatus(5, 5, 1), "TLS is already in use")
    static let signedInAlready = SMTPReply(503, EnhancedStatus(5, 5, 1), "Already signed in")
    static let notDuringMail = SMTPReply(503, EnhancedStatus(5, 5, 1), "Not while a message is begun")

    // Signing in.
    static let signInFirst = SMTPReply(530, EnhancedStatus(5, 7, 0), "Sign in first")
    static let tlsFirst = SMTPReply(530, EnhancedStatus(5, 7, 0), "Say STARTTLS first")
    static let encryptionNeeded = SMTPReply(538, EnhancedStatus(5, 7, 11), "Passwords are taken over TLS alone")
    static let badCredentials = SMTPReply(535, EnhancedStatus(5, 7, 8), "User name or password is wrong")
    static let throttled = SMTPReply(454, EnhancedStatus(4, 7, 0), "Too many failed sign-ins; try again later")
    static let signInUnavailable = SMTPReply(454, EnhancedStatus(4, 7, 0), "Signing in is not possible right now")
    static let noMechanism = SMTPReply(504, EnhancedStatus(5, 5, 4), "No such mechanism here")
    static let cancelled = SMTPReply(501, EnhancedStatus(5, 7, 0), "The sign-in was cancelled")

    // The message.
    static let tooManyRecipients = SMTPReply(452, EnhancedStatus(4, 5, 3), "Too many recipients")
    static let recipientNeedsUTF8 = SMTPReply(
        553, EnhancedStatus(5, 6, 7), "An internationalized address needs the SMTPUTF8 parameter")
    static let bareLineEnd = SMTPReply(
        554, EnhancedStatus(5, 6, 0), "The message has a CR or LF that stands alone; lines must end with CRLF")
    static let nulOctet = SMTPReply(554, EnhancedStatus(5, 6, 0), "The message has a NUL in it")
    static let noRoom = SMTPReply(452, EnhancedStatus(4, 3, 1), "There is no room for the message right now")

    static let lineOfMessageTooLong = SMTPReply(
        554, EnhancedStatus(5, 6, 0), "The message has a line of more than \(MessageVerdict.lineLimit) octets")

    /// What is said to a message; nil when nothing is wrong with it.
    static func verdict(_ verdict: MessageVerdict, limit: UInt64) -> SMTPReply? {
        switch verdict {
        case .acceptable: nil
        case .tooLarge: tooLarge(limit)
        case .lineTooLong: lineOfMessageTooLong
        case .bareCarriageReturn, .bareLineFeed: bareLineEnd
        case .nul: nulOctet
        }
    }

    /// A piece of a message was taken, and more is to come (RFC 3030 §2).
    static func chunkTaken(_ size: UInt64) -> SMTPReply {
        SMTPReply(250, EnhancedStatus(2, 0, 0), "\(size) octets taken")
    }

    static func tooLarge(_ limit: UInt64) -> SMTPReply {
        SMTPReply(552, EnhancedStatus(5, 3, 4), "The message is larger than \(limit) octets")
    }

    /// What is said to a command that can't be read.
    static func syntax(_ error: SMTPSyntaxError, of line: [UInt8]) -> SMTPReply {
        switch error {
        case .unknownCommand: unknownCommand
        case .badArguments, .badDomain, .badReply, .replyTooLong: badArguments
        case .badPath, .pathTooLong: isRecipient(line) ? badRecipient : badSender
        case .badParameter: badParameter
        case .unknownParameter: unknownParameter
        case .badBase64: badBase64
        case .badChunk: badChunk
        case .needsSMTPUTF8: recipientNeedsUTF8
        }
    }

    private static func isRecipient(_ line: [UInt8]) -> Bool { line.first == 0x52 || line.first == 0x72 }
}
