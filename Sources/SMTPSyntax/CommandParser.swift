internal import Bytes

extension SMTPCommand {
    /// Reads a command line, without its line end.
    ///
    /// One thing is read more kindly than it is defined: blanks between `FROM:` or `TO:` and the path, which old
    /// clients write.
    package init(parsing line: [UInt8]) throws(SMTPSyntaxError) {
        var cursor = ByteCursor(line)
        let verb = cursor.take(while: ASCII.isLetter)
        guard let word = Verb(rawValue: String(lossy: verb).uppercased()) else { throw .unknownCommand }
        guard cursor.isAtEnd || cursor.peek == ASCII.space || cursor.peek == ASCII.tab else { throw .unknownCommand }
        let argument = line[cursor.position...].trimmingBlanks
        switch word {
        case .ehlo: self = .ehlo(try Self.domain(argument))
        case .helo: self = .helo(try Self.domain(argument))
        case .mail: self = try Self.mail(argument)
        case .rcpt: self = try Self.rcpt(argument)
        case .bdat: self = try Self.bdat(argument)
        case .burl: self = try Self.burl(argument)
        case .auth: self = try Self.auth(argument)
        case .noop: self = .noop
        case .help: self = .help(String(lossy: argument))
        case .vrfy: self = .vrfy(try Self.required(argument))
        case .expn: self = .expn(try Self.required(argument))
        case .data: self = try Self.alone(.data, argument)
        case .rset: self = try Self.alone(.rset, argument)
        case .quit: self = try Self.alone(.quit, argument)
        case .starttls: self = try Self.alone(.startTLS, argument)
        }
    }

    /// Whether a line, which may be no command at all, is meant for BDAT, so that octets of any kind may follow it.
    package static func isChunk(_ line: [UInt8]) -> Bool {
        var cursor = ByteCursor(line)
        return cursor.take(while: ASCII.isLetter).equalsIgnoringASCIICase(Verb.bdat.rawValue.utf8)
    }

    private enum Verb: String {
        case ehlo = "EHLO"
        case helo = "HELO"
        case mail = "MAIL"
        case rcpt = "RCPT"
        case data = "DATA"
        case bdat = "BDAT"
        case burl = "BURL"
        case rset = "RSET"
        case noop = "NOOP"
        case quit = "QUIT"
        case help = "HELP"
        case vrfy = "VRFY"
        case expn = "EXPN"
        case starttls = "STARTTLS"
        case auth = "AUTH"
    }

    private static func alone(
        _ command: SMTPCommand, _ argument: ArraySlice<UInt8>
    ) throws(SMTPSyntaxError) -> SMTPCommand {
        guard argument.isEmpty else { throw .badArguments }
        return command
    }

    private static func required(_ argument: ArraySlice<UInt8>) throws(SMTPSyntaxError) -> String {
        guard !argument.isEmpty else { throw .badArguments }
        return String(lossy: argument)
    }

    /// Clients write whatever their machine is called, so anything printable without a blank is a name
    /// (RFC 5321 §4.1.4 forbids refusing mail for it).
    private static func domain(_ argument: ArraySlice<UInt8>) throws(SMTPSyntaxError) -> String {
        guard !argument.isEmpty else { throw .badArguments }
        guard argument.count <= 255, argument.allSatisfy({ $0 > 0x20 && $0 != ASCII.delete }),
            let name = String(strictUTF8: argument)
        else { throw .badDomain }
        return name
    }

    private static func mail(_ argument: ArraySlice<UInt8>) throws(SMTPSyntaxError) -> SMTPCommand {
        var cursor = ByteCursor(Array(argument))
        guard cursor.skip(ignoringCase: "FROM:") else { throw .badArguments }
        _ = cursor.take(while: ASCII.isBlank)
        let path = try cursor.takePath()
        if case .postmaster = path { throw .badPath }
        let parameters = try cursor.takeMailParameters()
        guard parameters.smtpUTF8 || !path.needsUTF8 else { throw .needsSMTPUTF8 }
        return .mail(path, parameters)
    }

    private static func rcpt(_ argument: ArraySlice<UInt8>) throws(SMTPSyntaxError) -> SMTPCommand {
        var cursor = ByteCursor(Array(argument))
        guard cursor.skip(ignoringCase: "TO:") else { throw .badArguments }
        _ = cursor.take(while: ASCII.isBlank)
        let path = try cursor.takePath()
        if case .null = path { throw .badPath }
        return .rcpt(path, try cursor.takeRecipientParameters())
    }

    private static func bdat(_ argument: ArraySlice<UInt8>) throws(SMTPSyntaxError) -> SMTPCommand {
        let words = argument.split(separator: ASCII.space)
        guard let first = words.first, words.count <= 2, first.count <= 20, let size = first.decimalValue,
            words.count == 1 || words[1].equalsIgnoringASCIICase("LAST".utf8)
        else { throw .badChunk }
        return .bdat(size: size, isLast: words.count == 2)
    }

    /// An absolute URI (RFC 3986 §4.3) in printable ASCII; what it names is for others to find out.
    private static func burl(_ argument: ArraySlice<UInt8>) throws(SMTPSyntaxError) -> SMTPCommand {
        let words = argument.split(separator: ASCII.space)
        guard let url = words.first, words.count <= 2, url.allSatisfy({ $0 > 0x20 && $0 < ASCII.delete }),
            words.count == 1 || words[1].equalsIgnoringASCIICase("LAST".utf8)
        else { throw .badArguments }
        return .burl(url: Array(url), isLast: words.count == 2)
    }

    private static func auth(_ argument: ArraySlice<UInt8>) throws(SMTPSyntaxError) -> SMTPCommand {
        let words = argument.split(separator: ASCII.space)
        guard let name = words.first, words.count <= 2, name.count <= 20 else { throw .badArguments }
        let isName = name.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == 0x2D || $0 == 0x5F }
        guard isName else { throw .badArguments }
        let mechanism = String(lossy: name).uppercased()
        guard words.count == 2 else { return .auth(mechanism: mechanism, initialResponse: nil) }
        if words[1].elementsEqual("=".utf8) { return .auth(mechanism: mechanism, initialResponse: []) }
        guard let response = Base64.decode(words[1]), !response.isEmpty else { throw .badBase64 }
        return .auth(mechanism: mechanism, initialResponse: response)
    }
}
