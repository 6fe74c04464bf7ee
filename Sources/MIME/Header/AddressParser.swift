internal import Bytes
internal import MailTypes

/// One pass over an address list; what does not fit the grammar is read as a person would.
struct AddressParser {
    private var lexer: HeaderLexer
    private let limit: Int
    private var addresses: [Envelope.Address] = []
    private var isInGroup = false

    /// What has been read of the entry at hand, before it is known to be a name or an address.
    private var words: [Word] = []
    private var comment: [UInt8]?
    /// The entry began without a comma before it, so it counts only when it turns out to be an address.
    private var lacksComma = false

    private struct Word {
        var text: [UInt8]
        /// Blanks or a comment stand before it.
        var isApart: Bool
        /// What was written between quotation marks is no part of an address's syntax.
        var isQuoted: Bool
    }

    init(_ value: [UInt8], limit: Int) {
        lexer = HeaderLexer(value)
        self.limit = limit
    }

    mutating func parse() -> [Envelope.Address] {
        while addresses.count < limit {
            let isApart = skipGap()
            guard let byte = lexer.cursor.peek else { break }
            read(byte, isApart: isApart)
        }
        finishEntry()
        if isInGroup { closeGroup() }
        return addresses
    }

    private mutating func read(_ byte: UInt8, isApart: Bool) {
        switch byte {
        case ASCII.comma:
            lexer.cursor.position += 1
            finishEntry()
        case ASCII.semicolon:
            lexer.cursor.position += 1
            finishEntry()
            if isInGroup { closeGroup() }
        case ASCII.colon where !isInGroup && !words.isEmpty:
            lexer.cursor.position += 1
            openGroup()
        case ASCII.openAngle:
            lexer.cursor.position += 1
            angleAddress()
        case ASCII.at where !words.isEmpty:
            lexer.cursor.position += 1
            plainAddress()
        case ASCII.quote:
            if let text = lexer.quotedString() {
                words.append(Word(text: text, isApart: isApart, isQuoted: true))
            } else {
                lexer.cursor.position += 1
            }
        default: readWord(isApart: isApart)
        }
    }

    /// Passes blanks and comments; the last comment before or after an address serves as its name (RFC 822's habit).
    private mutating func skipGap() -> Bool {
        var isApart = lexer.skipBlanks()
        while let inside = lexer.comment() {
            comment = inside
            lexer.skipBlanks()
            isApart = true
        }
        return isApart
    }

