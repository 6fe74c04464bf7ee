internal import Bytes
internal import MailTypes

extension CommandReader {
    /// One key or more; several are true together.
    mutating func conjunction(isParenthesised: Bool) throws(IMAPSyntaxError) -> SearchKey {
        var keys: [SearchKey] = []
        while true {
            guard keys.count < limits.listLength else { throw .tooMany(position: position) }
            keys.append(try searchKey())
            if isParenthesised, skip(UInt8(ascii: ")")) { break }
            if !isParenthesised, position == end { break }
            try space()
        }
        return keys.count == 1 ? keys[0] : .and(keys)
    }

    private mutating func searchKey() throws(IMAPSyntaxError) -> SearchKey {
        try descend()
        defer { depth -= 1 }
        if skip(UInt8(ascii: "(")) { return try conjunction(isParenthesised: true) }
        if ASCII.isDigit(peek) || peek == UInt8(ascii: "*") { return .numbers(try sequenceSet()) }
        if skip(UInt8(ascii: "$")) { return .saved }
        let start = position
        let word = word()
        if let key = flagKey(word) { return key }
        switch word {
        case .not:
            try space()
            return .not(try searchKey())
        case .or:
            try space()
            let left = try searchKey()
            try space()
            return .or(left, try searchKey())
        case .uid:
            try space()
            return skip(UInt8(ascii: "$")) ? .saved : .uids(try sequenceSet())
        case .keyword:
            try space()
            return .flag(try flag())
        case .unkeyword:
            try space()
            return .notFlag(try flag())
        case .header:
            try space()
            let name = try astring()
            return .header(name: name, value: try text())
        case .modSeq: return try modSeqKey()
        case .emailID: return .emailID(try objectID())
        case .threadID: return .threadID(try objectID())
        case .gmailLabels:
            try space()
            return .gmailLabel(try gmailLabel())
        default:
            if let key = try textKey(word) { return key }
            if let key = try dateKey(word) { return key }
            return try numberKey(word, at: start)
        }
    }

    private func flagKey(_ word: Keyword) -> SearchKey? {
        switch word {
        case .all: .all
        case .answered: .flag(.answered)
        case .deleted: .flag(.deleted)
        case .draft: .flag(.draft)
        case .flagged: .flag(.flagged)
        case .seen: .flag(.seen)
        case .unanswered: .notFlag(.answered)
        case .undeleted: .notFlag(.deleted)
        case .undraft: .notFlag(.draft)
        case .unflagged: .notFlag(.flagged)
        case .unseen: .notFlag(.seen)
        case .recent: .recent
        case .new: .and([.recent, .notFlag(.seen)])
        case .old: .not(.recent)
        case .saveDateSupported: .saveDateSupported
        default: nil
        }
    }

    private mutating func textKey(_ word: Keyword) throws(IMAPSyntaxError) -> SearchKey? {
        switch word {
        case .from: .from(try text())
        case .to: .to(try text())
        case .cc: .cc(try text())
        case .bcc: .bcc(try text())
        case .subject: .subject(try text())
        case .body: .body(try text())
        case .text: .text(try text())
        case .gmailRaw: .gmailRaw(try text())
        default: nil
        }
    }

    private mutating func text() throws(IMAPSyntaxError) -> [UInt8] {
        try space()
        let start = position
        let text = try astring()
        guard String(strictUTF8: text) != nil else { throw .invalidUTF8(position: start) }
        return text
    }

    private mutating func dateKey(_ word: Keyword) throws(IMAPSyntaxError) -> SearchKey? {
        switch word {
        case .before: .before(try spacedDate())
        case .on: .on(try spacedDate())
        case .since: .since(try spacedDate())
        case .sentBefore: .sentBefore(try spacedDate())
        case .sentOn: .sentOn(try spacedDate())
        case .sentSince: .sentSince(try spacedDate())
        case .savedBefore: .savedBefore(try spacedDate())
        case .savedOn: .savedOn(try spacedDate())
        case .savedSince: .savedSince(try spacedDate())
        default: nil
        }
    }

    private mutating func spacedDate() throws(IMAPSyntaxError) -> CalendarDate {
        try space()
        return try date()
    }

    private mutating func numberKey(_ word: Keyword, at start: Int) throws(IMAPSyntaxError) -> SearchKey {
        switch word {
        case .larger: return .larger(try spacedNumber())
        case .smaller: return .smaller(try spacedNumber())
        case .gmailMessageID: return .gmailMessageID(try spacedNumber())
        case .gmailThreadID: return .gmailThreadID(try spacedNumber())
        case .older:
            try space()
            return .older(try positiveNumber())
        case .younger:
            try space()
            return .younger(try positiveNumber())
        default: throw .unexpected(position: start, expected: "a search key")
        }
    }

