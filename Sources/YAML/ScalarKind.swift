/// Why a scalar is no value of the kind that is asked for.
package struct ScalarRefusal: Error {
    package let message: String
    package let remedy: String

    package init(_ message: String, remedy: String) {
        self.message = message
        self.remedy = remedy
    }
}

/// How one kind of value is read from a scalar, and how it is described to who wrote something else.
package struct ScalarKind<Value>: Sendable {
    /// What is expected, such as `a number from 1 to 65535`.
    package let expectation: String
    package let read: @Sendable (Node.Scalar) throws(ScalarRefusal) -> Value

    package init(_ expectation: String, read: @escaping @Sendable (Node.Scalar) throws(ScalarRefusal) -> Value) {
        self.expectation = expectation
        self.read = read
    }

    /// Another value made from this kind's.
    package func map<Other>(
        _ expectation: String? = nil, _ make: @escaping @Sendable (Value) throws(ScalarRefusal) -> Other
    ) -> ScalarKind<Other> {
        let read = read
        return ScalarKind<Other>(expectation ?? self.expectation) { scalar throws(ScalarRefusal) in
            try make(try read(scalar))
        }
    }
}

extension ScalarKind<String> {
    /// One line of text without control characters, at most `limit` octets.
    package static func text(_ expectation: String = "a text", limit: Int = 1024) -> Self {
        ScalarKind(expectation) { scalar throws(ScalarRefusal) in
            guard !scalar.text.isEmpty else { throw ScalarRefusal("is empty", remedy: "Write \(expectation).") }
            guard scalar.text.utf8.count <= limit else {
                throw ScalarRefusal("is longer than \(limit) bytes", remedy: "Shorten it.")
            }
            guard scalar.text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                throw ScalarRefusal(
                    "has a line break or another control character", remedy: "Write \(expectation) on one line.")
            }
            return scalar.text
        }
    }
}

extension ScalarKind<Bool> {
    /// `yes` or `no`, and YAML's other words for them.
    package static var boolean: Self {
        ScalarKind("yes or no") { scalar throws(ScalarRefusal) in
            switch (scalar.style, scalar.text.lowercased()) {
            case (.plain, "yes"), (.plain, "true"), (.plain, "on"): return true
            case (.plain, "no"), (.plain, "false"), (.plain, "off"): return false
            default:
                throw ScalarRefusal(
                    "`\(scalar.text)` is neither yes nor no", remedy: "Write yes or no, without quotes.")
            }
        }
    }
}

extension ScalarKind<Int> {
    /// A whole number within `range`.
    package static func integer(in range: ClosedRange<Int>) -> Self {
        let expectation = "a number from \(range.lowerBound) to \(range.upperBound)"
        return ScalarKind(expectation) { scalar throws(ScalarRefusal) in
            let digits = scalar.text.replacing("_", with: "")
            guard scalar.style == .plain, let value = Int(digits) else {
                let quoted = scalar.style != .plain && Int(digits) != nil
                throw ScalarRefusal(
                    "`\(scalar.text)` is not a number",
                    remedy: quoted ? "Remove the quotes." : "Write \(expectation).")
            }
            guard range.contains(value) else {
                throw ScalarRefusal("\(value) is out of range", remedy: "Write \(expectation).")
            }
            return value
        }
    }
}

extension ScalarKind {
    /// One of a few words.
    package static func word(_ words: [(String, Value)]) -> Self where Value: Sendable {
        let list = words.map { "`\($0.0)`" }.joined(separator: ", ")
        return ScalarKind("one of \(list)") { scalar throws(ScalarRefusal) in
            if let match = words.first(where: { $0.0 == scalar.text }) { return match.1 }
            let nearest = Suggestion.nearest(to: scalar.text, among: words.map(\.0))
            throw ScalarRefusal(
                "`\(scalar.text)` is not a word for this",
                remedy: nearest.map { "Did you mean `\($0)`? Allowed are \(list)." } ?? "Allowed are \(list).")
        }
    }

    /// One of the words of an enumeration.
    package static func word(_ type: Value.Type = Value.self) -> Self
    where Value: CaseIterable & RawRepresentable<String> & Sendable {
        word(Value.allCases.map { ($0.rawValue, $0) })
    }
}
