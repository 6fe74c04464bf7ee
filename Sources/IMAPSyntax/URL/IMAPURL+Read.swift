internal import Bytes
internal import MailTypes

extension IMAPURL {
    /// Reads an absolute URL, or a relative one: `/box/;UID=20` is about the server, `;UID=20` about its selected
    /// mailbox (RFC 5092 §7). Nil when it is no IMAP URL.
    package init?(_ octets: [UInt8]) {
        guard octets.count <= Self.longest, octets.allSatisfy({ $0 > ASCII.space && $0 < ASCII.delete }) else {
            return nil
        }
        self.init()
        var cursor = ByteCursor(octets)
        if cursor.skip(ignoringCase: "imap://") {
            let authority = cursor.take { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            guard let server = Server(authority) else { return nil }
            self.server = server
        }
        if !cursor.skip(UInt8(ascii: "/")), server == nil {
            // A colon in the first level would make it a scheme (RFC 3986 §4.2).
            var level = cursor
            let name = level.take { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "?") }
            guard !name.contains(UInt8(ascii: ":")) else { return nil }
        }
        guard readPath(&cursor), isComplete else { return nil }
    }

    /// What `iua-verifier` has been made of: the octets of a URL up to it (RFC 4467 §5). Nil without a verifier.
    package static func rump(of octets: [UInt8]) -> ArraySlice<UInt8>? {
        guard IMAPURL(octets)?.authorization?.verifier != nil,
            let token = octets.lastIndex(of: UInt8(ascii: ":")),
            let mechanism = octets[..<token].lastIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return octets[..<mechanism]
    }

    /// Whether the pieces belong together (RFC 5092 §11).
    private var isComplete: Bool {
        if uid == nil { return section == nil && range == nil && authorization == nil && (mailbox != nil || isBare) }
        return search == nil && (mailbox != nil || (server == nil && uidValidity == nil))
    }

    /// A server and nothing else.
    private var isBare: Bool { server != nil && uidValidity == nil && search == nil }

    // MARK: The path

    /// The pieces that may stand behind the mailbox, in their order.
    private enum Piece: Int {
        case uidValidity, uid, section, partial, expire, urlAuth
    }

    private mutating func readPath(_ cursor: inout ByteCursor) -> Bool {
        let name = Self.run(&cursor)
        if !name.isEmpty {
            guard let text = PercentCoding.decodeText(name) else { return false }
            mailbox = MailboxName(text)
        }
        var last = -1
        while cursor.skip(UInt8(ascii: ";")) {
            guard let piece = Self.piece(&cursor), piece.rawValue > last else { return false }
            last = piece.rawValue
            guard read(piece, Self.run(&cursor)) else { return false }
        }
        if cursor.skip(UInt8(ascii: "?")) {
            guard let search = PercentCoding.decode(cursor.take(while: Self.belongs)), !search.isEmpty else {
                return false
            }
            self.search = search
        }
        return cursor.isAtEnd && (last != Piece.expire.rawValue)
    }

    private static func belongs(_ byte: UInt8) -> Bool {
        PercentCoding.isPathOctet(byte) || byte == UInt8(ascii: "%")
    }

    /// A piece's text; the slash that parts it from the next one is none of it.
    private static func run(_ cursor: inout ByteCursor) -> ArraySlice<UInt8> {
        let run = cursor.take(while: belongs)
        return run.last == UInt8(ascii: "/") && cursor.peek == UInt8(ascii: ";") ? run.dropLast() : run
    }

    private static func piece(_ cursor: inout ByteCursor) -> Piece? {
        if cursor.skip(ignoringCase: "UIDVALIDITY=") { return .uidValidity }
        if cursor.skip(ignoringCase: "UID=") { return .uid }
        if cursor.skip(ignoringCase: "SECTION=") { return .section }
        if cursor.skip(ignoringCase: "PARTIAL=") { return .partial }
        if cursor.skip(ignoringCase: "EXPIRE=") { return .expire }
        return cursor.skip(ignoringCase: "URLAUTH=") ? .urlAuth : nil
    }

    private mutating func read(_ piece: Piece, _ text: ArraySlice<UInt8>) -> Bool {
        switch piece {
        case .uidValidity:
            guard let number = text.decimalValue.flatMap({ UInt32(exactly: $0) }), number > 0 else { return false }
            uidValidity = UIDValidity(rawValue: number)
        case .uid:
            uid = text.decimalValue.flatMap { UInt32(exactly: $0) }.flatMap { UID(rawValue: $0) }
            return uid != nil
        case .section:
            section = PercentCoding.decode(text).flatMap(CommandReader.section)
            return section != nil
        case .partial:
            range = Range(text)
            return range != nil
        case .expire:
            guard let moment = PercentCoding.decode(text).flatMap(DateTime.parseInternet) else { return false }
            authorization = Authorization(expires: moment, access: .anonymous)
        case .urlAuth:
            guard let read = Authorization(text) else { return false }
            authorization = Authorization(
                expires: authorization?.expires, access: read.access, verifier: read.verifier)
        }
        return true
    }
}