    private mutating func spacedNumber() throws(IMAPSyntaxError) -> UInt64 {
        try space()
        return try number64()
    }

    /// `MODSEQ`, the word taken: optional entry name and type, then the number (RFC 7162 §3.1.5).
    private mutating func modSeqKey() throws(IMAPSyntaxError) -> SearchKey {
        try space()
        if peek == ASCII.quote {
            _ = try string()
            try space()
            _ = try atom("an entry type")
            try space()
        }
        return .modSeq(try modSeq())
    }
}

extension CommandWriter {
    /// The keys of a search: those that are true together stand without parentheses.
    mutating func searchKeys(_ key: SearchKey) {
        guard case .and(let keys) = key, !keys.isEmpty else { return self.key(key) }
        for (index, member) in keys.enumerated() {
            if index > 0 { text(" ") }
            self.key(member)
        }
    }

    private mutating func key(_ key: SearchKey) {
        if let (word, value) = key.wordAndString {
            text(word)
            string(value)
            return
        }
        switch key {
        case .flag(let flag): keyword(flag, prefix: "")
        case .notFlag(let flag): keyword(flag, prefix: "UN")
        case .recent: text("RECENT")
        case .before(let date): dated("BEFORE ", date)
        case .on(let date): dated("ON ", date)
        case .since(let date): dated("SINCE ", date)
        case .sentBefore(let date): dated("SENTBEFORE ", date)
        case .sentOn(let date): dated("SENTON ", date)
        case .sentSince(let date): dated("SENTSINCE ", date)
        case .savedBefore(let date): dated("SAVEDBEFORE ", date)
        case .savedOn(let date): dated("SAVEDON ", date)
        case .savedSince(let date): dated("SAVEDSINCE ", date)
        case .saveDateSupported: text("SAVEDATESUPPORTED")
        case .emailID(let id): text("EMAILID \(id)")
        case .threadID(let id): text("THREADID \(id)")
        case .gmailMessageID(let id): text("X-GM-MSGID \(id)")
        case .gmailThreadID(let id): text("X-GM-THRID \(id)")
        case .gmailLabel(let label):
            text("X-GM-LABELS ")
            gmailLabel(label)
        case .older(let seconds): text("OLDER \(seconds)")
        case .younger(let seconds): text("YOUNGER \(seconds)")
        case .larger(let size): text("LARGER \(size)")
        case .smaller(let size): text("SMALLER \(size)")
        case .modSeq(let modSeq): text("MODSEQ \(modSeq)")
        case .header(let name, let value):
            text("HEADER ")
            astring(name)
            text(" ")
            string(value)
        case .numbers(let set): sequence(set)
        case .uids(let set):
            text("UID ")
            sequence(set)
        case .saved: text("$")
        case .among(let uids): text(uids.isEmpty ? "NOT ALL" : "UID \(uids)")
        case .not(let inner):
            text("NOT ")
            self.key(inner)
        case .or(let left, let right):
            text("OR ")
            self.key(left)
            text(" ")
            self.key(right)
        case .and(let keys) where !keys.isEmpty: list(keys) { $0.key($1) }
        default: text("ALL")
        }
    }

    private mutating func dated(_ word: String, _ date: CalendarDate) {
        text(word)
        self.date(date)
    }

    private mutating func keyword(_ flag: Flag, prefix: String) {
        if Flag.system.contains(flag) {
            text(prefix + flag.name.dropFirst().uppercased())
        } else {
            text("\(prefix)KEYWORD \(flag.name)")
        }
    }
}

extension SearchKey {
    fileprivate var wordAndString: (String, [UInt8])? {
        switch self {
        case .from(let text): ("FROM ", text)
        case .to(let text): ("TO ", text)
        case .cc(let text): ("CC ", text)
        case .bcc(let text): ("BCC ", text)
        case .subject(let text): ("SUBJECT ", text)
        case .body(let text): ("BODY ", text)
        case .text(let text): ("TEXT ", text)
        case .gmailRaw(let text): ("X-GM-RAW ", text)
        default: nil
        }
    }

    /// The text that it looks for, nil for one that looks for none.
    var string: [UInt8]? {
        if case .header(_, let value) = self { return value }
        return wordAndString?.1
    }
}
