internal import Foundation
import TestKit
import Testing

/// Habits that a compiler does not hold us to.
@Suite("The sources")
struct SourceTests {
    /// Files that are one long table, and may be longer than others.
    private static let tables: Set<String> = []
    private static let longestFile = 500

    @Test func `Every target has a page of its own`() async throws {
        for target in try await PackageDescription.load().targets where target.isSwift && target.type != "test" {
            let page = FileManager.default.contents(atPath: Repository.file("\(target.path)/README.md"))
            #expect((page?.count ?? 0) > 40, "\(target.path)/README.md")
        }
    }

    @Test func `No file is too long to read`() async throws {
        for target in try await PackageDescription.load().targets where target.isSwift {
            for file in try target.files where !Self.tables.contains(file.path) {
                #expect(file.lines.count - 1 <= Self.longestFile, "\(file.path): \(file.lines.count - 1) lines")
            }
        }
    }

    @Test func `Tasks are started by the loop alone`() async throws {
        let patterns = [#"\bTask\s*(\(|\{)"#, #"\bTask\.(detached|sleep|yield)\b"#, #"\bDispatchQueue\b"#]
        for target in try await PackageDescription.load().rooms where target.name != "Loop" {
            for file in try target.files {
                for (number, line) in file.code {
                    for pattern in patterns {
                        let found = line.range(of: pattern, options: .regularExpression) != nil
                        #expect(!found, "\(file.path):\(number): \(line)")
                    }
                }
            }
        }
    }

    @Test func `Nothing is public, nothing is tried by force`() async throws {
        for target in try await PackageDescription.load().rooms {
            for file in try target.files {
                for (number, line) in file.code {
                    for pattern in [#"^\s*(@\w+ )*public "#, #"\btry!"#, #"\bas!"#] {
                        let found = line.range(of: pattern, options: .regularExpression) != nil
                        #expect(!found, "\(file.path):\(number): \(line)")
                    }
                }
            }
        }
    }

    @Test func `Nothing is left for later and no key is kept`() throws {
        // Put together here, so that this file does not find itself.
        let unwanted = [["TO", "DO"], ["FIX", "ME"], ["PRIVATE", " KEY-----"]].map { $0.joined() }
        for path in try Self.allFiles() {
            guard let data = FileManager.default.contents(atPath: Repository.file(path)) else { continue }
            let text = String(decoding: data, as: UTF8.self)
            for word in unwanted {
                #expect(text.range(of: "\\b\(word)", options: .regularExpression) == nil, "\(path): \(word)")
            }
        }
    }

    /// Every file of the project, from its root; not what was built or made on this machine.
    static func allFiles() throws -> [String] {
        let left: Set<String> = [".build", ".git", "certs", ".swiftpm"]
        var found: [String] = []
        for top in try FileManager.default.contentsOfDirectory(atPath: Repository.root) where !left.contains(top) {
            let path = Repository.file(top)
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { continue }
            if isDirectory.boolValue {
                found += (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? [])
                    .map { "\(top)/\($0)" }
            } else {
                found.append(top)
            }
        }
        return found
    }
}