extension IMAPURL.Server {
    /// `[user][;AUTH=mechanism]@host[:port]`.
    fileprivate init?(_ text: ArraySlice<UInt8>) {
        var address = text
        self.init(host: "")
        if let at = text.firstIndex(of: UInt8(ascii: "@")) {
            let isRead = readUser(text[..<at])
            guard isRead else { return nil }
            address = text[(at + 1)...]
        }
        guard readAddress(address) else { return nil }
    }

    private mutating func readUser(_ text: ArraySlice<UInt8>) -> Bool {
        func belongs(_ byte: UInt8) -> Bool { PercentCoding.isUserOctet(byte) || byte == UInt8(ascii: "%") }
        let parts = text.split(separator: UInt8(ascii: ";"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !text.isEmpty else { return false }
        if !name.isEmpty {
            guard name.allSatisfy(belongs), let user = PercentCoding.decodeText(name) else { return false }
            self.user = user
        }
        guard parts.count == 2 else { return true }
        let word = Array("AUTH=".utf8)
        let mechanism = parts[1].dropFirst(word.count)
        guard parts[1].startsIgnoringASCIICase(with: word), mechanism.allSatisfy(belongs),
            let decoded = PercentCoding.decode(mechanism), !decoded.isEmpty,
            decoded.allSatisfy({ CharacterClass.isAtom($0) || $0 == UInt8(ascii: "*") })
        else { return false }
        self.mechanism = String(lossy: decoded.map(ASCII.uppercased))
        return true
    }

    private mutating func readAddress(_ text: ArraySlice<UInt8>) -> Bool {
        var cursor = ByteCursor(Array(text))
        if cursor.peek == UInt8(ascii: "[") {
            let address = cursor.take { $0 != UInt8(ascii: "]") }
            guard cursor.skip(UInt8(ascii: "]")), address.count > 2,
                address.dropFirst().allSatisfy({
                    ASCII.hexValue($0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
                })
            else { return false }
            host = String(lossy: address) + "]"
        } else {
            let name = cursor.take {
                ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
            guard !name.isEmpty else { return false }
            host = String(lossy: name)
        }
        if cursor.skip(UInt8(ascii: ":")) {
            guard let number = cursor.takeNumber(), let port = UInt16(exactly: number), port > 0 else { return false }
            self.port = port
        }
        return cursor.isAtEnd
    }
}

extension IMAPURL.Range {
    /// `offset[.count]`.
    fileprivate init?(_ text: ArraySlice<UInt8>) {
        var cursor = ByteCursor(Array(text))
        guard let offset = cursor.takeNumber() else { return nil }
        self.init(offset: offset)
        if cursor.skip(UInt8(ascii: ".")) {
            guard let count = cursor.takeNumber(), count > 0 else { return nil }
            self.count = count
        }
        guard cursor.isAtEnd else { return nil }
    }
}

extension IMAPURL.Authorization {
    /// `access[:mechanism:token]`.
    fileprivate init?(_ text: ArraySlice<UInt8>) {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 1 || parts.count == 3, let access = IMAPURL.Access(parts[0]) else { return nil }
        self.init(access: access)
        guard parts.count == 3 else { return }
        let isMechanism = parts[1].allSatisfy {
            ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        guard isMechanism, !parts[1].isEmpty, parts[2].count >= 32,
            parts[2].allSatisfy({ ASCII.hexValue($0) != nil })
        else { return nil }
        verifier = .init(
            mechanism: String(lossy: parts[1].map(ASCII.uppercased)), token: String(lossy: parts[2].asciiLowercased()))
    }
}

extension IMAPURL.Access {
    /// `application[+user]`.
    fileprivate init?(_ text: ArraySlice<UInt8>) {
        let parts = text.split(separator: UInt8(ascii: "+"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty,
            name.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) })
        else { return nil }
        var user: String?
        if parts.count == 2 {
            user = PercentCoding.decodeText(parts[1])
            guard user != nil, !parts[1].contains(UInt8(ascii: "/")), !parts[1].contains(UInt8(ascii: "@")) else {
                return nil
            }
        }
        switch (String(lossy: name.asciiLowercased()), user) {
        case ("submit", let user?): self = .submission(user: user)
        case ("user", let user?): self = .user(user)
        case ("authuser", nil): self = .authenticated
        case ("anonymous", nil): self = .anonymous
        case (let name, let user): self = .application(name, user: user)
        }
    }
}

extension CommandReader {
    /// The section that these octets name, as between the brackets of `BODY[…]`; nil when they name none.
    static func section(_ octets: [UInt8]) -> BodySection? {
        guard !octets.isEmpty else { return nil }
        var reader = CommandReader(
            FramedCommand(bytes: [UInt8(ascii: "[")] + octets + [UInt8(ascii: "]")]), utf8: false,
            limits: CommandParser.Limits())
        do throws(IMAPSyntaxError) {
            guard case .section(let section, _, _) = try reader.section(peek: true) else { return nil }
            try reader.endOfCommand()
            return section
        } catch { return nil }
    }
}
