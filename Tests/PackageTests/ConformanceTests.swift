internal import Foundation
import TestKit
import Testing

/// What a `Conformance.md` says must be there: an RFC, a section, a known state, and the code that it names.
@Suite("Conformance")
struct ConformanceTests {
    private static let targets = ["IMAPSyntax", "SMTPSyntax", "MIME", "TokenSyntax"]

    private struct Row {
        let number: Int
        let cells: [String]
    }

    /// The rows of the tables whose first column is RFC; other tables are explanations.
    private static func rows(of target: String) throws -> [Row] {
        let path = Repository.file("Sources/\(target)/Conformance.md")
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        var rows: [Row] = []
        var counts = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard line.hasPrefix("|") else {
                counts = false
                continue
            }
            let cells = line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            if cells.first == "RFC" {
                counts = true
            } else if counts, !cells.allSatisfy({ $0.allSatisfy { "-:".contains($0) } && !$0.isEmpty }) {
                rows.append(Row(number: index + 1, cells: cells))
            }
        }
        return rows
    }

    @Test(arguments: targets) func `Each row names an RFC, a section and a state`(target: String) throws {
        let rows = try Self.rows(of: target)
        #expect(rows.count >= 10)
        for row in rows {
            let place = "\(target)/Conformance.md:\(row.number)"
            #expect(row.cells.count >= 4, "\(place)")
            for number in row.cells[0].split(separator: ", ") { #expect(Int(number) != nil, "\(place): RFC \(number)") }
            // Yes, partly or no, with a remark or in words of its own: but something has to be said.
            let states = row.cells.dropFirst(3)
            #expect(states.contains { !$0.isEmpty }, "\(place): neither yes nor partly nor no")
        }
    }

    @Test(arguments: targets) func `The code it names is there`(target: String) throws {
        var words: Set<String> = []
        for path in try SourceTests.allFiles() where path.hasPrefix("Sources/") {
            words.insert(path)
            words.formUnion(path.split(separator: "/").map(String.init))
            guard path.hasSuffix(".swift") else { continue }
            for line in try SourceFile(path).lines {
                words.formUnion(line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
            }
        }
        for row in try Self.rows(of: target) {
            let told = row.cells.dropFirst(3).joined(separator: " | ")
            for (index, name) in told.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            where index % 2 == 1 && Self.isReference(name) {
                for part in name.contains("/") ? [name] : name.split(separator: ".") {
                    #expect(
                        words.contains(String(part)) || words.contains("Sources/\(target)/\(part)"),
                        "\(target)/Conformance.md:\(row.number): `\(name)`")
                }
            }
        }
    }

    /// `TypeName`, `TypeName.member` or a path; not a word of the protocol such as `LIST` or `{12+}`.
    private static func isReference(_ name: Substring) -> Bool {
        if name.hasSuffix(".swift") || name.hasSuffix(".md") { return true }
        guard let first = name.first, first.isUppercase, name.contains(where: \.isLowercase) else { return false }
        return name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "." }
    }
}
