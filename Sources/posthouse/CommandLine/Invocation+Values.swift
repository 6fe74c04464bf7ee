internal import Configuration
internal import YAML

/// Reads words of the command line as the same kinds of values that files have.
extension Invocation {
    /// The value of an option; nil when it is not given.
    func value<Value>(_ name: String, _ kind: ScalarKind<Value>) throws(Failure) -> Value? {
        guard let text = option(name) else { return nil }
        return try read(text, kind, called: "--\(name)")
    }

    /// The values of an option that may be given several times, or as a list with commas.
    func values<Value>(_ name: String, _ kind: ScalarKind<Value>) throws(Failure) -> [Value] {
        var values: [Value] = []
        for text in options(name) {
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                values.append(try read(String(part), kind, called: "--\(name)"))
            }
        }
        return values
    }

    /// A positional.
    func value<Value>(word name: String, _ kind: ScalarKind<Value>) throws(Failure) -> Value {
        try read(word(name), kind, called: name)
    }

    /// The words of a positional that may stand several times.
    func values<Value>(words name: String, _ kind: ScalarKind<Value>) throws(Failure) -> [Value] {
        var values: [Value] = []
        for text in words(name) { values.append(try read(text, kind, called: name)) }
        return values
    }

    /// Refuses what was typed, with the kind's remedy.
    func read<Value>(_ text: String, _ kind: ScalarKind<Value>, called name: String) throws(Failure) -> Value {
        do throws(ScalarRefusal) {
            return try kind.read(Node.Scalar(text))
        } catch {
            throw Failure(.usage, "\(name): \(error.message)", remedy: error.remedy)
        }
    }

    /// A kind of whole numbers for options such as `--limit`.
    func limit(default number: Int) throws(Failure) -> Int {
        try value("limit", .integer(in: 1...1_000_000)) ?? number
    }

    static let limitOption = Command.Option(
        name: "limit", value: "N", help: "print at most so many; default \(defaultLimit)")
    static let defaultLimit = 100
}
