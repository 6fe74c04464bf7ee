internal import Bytes
internal import Glibc
internal import Synchronization

/// Where the program says what it does: a line an event, for people (`key=value`) or machines (JSON).
///
/// Never a password, a token or any other secret; never a message's body or header. Protocol data is given as sizes,
/// names and identifiers. What strangers sent is written with its control characters escaped, so that one event is
/// one line whatever they send.
package struct Log: Sendable {
    package enum Level: Int, Comparable, Sendable, CaseIterable {
        case debug, info, notice, warning, error

        /// The word in configuration and output.
        package var word: String {
            switch self {
            case .debug: "debug"
            case .info: "info"
            case .notice: "notice"
            case .warning: "warning"
            case .error: "error"
            }
        }

        package init?(word: String) {
            guard let level = Self.allCases.first(where: { $0.word == word }) else { return nil }
            self = level
        }

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    package enum Format: Sendable { case text, json }

    /// Keys with values, in the order they were written.
    package typealias Fields = KeyValuePairs<String, any CustomStringConvertible>

    /// What all loggers of a process share: where lines go, which, and how.
    package final class Output: Sendable {
        private let levelNumber: Atomic<Int>
        private let formatJSON: Atomic<Bool>
        let clock: WallClock
        let write: @Sendable ([UInt8]) -> Void

        /// Lines go to `write`, each with its line end.
        package init(
            level: Level, format: Format, clock: WallClock = .system, write: @escaping @Sendable ([UInt8]) -> Void
        ) {
            levelNumber = Atomic(level.rawValue)
            formatJSON = Atomic(format == .json)
            self.clock = clock
            self.write = write
        }

        /// The least level that is written; may be changed while running.
        package var level: Level {
            get { Level(rawValue: levelNumber.load(ordering: .relaxed)) ?? .info }
            set { levelNumber.store(newValue.rawValue, ordering: .relaxed) }
        }

        /// How lines are written; may be changed while running.
        package var format: Format {
            get { formatJSON.load(ordering: .relaxed) ? .json : .text }
            set { formatJSON.store(newValue == .json, ordering: .relaxed) }
        }
    }

    package let output: Output
    /// Fields of every line of this logger, already written.
    private var bound: [LogField] = []

    package init(_ output: Output) { self.output = output }

    /// Writes to standard error, one write(2) a line.
    package static func standardError(level: Level = .info, format: Format = .text) -> Log {
        Log(
            Output(level: level, format: format) { line in
                line.withUnsafeBytes { buffer in
                    // A line that a full pipe does not take is lost: the log never holds up the mail.
                    _ = write(2, buffer.baseAddress, buffer.count)
                }
            })
    }

    /// Writes nothing.
    package static let silent = Log(Output(level: .error, format: .text) { _ in })

    /// A logger whose every line has these fields too.
    package func with(_ fields: Fields) -> Log {
        var log = self
        log.bound += fields.map { LogField($0.key, $0.value) }
        return log
    }

    package func isOn(_ level: Level) -> Bool { level >= output.level }

    package func debug(_ text: StaticString, _ fields: @autoclosure () -> Fields = [:]) { log(.debug, text, fields) }
    package func info(_ text: StaticString, _ fields: @autoclosure () -> Fields = [:]) { log(.info, text, fields) }
    package func notice(_ text: StaticString, _ fields: @autoclosure () -> Fields = [:]) { log(.notice, text, fields) }
    package func warning(_ text: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        log(.warning, text, fields)
    }
    package func error(_ text: StaticString, _ fields: @autoclosure () -> Fields = [:]) { log(.error, text, fields) }

    private func log(_ level: Level, _ text: StaticString, _ fields: () -> Fields) {
        guard isOn(level) else { return }
        let all = bound + fields().map { LogField($0.key, $0.value) }
        let line = LogLine(time: output.clock.now, level: level, text: text.description, fields: all)
        output.write(output.format == .json ? line.json : line.plain)
    }
}
