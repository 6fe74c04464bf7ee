import Testing
import YAML

/// A short way to write expected trees.
private func scalar(_ text: String, _ style: Node.Style = .plain) -> Node.Content { .scalar(.init(text, style: style)) }

@Suite struct DocumentTests {
    @Test func keepsOrderStyleAndPlace() throws {
        let root = try Document.parse(
            """
            # a comment
            zebra: 1
            apple: "two"
            middle:
              - 'three'
              - |
                four
                five
            """)
        guard case .mapping(let entries) = root.content else {
            Issue.record("no mapping")
            return
        }
        #expect(entries.map(\.key) == ["zebra", "apple", "middle"])
        #expect(entries.map(\.position.line) == [2, 3, 4])
        #expect(entries[0].value == Node(scalar("1"), at: Position(line: 2, column: 8)))
        #expect(entries[1].value == Node(scalar("two", .quoted), at: Position(line: 3, column: 8)))
        guard case .sequence(let items) = entries[2].value.content else {
            Issue.record("no sequence")
            return
        }
        #expect(items[0] == Node(scalar("three", .quoted), at: Position(line: 5, column: 5)))
        #expect(items[1].content == scalar("four\nfive", .block))
        #expect(root["apple"]?.content == scalar("two", .quoted))
        #expect(root["pear"] == nil)
    }

    @Test(arguments: ["", "# only a comment\n", "---\n", "~", "null"])
    func nothingIsANullScalar(text: String) throws {
        #expect(try Document.parse(text).isNull)
    }

    @Test func columnsCountCharacters() throws {
        let root = try Document.parse("{żółć: ą, b: c}")
        #expect(root["b"]?.position == Position(line: 1, column: 14))
    }

    @Test func aByteOrderMarkIsSkipped() throws {
        #expect(try Document.parse([0xEF, 0xBB, 0xBF] + Array("a: b".utf8))["a"]?.content == scalar("b"))
    }

    @Test func anAliasIsWhatItNames() throws {
        let root = try Document.parse("first: &limits {depth: 3}\nsecond: *limits\n")
        #expect(root["first"]?.content == root["second"]?.content)
        #expect(root["second"]?.position.line == 1)
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", YAMLError.duplicateKey("a", Position(line: 3, column: 1), first: .start)),
        ("a: *nothing\n", .unknownAlias("nothing", Position(line: 1, column: 4))),
        ("a: &loop [*loop]\n", .unknownAlias("loop", Position(line: 1, column: 11))),
        ("? [a]\n: b\n", .keyNotScalar(Position(line: 1, column: 3))),
        ("a: !!int 3\n", .explicitTag("tag:yaml.org,2002:int", Position(line: 1, column: 4))),
        ("a: 1\n---\nb: 2\n", .severalDocuments(Position(line: 2, column: 1))),
        (
            "a: [1, 2\nb: 3\n",
            .syntax(
                "did not find expected ',' or ']', while parsing a flow sequence that begins in line 1",
                Position(line: 2, column: 2))
        ),
        (
            "a:\n\t- b\n",
            .syntax(
                "found character that cannot start any token, while scanning for the next token that begins in line 2",
                Position(line: 2, column: 1))
        ),
    ])
    func refuses(text: String, error: YAMLError) {
        #expect(throws: error) { try Document.parse(text) }
    }

    @Test(arguments: [
        (Array("ok: 1\nbad: ".utf8) + [0xC3, 0x28], Position(line: 2, column: 7)),
        (Array("a: b\u{0}c".utf8), Position(line: 1, column: 5)),
        (Array("a: \u{1}".utf8), Position(line: 1, column: 4)),
        ([0xFF, 0xFE, 0x61, 0x00], Position.start),
    ])
    func refusesOctetsThatAreNoText(bytes: [UInt8], position: Position) {
        #expect {
            try Document.parse(bytes)
        } throws: { error in
            guard case .badCharacter(_, let found)? = error as? YAMLError else { return false }
            return found == position
        }
    }
}

@Suite struct LimitTests {
    @Test func size() {
        #expect(throws: YAMLError.fileTooLarge(limit: 10)) {
            try Document.parse("a: 12345678", limits: Limits(size: 10))
        }
    }

    @Test func scalarSize() throws {
        _ = try Document.parse("a: 1234", limits: Limits(scalarSize: 4))
        #expect(throws: YAMLError.scalarTooLong(limit: 4, Position(line: 1, column: 4))) {
            try Document.parse("a: 12345", limits: Limits(scalarSize: 4))
        }
    }

    @Test(arguments: ["[", "{a: ", "- "])
    func depth(opening: String) throws {
        #expect {
            try Document.parse(String(repeating: opening, count: 100_000))
        } throws: { error in
            guard case .tooDeep(let limit, _)? = error as? YAMLError else { return false }
            return limit == Limits().depth
        }
        let within = String(repeating: "[", count: 3) + String(repeating: "]", count: 3)
        _ = try Document.parse(within, limits: Limits(depth: 3))
        #expect(throws: YAMLError.tooDeep(limit: 2, Position(line: 1, column: 3))) {
            try Document.parse(within, limits: Limits(depth: 2))
        }
    }

    @Test func nodes() throws {
        _ = try Document.parse("[1, 2, 3]", limits: Limits(nodes: 4))
        #expect(throws: YAMLError.tooManyNodes(limit: 3, Position(line: 1, column: 8))) {
            try Document.parse("[1, 2, 3]", limits: Limits(nodes: 3))
        }
    }

    /// Nine levels of nine aliases each would be 387 million nodes.
    @Test func aliasesOfAliasesAreCounted() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect {
            try Document.parse(text)
        } throws: { error in
            guard case .tooManyNodes? = error as? YAMLError else { return false }
            return true
        }
    }

    /// Depth is that of the tree, not of the text.
    @Test func aliasesAddDepth() {
        let text = "a: &a [1]\nb: &b [*a]\nc: [*b]\n"
        #expect(throws: Never.self) { try Document.parse(text, limits: Limits(depth: 5)) }
        #expect(throws: YAMLError.tooDeep(limit: 4, Position(line: 3, column: 5))) {
            try Document.parse(text, limits: Limits(depth: 4))
        }
    }
}

@Suite struct SplitTests {
    /// Every prefix of a document is a document, or an error: never a trap.
    @Test func everyPrefixEnds() {
        let text = Array("a: &x {b: [1, 'two', \"thr\\u0119e\"]}\nc:\n  - *x\n  - |\n    blok ż\n# end\n".utf8)
        for count in 0...text.count { _ = try? Document.parse(Array(text.prefix(count))) }
        for index in text.indices {
            for octet in [0x00, 0x09, 0x22, 0x2A, 0x5B, 0x7B, 0xC3, 0xFF] as [UInt8] {
                var changed = text
                changed[index] = octet
                _ = try? Document.parse(changed)
            }
        }
    }
}
