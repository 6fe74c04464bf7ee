import Testing
import YAML

private enum Protocol: String, CaseIterable, Sendable {
    case imap, imaps, submission
}

private func reading(_ text: String, _ body: (MappingReader) -> Void) throws -> [Problem] {
    let problems = ProblemList(file: "site.yaml")
    let reader = MappingReader(try Document.parse(text), problems: problems)
    body(reader)
    reader.finish()
    return problems.problems
}

@Suite struct MappingReaderTests {
    @Test func readsTypedValues() throws {
        let problems = try reading(
            """
            name: 993
            port: 1_993
            on: yes
            off: "off"
            protocol: imaps
            many: [a, b]
            one: a
            empty:
            tree: {leaf: green}
            list:
              - leaf: red
            objects:
              alice: {leaf: blue}
              bob:
            """
        ) { reader in
            #expect(reader.value("name", .text()) == "993")
            #expect(reader.value("port", .integer(in: 1...65535)) == 1993)
            #expect(reader.value("on", .boolean) == true)
            #expect(reader.value("off", .text()) == "off")
            #expect(reader.required("protocol", .word(Protocol.self)) == .imaps)
            #expect(reader.list("many", .text()).map(\.value) == ["a", "b"])
            #expect(reader.list("one", .text()).map(\.value) == ["a"])
            #expect(reader.list("empty", .text()).isEmpty)
            #expect(reader.value("empty", .text(), default: "none") == "none")
            #expect(reader.section("empty") == nil)
            #expect(reader.section("tree")?.value("leaf", .text()) == "green")
            #expect(reader.sections("list").map { $0.value("leaf", .text()) } == ["red"])
            let objects = reader.objects("objects")
            #expect(objects.map(\.name.value) == ["alice", "bob"])
            #expect(objects[0].fields.value("leaf", .text()) == "blue")
            #expect(objects[1].fields.value("leaf", .text()) == nil)
            #expect(reader.has("tree"))
            #expect(!reader.has("empty"))
            #expect(reader.located("port", .integer(in: 1...9999))?.position == Position(line: 2, column: 7))
        }
        #expect(problems.isEmpty)
    }

    @Test func findsEveryMistakeInOnePass() throws {
        let problems = try reading(
            """
            port: 99999
            prot: imap
            protocol: imapz
            verify: maybe
            name: [a]
            quoted: "12"
            count: many
            line: "two\\nlines"
            blank: ""
            tree: leaf
            list: {a: 1}
            items: [1, [2], ~, 3]
            objects: [a]
            """
        ) { reader in
            #expect(reader.value("port", .integer(in: 1...65535)) == nil)
            #expect(reader.value("protocol", .word(Protocol.self)) == nil)
            #expect(reader.value("verify", .boolean, default: true))
            #expect(reader.value("name", .text()) == nil)
            #expect(reader.required("address", .text("an address")) == nil)
            #expect(reader.value("quoted", .integer(in: 1...99)) == nil)
            #expect(reader.value("count", .integer(in: 1...99)) == nil)
            #expect(reader.value("line", .text()) == nil)
            #expect(reader.value("blank", .text()) == nil)
            #expect(reader.section("tree")?.keys.isEmpty == true)
            #expect(reader.sections("list").isEmpty)
            #expect(reader.list("items", .integer(in: 0...9)).map(\.value) == [1, 3])
            #expect(reader.objects("objects").isEmpty)
        }
        let lines = problems.map { "\($0)" }
        #expect(
            lines == [
                "site.yaml:1:7: error: port: 99999 is out of range\n    Write a number from 1 to 65535.",
                """
                site.yaml:3:11: error: protocol: `imapz` is not a word for this
                    Did you mean `imap`? Allowed are `imap`, `imaps`, `submission`.
                """,
                "site.yaml:4:9: error: verify: `maybe` is neither yes nor no\n    Write yes or no, without quotes.",
                "site.yaml:5:7: error: name: a list can't stand here\n    Write a text.",
                "site.yaml:1:1: error: address: is missing\n    Write an address.",
                "site.yaml:6:9: error: quoted: `12` is not a number\n    Remove the quotes.",
                "site.yaml:7:8: error: count: `many` is not a number\n    Write a number from 1 to 99.",
                """
                site.yaml:8:7: error: line: has a line break or another control character
                    Write a text on one line.
                """,
                "site.yaml:9:8: error: blank: is empty\n    Write a text.",
                """
                site.yaml:10:7: error: tree: settings are expected here, not a single value
                    Write them below, indented, each as `name: value`.
                """,
                """
                site.yaml:11:7: error: list: a list is expected here, not a group of settings
                    Begin each entry with a hyphen.
                """,
                "site.yaml:12:12: error: items[1]: a list can't stand here\n    Write a number from 0 to 9.",
                "site.yaml:12:17: error: items[2]: nothing can't stand here\n    Write a number from 0 to 9.",
                """
                site.yaml:13:10: error: objects: objects with their names are expected here, not a list
                    Write `name:` for each, and its settings below it, indented.
                """,
                "site.yaml:2:1: error: prot: is not a setting\n    Did you mean `port`?",
            ])
    }

    @Test func anUnknownKeyWithoutANeighbourListsTheKnown() throws {
        let problems = try reading("colour: red\n") { _ = $0.value("port", .boolean) }
        #expect(problems.map(\.remedy) == ["Known here are `port`."])
    }

    @Test func theRootMustBeAMapping() throws {
        let problems = try reading("just text") { _ in }
        #expect(problems.map(\.message) == ["settings are expected here, not a single value"])
    }

    @Test func keepsABoundedNumberOfProblems() {
        let list = ProblemList(file: "x")
        for _ in 0..<ProblemList.limit + 7 { list.report(at: nil, "wrong", remedy: "") }
        #expect(list.problems.count == ProblemList.limit)
        #expect(list.droppedCount == 7)
    }

    @Test func everyYAMLErrorHasARemedy() {
        let place = Position(line: 7, column: 3)
        let errors: [YAMLError] = [
            .syntax("x", place), .badCharacter("x", place), .fileTooLarge(limit: 1), .scalarTooLong(limit: 1, place),
            .tooDeep(limit: 1, place), .tooManyNodes(limit: 1, place), .duplicateKey("a", place, first: .start),
            .keyNotScalar(place), .unknownAlias("a", place), .explicitTag("!a", place), .severalDocuments(place),
            .outOfMemory,
        ]
        for error in errors {
            let problem = Problem(error, file: "f.yaml")
            #expect(problem.position == error.position)
            #expect(!problem.remedy.isEmpty)
            #expect("\(problem)".hasPrefix(error.position == nil ? "f.yaml: error: " : "f.yaml:7:3: error: "))
        }
    }
}

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("prot", "port"), ("adress", "address"), ("listner", "listeners"), ("Submision", "submission"),
        ("hostname", "host-name"),
    ])
    func finds(written: String, meant: String) {
        let words = ["port", "address", "listeners", "submission", "host-name", "log"]
        #expect(Suggestion.nearest(to: written, among: words) == meant)
    }

    @Test(arguments: ["", "colour", "xyz", String(repeating: "a", count: 1000)])
    func doesNotGuessWildly(written: String) {
        #expect(Suggestion.nearest(to: written, among: ["port", "address", "log"]) == nil)
    }
}
