internal import Engine
internal import IMAPSyntax
internal import TLS

/// How a command ends. Handlers return it; only the session writes it.
struct Reply {
    var condition: Condition
    var code: ResponseCode?
    var text: String
    /// Once everything that has changed is told, the reply names the mod-sequence up to which it is, unless it has
    /// another code (RFC 7162 §3.2.7).
    var tellsHighestModSeq = false

    static func ok(_ text: String, _ code: ResponseCode? = nil) -> Reply {
        Reply(condition: .ok, code: code, text: text)
    }

    static func no(_ text: String, _ code: ResponseCode? = nil) -> Reply {
        Reply(condition: .no, code: code, text: text)
    }

    static func bad(_ text: String, _ code: ResponseCode? = nil) -> Reply {
        Reply(condition: .bad, code: code, text: text)
    }
}

/// Why a handler did not come to its end.
enum Fault: Error {
    /// The command ends with this instead.
    case reply(Reply)
    /// The client can't be reached any more.
    case connection(ConnectionError)
    /// What the client knows of its mailbox can't be kept true: it has to begin anew.
    case inconsistent
}

extension Fault {
    init(_ error: EngineError) {
        self = if case .newEpoch = error { .inconsistent } else { .reply(Reply(error)) }
    }
}

extension Reply {
    /// The engine's refusal in IMAP's words (RFC 9051 §7.1, RFC 5530 §3).
    init(_ error: EngineError) {
        switch error {
        case .noSuchMailbox: self = .no("There is no such mailbox", .nonExistent)
        case .noPermission: self = .no("Your grant does not allow this", .noPermission)
        case .readOnly: self = .no("The mailbox is open for reading only", .readOnly)
        case .alreadyExists: self = .no("There is a mailbox of that name", .alreadyExists)
        case .invalidName(let text): self = .no("This can't be a mailbox: \(text)", .cannot)
        case .unavailable(let text): self = .no("Not available now: \(text)", .unavailable)
        case .overQuota(let text): self = .no(text, .overQuota)
        case .overBudget(let direction): self = .no(Self.overBudget(direction), .limit)
        case .tooLarge(let limit): self = .no("The message has more than \(limit) octets", .tooBig)
        case .tooManyEntries: self = .no("There would be too many entries", .metadata(.tooMany))
        case .valueTooLarge(let limit): self = .no("The value is too large", .metadata(.maxSize(UInt64(limit))))
        case .refused(let code, let text): self = .no(text, code.flatMap(ResponseCode.init(passedOn:)))
        case .storage: self = .no("Not possible now, try again later", .unavailable)
        case .newEpoch: self = .no("The mailbox has changed its identity, select it again", .unavailable)
        case .internalFault(let incident): self = .no("Internal error, incident \(incident)", .serverBug)
        }
    }
}

extension Reply {
    /// What may still be done, and when the rest may be again.
    private static func overBudget(_ direction: TrafficDirection) -> String {
        switch direction {
        case .download:
            "No more mail can be fetched for this account today, it goes on at 00:00 UTC; mail read before is still there"
        case .upload: "No more mail can be saved in this account today, it goes on at 00:00 UTC"
        }
    }
}

extension ResponseCode {
    /// An upstream's code as far as it means the same to our client: those of RFC 5530 that carry nothing else.
    init?(passedOn name: String) {
        switch name.uppercased() {
        case "CANNOT": self = .cannot
        case "LIMIT": self = .limit
        case "NONEXISTENT": self = .nonExistent
        case "NOPERM": self = .noPermission
        case "INUSE": self = .inUse
        case "TOOBIG": self = .tooBig
        case "TRYCREATE": self = .tryCreate
        case "HASCHILDREN": self = .hasChildren
        case "EXPUNGEISSUED": self = .expungeIssued
        case "CORRUPTION": self = .corruption
        case "CONTACTADMIN": self = .contactAdmin
        case "SERVERBUG": self = .serverBug
        case "USEATTR": self = .useAttr
        case "UNKNOWN-CTE": self = .unknownCTE
        default: return nil
        }
    }
}
