internal import Foundation
import TestKit

/// The package as SwiftPM describes it, and its source files as they lie on the disk.
struct PackageDescription: Decodable, Sendable {
    /// One target of the package.
    struct Target: Decodable, Sendable {
        let name: String
        let path: String
        let type: String
        let sources: [String]
        private let targetDependencies: [String]?

        private enum CodingKeys: String, CodingKey {
            case name, path, type, sources
            case targetDependencies = "target_dependencies"
        }

        /// The targets that it may import.
        var dependencies: [String] { targetDependencies ?? [] }
        /// Whether it is part of the program rather than of its tests.
        var isSource: Bool { path.hasPrefix("Sources/") }
        /// Whether it is Swift of ours, and not a module map or C.
        var isSwift: Bool { sources.contains { $0.hasSuffix(".swift") } }

        /// Its Swift files.
        var files: [SourceFile] {
            get throws { try sources.filter { $0.hasSuffix(".swift") }.map { try SourceFile("\(path)/\($0)") } }
        }
    }

    let targets: [Target]

    /// The targets under Sources/ that are written in Swift.
    var rooms: [Target] { targets.filter { $0.isSource && $0.isSwift } }

    /// The description, asked for once.
    static func load() async throws -> PackageDescription { try await Once.shared.load() }

    private actor Once {
        static let shared = Once()
        private var asked: Task<PackageDescription, any Error>?

        func load() async throws -> PackageDescription {
            let task = asked ?? Task { try await PackageDescription.ask() }
            asked = task
            return try await task.value
        }
    }

    /// Asks SwiftPM, in a scratch directory, because the running `swift test` holds the lock on the usual one.
    private static func ask() async throws -> PackageDescription {
        let scratch = try TemporaryDirectory()
        defer { scratch.remove() }
        let text = try await ChildProcess.succeed(
            [
                "swift", "package", "--package-path", Repository.root, "--scratch-path", scratch.path, "describe",
                "--type", "json",
            ], environment: ["HOME": scratch.path], within: .seconds(120))
        return try JSONDecoder().decode(PackageDescription.self, from: Data(text.utf8))
    }
}

/// A Swift file, and what can be told about it without a compiler.
struct SourceFile: Sendable {
    /// From the root of the repository.
    let path: String
    let lines: [Substring]

    init(_ path: String) throws {
        self.path = path
        guard let data = FileManager.default.contents(atPath: Repository.file(path)) else {
            throw RigFailure("cannot read \(path)")
        }
        lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The modules that it imports.
    var imports: Set<String> {
        var modules: Set<String> = []
        for line in lines {
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index + 1 < words.count,
                words[..<index].allSatisfy({ $0.hasPrefix("@") || Self.levels.contains(String($0)) })
            else { continue }
            // `import struct Module.Name` names the module after the kind.
            let last = words[(index + 1)...].last.map(String.init) ?? ""
            modules.insert(String(last.prefix { $0 != "." }))
        }
        return modules
    }

    /// The lines of code, comments left out, with their numbers.
    var code: [(number: Int, text: Substring)] {
        var inString = false
        var kept: [(Int, Substring)] = []
        for (index, line) in lines.enumerated() {
            let text = line.drop { $0 == " " }
            let quotes = line.contains("\"\"\"")
            if quotes { inString.toggle() }
            if inString || quotes || text.hasPrefix("//") { continue }
            kept.append((index + 1, line))
        }
        return kept
    }

    private static let levels: Set<String> = ["internal", "package", "private", "fileprivate", "public"]
}