    private mutating func readWord(isApart: Bool) {
        var text = Array(lexer.cursor.take(while: Self.isWord))
        if text.isEmpty, let odd = lexer.cursor.next() {
            // A lone `@`, `:`, `(` or `>` that nothing asked for: the first three are text of a name.
            guard odd != ASCII.closeAngle else { return }
            text = [odd]
        }
        words.append(Word(text: text, isApart: isApart, isQuoted: false))
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case ASCII.comma, ASCII.semicolon, ASCII.colon, ASCII.openAngle, ASCII.closeAngle, ASCII.at, ASCII.quote,
            ASCII.openParenthesis:
            false
        default: !HeaderLexer.isBlank(byte)
        }
    }

    // MARK: Entries

    private mutating func finishEntry() {
        defer { startEntry() }
        guard !words.isEmpty, !lacksComma else { return }
        if words.count == 1, !words[0].isQuoted {
            add(name: comment, mailbox: words[0].text, host: [])
        } else {
            add(name: phrase(words), mailbox: [], host: [])
        }
    }

    private mutating func startEntry() {
        words = []
        comment = nil
        lacksComma = false
    }

    private mutating func add(name: [UInt8]?, route: [UInt8]? = nil, mailbox: [UInt8], host: [UInt8]) {
        guard addresses.count < limit else { return }
        let name = name.flatMap { $0.isEmpty ? nil : $0 }
        addresses.append(Envelope.Address(name: name, route: route, mailbox: mailbox, host: host))
    }

    private mutating func openGroup() {
        if addresses.count < limit {
            addresses.append(Envelope.Address(name: nil, mailbox: phrase(words) ?? [], host: nil))
        }
        isInGroup = true
        startEntry()
    }

    private mutating func closeGroup() {
        addresses.append(Envelope.Address(name: nil, mailbox: nil, host: nil))
        isInGroup = false
    }

    /// The words as a display name: blanks between them are one space, where there were none they join.
    private func phrase(_ words: [Word]) -> [UInt8]? {
        guard !words.isEmpty else { return nil }
        var text: [UInt8] = []
        for (place, word) in words.enumerated() {
            if place > 0, word.isApart { text.append(ASCII.space) }
            text += word.text
        }
        return text
    }

    // MARK: Addresses

    /// `local@domain`, the `@` just passed. Of several words apart from each other the last is the local part and
    /// those before it are a name that lacks its brackets.
    private mutating func plainAddress() {
        var start = words.count - 1
        while start > 0, isJoined(words[start - 1], words[start]) { start -= 1 }
        var local = Array(words[start...].map(\.text).joined())
        let name = phrase(Array(words[..<start]))
        comment = nil
        var host = domain()
        while lexer.cursor.skip(ASCII.at) {
            local += [ASCII.at] + host
            host = domain()
        }
        let gap = skipGap()
        if lexer.cursor.peek == ASCII.openAngle {
            // `john@example.com <john@example.com>`: the first was meant as a name.
            let text = (name.map { $0 + [ASCII.space] } ?? []) + local + [ASCII.at] + host
            words = [Word(text: text, isApart: gap, isQuoted: false)]
            return
        }
        add(name: name ?? comment, mailbox: local, host: host)
        startEntry()
        lacksComma = true
        if lexer.cursor.peek == ASCII.comma { lacksComma = false }
    }

    /// Obsolete local parts allow blanks around their dots (RFC 5322 §4.4).
    private func isJoined(_ left: Word, _ right: Word) -> Bool {
        !right.isApart || left.text.last == ASCII.dot || right.text.first == ASCII.dot
    }

    /// What stands between angle brackets, the opening one just passed, with its obsolete route (RFC 5322 §4.4).
    private mutating func angleAddress() {
        while lexer.cursor.skip(ASCII.openAngle) {}
        var name = phrase(words)
        var route: [UInt8]?
        lexer.skipBlanksAndComments()
        if lexer.cursor.peek == ASCII.at { route = sourceRoute() }
        var local: [UInt8] = []
        var host: [UInt8]?
        while let byte = lexer.cursor.peek, byte != ASCII.closeAngle {
            if lexer.skipBlanksAndComments() { continue }
            if byte == ASCII.openAngle || (byte == ASCII.comma && host != nil) { break }
            if byte == ASCII.quote, let text = lexer.quotedString() {
                local += text
            } else if byte == ASCII.at {
                lexer.cursor.position += 1
                if let earlier = host { local += [ASCII.at] + earlier }
                host = domain()
            } else {
                lexer.cursor.position += 1
                local.append(byte)
            }
        }
        _ = lexer.cursor.skip(ASCII.closeAngle)
        _ = skipGap()
        if name == nil { name = comment }
        add(name: name, route: route, mailbox: local, host: host ?? [])
        startEntry()
        lacksComma = lexer.cursor.peek != ASCII.comma
    }

    /// `@one,@two:`; nil when no colon ends it, and then nothing is taken but the `@`.
    private mutating func sourceRoute() -> [UInt8]? {
        let start = lexer.cursor.position
        let route = lexer.cursor.take { $0 != ASCII.colon && $0 != ASCII.closeAngle && $0 != ASCII.openAngle }
        if lexer.cursor.skip(ASCII.colon) { return route.filter { !HeaderLexer.isBlank($0) } }
        lexer.cursor.position = start
        return nil
    }

    /// A domain or a domain literal (RFC 5322 §3.4.1), blanks and comments around its dots allowed.
    private mutating func domain() -> [UInt8] {
        lexer.skipBlanksAndComments()
        if lexer.cursor.peek == ASCII.openBracket {
            let start = lexer.cursor.position
            lexer.cursor.position += 1
            let inside = lexer.cursor.take(while: Self.isLiteral)
            if lexer.cursor.skip(ASCII.closeBracket) { return [ASCII.openBracket] + inside + [ASCII.closeBracket] }
            lexer.cursor.position = start
        }
        var host = Array(lexer.cursor.take(while: Self.isWord))
        while !host.isEmpty {
            let end = lexer.cursor.position
            lexer.skipBlanksAndComments()
            guard let byte = lexer.cursor.peek, Self.isWord(byte), byte == ASCII.dot || host.last == ASCII.dot else {
                // A comment behind the domain is the reader's who goes on from here.
                lexer.cursor.position = end
                break
            }
            host += lexer.cursor.take(while: Self.isWord)
        }
        return host
    }

    /// `dtext`, which holds no bracket; so a bracket that nobody closes is looked behind but once.
    private static func isLiteral(_ byte: UInt8) -> Bool {
        byte != ASCII.openBracket && byte != ASCII.closeBracket && byte != ASCII.closeAngle && byte != ASCII.comma
            && byte != ASCII.at
    }
}
