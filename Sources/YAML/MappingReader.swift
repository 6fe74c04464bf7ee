/// Reads a mapping key by key into typed values and notes every problem on the way.
///
/// A reader never stops at the first mistake: a bad value is reported and its default (or nothing) taken, so one
/// pass finds them all. `finish` reports the keys that nobody has asked for.
package final class MappingReader {
    /// The mapping's own name from the root, such as `accounts.support`; empty for the root.
    package let path: String
    package let position: Position
    private let entries: [Node.Entry]
    private let problems: ProblemList
    private var known: [String] = []
    private var refused: Set<String> = []

    /// Reports when `node` is neither a mapping nor nothing at all, and is empty then.
    package init(_ node: Node, path: String = "", problems: ProblemList) {
        self.path = path
        self.problems = problems
        position = node.position
        if case .mapping(let entries) = node.content {
            self.entries = entries
        } else {
            entries = []
            if !node.isNull {
                problems.report(
                    at: node.position, setting: path, "settings are expected here, not \(Self.describe(node))",
                    remedy: "Write them below, indented, each as `name: value`.")
            }
        }
    }

    /// Whether something is written under `key`.
    package func has(_ key: String) -> Bool { entry(key).map { !$0.value.isNull } ?? false }

    /// Where `key` stands, or the mapping itself when it is missing.
    package func position(of key: String) -> Position { entry(key)?.value.position ?? position }

    /// The keys as they are written.
    package var keys: [Located<String>] { entries.map { Located($0.key, at: $0.position) } }

    // MARK: Scalars

    /// The value under `key`; nil when it is missing or bad (the latter is reported).
    package func value<Value>(_ key: String, _ kind: ScalarKind<Value>) -> Value? {
        located(key, kind)?.value
    }

    /// The value under `key`, or `defaultValue` when it is missing or bad (the latter is reported).
    package func value<Value>(_ key: String, _ kind: ScalarKind<Value>, default defaultValue: Value) -> Value {
        located(key, kind)?.value ?? defaultValue
    }

    /// The value under `key`, which must be there; nil when it is missing or bad, both reported.
    package func required<Value>(_ key: String, _ kind: ScalarKind<Value>) -> Value? {
        requiredLocated(key, kind)?.value
    }

    package func located<Value>(_ key: String, _ kind: ScalarKind<Value>) -> Located<Value>? {
        guard let node = node(key) else { return nil }
        return read(node, kind, setting: setting(key))
    }

    package func requiredLocated<Value>(_ key: String, _ kind: ScalarKind<Value>) -> Located<Value>? {
        guard has(key) else {
            note(key)
            problems.report(
                at: position(of: key), setting: setting(key), "is missing", remedy: "Write \(kind.expectation).")
            return nil
        }
        return located(key, kind)
    }

    /// The values under `key`: a sequence, or a single one. Bad ones are reported and left out.
    package func list<Value>(_ key: String, _ kind: ScalarKind<Value>, limit: Int = 10_000) -> [Located<Value>] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let items) = node.content else {
            return read(node, kind, setting: setting(key)).map { [$0] } ?? []
        }
        if items.count > limit {
            report(key, "has more than \(limit) entries", remedy: "Keep at most \(limit).")
        }
        return items.prefix(limit).enumerated().compactMap { index, item in
            read(item, kind, setting: "\(setting(key))[\(index)]")
        }
    }

    // MARK: What lies deeper

    /// The mapping under `key`, or nil when nothing is written there.
    package func section(_ key: String) -> MappingReader? {
        node(key).map { MappingReader($0, path: setting(key), problems: problems) }
    }

    /// The mappings of the sequence under `key`.
    package func sections(_ key: String) -> [MappingReader] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let items) = node.content else {
            report(
                key, "a list is expected here, not \(Self.describe(node))", remedy: "Begin each entry with a hyphen.")
            return []
        }
        return items.enumerated().map { index, item in
            MappingReader(item, path: "\(setting(key))[\(index)]", problems: problems)
        }
    }

    /// The objects under `key` by their names: a mapping whose values are mappings.
    package func objects(_ key: String) -> [(name: Located<String>, fields: MappingReader)] {
        guard let node = node(key) else { return [] }
        guard case .mapping(let entries) = node.content else {
            report(
                key, "objects with their names are expected here, not \(Self.describe(node))",
                remedy: "Write `name:` for each, and its settings below it, indented.")
            return []
        }
        return entries.map { entry in
            (
                Located(entry.key, at: entry.position),
                MappingReader(entry.value, path: "\(setting(key)).\(entry.key)", problems: problems)
            )
        }
    }

    // MARK: Problems

    /// Reports something about `key` that only its reader can know.
    package func report(
        _ key: String, _ message: String, remedy: String, severity: Problem.Severity = .error
    ) {
        problems.report(severity, at: position(of: key), setting: setting(key), message, remedy: remedy)
    }

    /// Reports `key` when it is written, for a setting that people look for and that can't be.
    package func refuse(_ key: String, _ message: String, remedy: String) {
        guard has(key) else { return }
        refused.insert(key)
        report(key, message, remedy: remedy)
    }

    /// Reports every key that was never asked for. Call it last.
    package func finish() {
        for entry in entries where !known.contains(entry.key) && !refused.contains(entry.key) {
            let nearest = Suggestion.nearest(to: entry.key, among: known)
            let remedy =
                if let nearest {
                    "Did you mean `\(nearest)`?"
                } else if known.isEmpty {
                    "Remove it."
                } else {
                    "Known here are \(known.map { "`\($0)`" }.joined(separator: ", "))."
                }
            problems.report(at: entry.position, setting: setting(entry.key), "is not a setting", remedy: remedy)
        }
    }

    // MARK: Inside

    private func entry(_ key: String) -> Node.Entry? { entries.first { $0.key == key } }

    private func setting(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func note(_ key: String) { if !known.contains(key) { known.append(key) } }

    private func node(_ key: String) -> Node? {
        note(key)
        guard let value = entry(key)?.value, !value.isNull else { return nil }
        return value
    }

    private func read<Value>(_ node: Node, _ kind: ScalarKind<Value>, setting: String) -> Located<Value>? {
        guard case .scalar(let scalar) = node.content, !scalar.isNull else {
            problems.report(
                at: node.position, setting: setting, "\(Self.describe(node)) can't stand here",
                remedy: "Write \(kind.expectation).")
            return nil
        }
        do {
            return Located(try kind.read(scalar), at: node.position)
        } catch {
            problems.report(at: node.position, setting: setting, error.message, remedy: error.remedy)
            return nil
        }
    }

    private static func describe(_ node: Node) -> String {
        switch node.content {
        case .mapping: "a group of settings"
        case .sequence: "a list"
        case .scalar(let scalar) where scalar.isNull: "nothing"
        case .scalar: "a single value"
        }
    }
}
