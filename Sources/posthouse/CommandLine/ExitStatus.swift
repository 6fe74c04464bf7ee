/// How the program ends, in the numbers of sysexits(3) where one fits.
enum ExitStatus: Int32, CaseIterable, Sendable {
    case success = 0
    /// What was asked for is refused: no such object, or one of that name already.
    case refused = 1
    /// The command line makes no sense (EX_USAGE).
    case usage = 64
    /// What was read from the prompt or a descriptor is unusable (EX_DATAERR).
    case badInput = 65
    /// A server or service does not answer (EX_UNAVAILABLE).
    case unavailable = 69
    /// A fault of Posthouse itself (EX_SOFTWARE).
    case fault = 70
    /// The system refused: no descriptors, no port (EX_OSERR).
    case system = 71
    /// A file could not be read or written (EX_IOERR).
    case inputOutput = 74
    /// Try again later: the database is busy (EX_TEMPFAIL).
    case temporary = 75
    /// No permission (EX_NOPERM).
    case noPermission = 77
    /// The configuration has errors (EX_CONFIG).
    case configuration = 78

    /// What `--help` says about it.
    var meaning: String {
        switch self {
        case .success: "done"
        case .refused: "refused: no such object, or one of that name exists already"
        case .usage: "the command line is wrong"
        case .badInput: "what was typed or piped in is unusable"
        case .unavailable: "a server or service does not answer"
        case .fault: "a fault of Posthouse itself"
        case .system: "the system refused: no port, no descriptors"
        case .inputOutput: "a file could not be read or written"
        case .temporary: "try again later"
        case .noPermission: "no permission"
        case .configuration: "the configuration has errors"
        }
    }
}

/// Why a command ends before its work is done: what, where, and what to do about it.
struct Failure: Error, Equatable {
    let status: ExitStatus
    let message: String
    let remedy: String

    init(_ status: ExitStatus, _ message: String, remedy: String = "") {
        self.status = status
        self.message = message
        self.remedy = remedy
    }
}
