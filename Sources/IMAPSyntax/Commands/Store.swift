internal import Bytes
package import MailTypes

/// `STORE` and `UID STORE` (RFC 9051 §6.4.6, RFC 7162 §3.1.3), also of Gmail's labels.
package struct StoreCommand: Hashable, Sendable {
    package enum Change: Hashable, Sendable {
        /// `FLAGS`.
        case replace
        /// `+FLAGS`.
        case add
        /// `-FLAGS`.
        case remove
    }

    package var isUID: Bool
    package var messages: MessageSet
    package var change: Change
    package var isSilent: Bool
    package var flags: [Flag]
    /// Set where labels are changed instead of flags (`X-GM-LABELS`), decoded; those of the system begin with a
    /// backslash. No flags are named then.
    package var gmailLabels: [String]?
    package var unchangedSince: ModSeq?

    package init(
        isUID: Bool = false, messages: MessageSet, change: Change, isSilent: Bool = false, flags: [Flag],
        gmailLabels: [String]? = nil, unchangedSince: ModSeq? = nil
    ) {
        self.isUID = isUID
        self.messages = messages
        self.change = change
        self.isSilent = isSilent
        self.flags = flags
        self.gmailLabels = gmailLabels
        self.unchangedSince = unchangedSince
    }
}

extension CommandReader {
    /// `STORE`, the word taken.
    mutating func store(isUID: Bool) throws(IMAPSyntaxError) -> StoreCommand {
        try space()
        var store = StoreCommand(isUID: isUID, messages: try messageSet(), change: .replace, flags: [])
        try space()
        if skip(UInt8(ascii: "(")) {
            guard word() == .unchangedSince else { throw unexpected("UNCHANGEDSINCE") }
            try space()
            store.unchangedSince = try modSeq()
            try close()
            try space()
        }
        if skip(UInt8(ascii: "+")) {
            store.change = .add
        } else if skip(UInt8(ascii: "-")) {
            store.change = .remove
        }
        let word = word()
        switch word {
        case .flags: break
        case .flagsSilent: store.isSilent = true
        case .gmailLabels, .gmailLabelsSilent:
            store.isSilent = word == .gmailLabelsSilent
            try space()
            store.gmailLabels = try gmailLabels()
            return store
        default: throw unexpected("FLAGS")
        }
        try space()
        if peek == UInt8(ascii: "(") {
            store.flags = try flagList()
        } else {
            repeat {
                guard store.flags.count < limits.listLength else { throw .tooMany(position: position) }
                store.flags.append(try flag())
            } while skip(ASCII.space)
        }
        return store
    }
}

extension CommandWriter {
    mutating func store(_ store: StoreCommand) {
        text(store.isUID ? "UID STORE " : "STORE ")
        set(store.messages)
        if let modSeq = store.unchangedSince {
            text(" (UNCHANGEDSINCE ")
            number(modSeq.rawValue)
            text(")")
        }
        switch store.change {
        case .replace: text(" ")
        case .add: text(" +")
        case .remove: text(" -")
        }
        text(store.gmailLabels == nil ? "FLAGS" : "X-GM-LABELS")
        text(store.isSilent ? ".SILENT " : " ")
        if let labels = store.gmailLabels { list(labels) { $0.gmailLabel($1) } } else { flags(store.flags) }
    }
}
