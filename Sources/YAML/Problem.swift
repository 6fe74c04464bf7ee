/// Something wrong in a file that a person wrote: where, what, and what to do about it.
package struct Problem: Hashable, Sendable {
    package enum Severity: String, Hashable, Sendable {
        case error
        case warning
    }

    package var severity: Severity
    package var file: String
    /// Nil when it is about the file as a whole.
    package var position: Position?
    /// The setting, such as `listeners[2].port`; empty when it is about no single one.
    package var setting: String
    package var message: String
    package var remedy: String

    package init(
        _ severity: Severity = .error, file: String, position: Position?, setting: String = "", message: String,
        remedy: String
    ) {
        self.severity = severity
        self.file = file
        self.position = position
        self.setting = setting
        self.message = message
        self.remedy = remedy
    }
}

extension Problem: CustomStringConvertible {
    /// `file:line:column: error: setting: message`, as compilers write it and editors jump to it, and the remedy below.
    package var description: String {
        let place = position.map { "\(file):\($0)" } ?? file
        let subject = setting.isEmpty ? "" : "\(setting): "
        let advice = remedy.isEmpty ? "" : "\n    \(remedy)"
        return "\(place): \(severity.rawValue): \(subject)\(message)\(advice)"
    }
}

extension Problem {
    /// What is wrong with a text that could not be read as a document at all.
    package init(_ error: YAMLError, file: String) {
        let (message, remedy): (String, String) =
            switch error {
            case .syntax(let words, _):
                (
                    "this is not YAML: \(words)",
                    "Look at the indentation, the colons and the quotes in this line and the one before it."
                )
            case .badCharacter(let words, _):
                ("a character that can't stand here: \(words)", "Save the file as UTF-8, with spaces instead of tabs.")
            case .fileTooLarge(let limit):
                ("the file is larger than \(limit) bytes", "Keep the objects on the command line instead.")
            case .scalarTooLong(let limit, _):
                ("a value is longer than \(limit) bytes", "Shorten it, or put it into a file of its own.")
            case .tooDeep(let limit, _):
                ("more than \(limit) levels within each other", "Flatten the structure.")
            case .tooManyNodes(let limit, _):
                ("more than \(limit) values, aliases followed", "Use fewer aliases (`*name`), or fewer objects.")
            case .duplicateKey(let key, _, let first):
                ("`\(key)` stands here twice, first in line \(first.line)", "Remove one of the two.")
            case .keyNotScalar:
                ("a key must be a word", "Quote it if it begins with [ or {.")
            case .unknownAlias(let name, _):
                (
                    "`*\(name)` names no anchor before it",
                    "Write `&\(name)` before the value that it repeats; quote a text that begins with *."
                )
            case .explicitTag(let tag, _):
                ("the tag \(tag) is not used here", "Remove it; quote a text that begins with !.")
            case .severalDocuments:
                ("more than one document in the file", "Remove the line `---` in the middle.")
            case .outOfMemory:
                ("not enough memory to read the file", "Free memory, then try again.")
            }
        self.init(file: file, position: error.position, message: message, remedy: remedy)
    }
}

/// Everything found wrong in one file so far.
package final class ProblemList {
    /// Later problems are counted, not kept.
    package static let limit = 500

    package let file: String
    package private(set) var problems: [Problem] = []
    package private(set) var droppedCount = 0

    package init(file: String) { self.file = file }

    package func report(_ problem: Problem) {
        guard problems.count < Self.limit else {
            droppedCount += 1
            return
        }
        problems.append(problem)
    }

    package func report(
        _ severity: Problem.Severity = .error, at position: Position?, setting: String = "", _ message: String,
        remedy: String
    ) {
        report(
            Problem(severity, file: file, position: position, setting: setting, message: message, remedy: remedy))
    }

    package var hasErrors: Bool { problems.contains { $0.severity == .error } }
}
