import Testing

@testable import posthouse

private let command = Command(
    words: ["thing", "add"], summary: "add a thing",
    positionals: [
        .init(name: "NAME", help: "its name"), .init(name: "OTHER", help: "more", isOptional: true, isRepeated: true),
    ],
    options: [
        .init(name: "colour", value: "WORD", help: "its colour"),
        .init(name: "tag", value: "TEXT", help: "a tag", isRepeated: true),
        .init(name: "loud", value: nil, help: "loudly"),
    ], run: { _ in })

@Suite struct InvocationTests {
    @Test func readsWordsAndOptionsInAnyOrder() throws {
        let invocation = try Invocation(
            command,
            arguments: [
                "--colour", "red", "box", "--tag=a", "--loud", "x", "--tag", "b", "--json", "-c", "f.yaml", "y",
            ])
        #expect(invocation.word("NAME") == "box")
        #expect(invocation.words("OTHER") == ["x", "y"])
        #expect(invocation.option("colour") == "red")
        #expect(invocation.options("tag") == ["a", "b"])
        #expect(invocation.has("loud"))
        #expect(invocation.wantsJSON)
        #expect(invocation.configurationPath == "f.yaml")
    }

    @Test func aValueMayLookLikeAnOption() throws {
        let invocation = try Invocation(command, arguments: ["--colour", "--loud", "--", "--tag", "-"])
        #expect(invocation.option("colour") == "--loud")
        #expect(invocation.word("NAME") == "--tag")
        #expect(invocation.words("OTHER") == ["-"])
        #expect(try Invocation(command, arguments: ["a", "--colour="]).option("colour") == "")
        #expect(try Invocation(command, arguments: ["a", "--colour=b=c"]).option("colour") == "b=c")
    }

    @Test func helpNeedsNothingElse() throws {
        #expect(try Invocation(command, arguments: ["-h"]).has("help"))
        #expect(try Invocation(command, arguments: ["--help", "--loud"]).has("help"))
    }

    @Test(
        arguments: [
            ([], "NAME is missing"), (["a", "--color", "red"], "--color is not an option here"),
            (["a", "--colour"], "--colour needs a value: WORD"),
            (["a", "--colour", "b", "--colour", "c"], "--colour is given twice"),
            (["a", "--loud=yes"], "--loud takes no value"), (["a", "-x"], "-x is not an option here"),
        ] as [([String], String)])
    func refuses(arguments: [String], message: String) {
        #expect {
            try Invocation(command, arguments: arguments)
        } throws: { error in
            guard let failure = error as? Failure else { return false }
            return failure.status == .usage && failure.message == message
                && failure.remedy.hasSuffix("See `posthouse thing add --help`.")
        }
    }

    @Test func aMisspeltOptionIsGuessed() {
        #expect {
            try Invocation(command, arguments: ["a", "--color", "red"])
        } throws: { error in
            (error as? Failure)?.remedy.hasPrefix("Did you mean --colour? ") == true
        }
    }

    @Test func oneWordTooManyIsRefused() {
        let short = Command(words: ["short"], summary: "be short", positionals: [.init(name: "A", help: "a")]) { _ in }
        #expect(throws: Failure(.usage, "`c` is one word too many", remedy: "See `posthouse short --help`.")) {
            try Invocation(short, arguments: ["a", "c"])
        }
    }
}

@Suite struct HelpTests {
    @Test func everyCommandExplainsItself() {
        for command in Commands.all {
            let name = command.words.joined(separator: " ")
            #expect(!command.summary.hasSuffix("."), "\(name)")
            #expect(command.summary.first?.isLowercase == true, "\(name)")
            let help = Help.text(for: command)
            for line in help.split(separator: "\n") {
                let isExample = command.examples.contains { line.hasSuffix($0) }
                #expect(line.count <= Help.width + 4 || isExample, "\(name): \(line)")
            }
            for option in command.allOptions {
                #expect(help.contains("--\(option.name)"), "\(name) --\(option.name)")
                #expect(!option.help.hasSuffix("."), "\(name) --\(option.name)")
            }
            for positional in command.positionals { #expect(help.contains(positional.help), "\(name)") }
        }
    }

    @Test func noTwoCommandsHaveTheSameWords() {
        #expect(Set(Commands.all.map(\.words)).count == Commands.all.count)
    }

    /// A password in an argument is one that everybody on the machine can read.
    @Test func noOptionTakesASecret() {
        for option in Commands.all.flatMap(\.options) where option.name.contains("password") {
            #expect(option.value == nil || option.name == "password-fd", "\(option.name)")
        }
    }

    @Test func theManualNamesEveryCommandAndStatus() {
        let manual = Help.program(Commands.all)
        for command in Commands.all {
            #expect(manual.contains("  \(command.words.joined(separator: " "))"), "\(command.words)")
        }
        for status in ExitStatus.allCases { #expect(manual.contains("  \(status.rawValue)"), "\(status)") }
    }

    @Test func textIsBrokenBetweenWords() {
        #expect(Help.wrap("a b\n\n  kept   as is", indent: 2) == "  a b\n\n    kept   as is\n")
        let long = Help.wrap(String(repeating: "word ", count: 40), indent: 4)
        #expect(long.split(separator: "\n").allSatisfy { $0.hasPrefix("    word") && $0.count <= Help.width })
    }
}

@Suite struct TableTests {
    @Test func columnsAreAligned() {
        var table = Table(["A", "LONGER", "C"])
        table.add(["one", "x", "y"])
        table.add(["", "zażółć", ""])
        table.add(["日本", "e\u{301}", "z"])
        #expect(
            table.text
                == """
                A     LONGER  C
                one   x       y
                      zażółć
                日本  é       z

                """.replacing("é", with: "e\u{301}"))
    }

    /// A subject is a stranger's: it must not move the cursor, hide text or turn it around.
    @Test func controlCharactersAreShownAsUnreadable() {
        #expect(Table.onOneLine("a\u{1B}[2Jb\nc\u{202E}d\u{9B}e") == "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}d\u{FFFD}e")
        #expect(Table.onOneLine("zażółć 日本 👍") == "zażółć 日本 👍")
    }

    @Test func sheetsAlignTheirValues() {
        var sheet = Sheet()
        sheet.add("name", "a")
        sheet.add("longer name", "b\nc")
        #expect(sheet.text == "name         a\nlonger name  b\n             c\n")
    }
}
