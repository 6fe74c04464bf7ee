internal import Foundation

/// Where the project's own files and the built programs are.
package enum Repository {
    /// The directory that holds Package.swift.
    package static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.path
    }()

    /// The directory that the running tests, and with them every program of the package, were built into.
    package static let products: String = {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return (program as NSString).deletingLastPathComponent
    }()

    /// The `posthouse` program: `POSTHOUSE_BINARY` of the environment, or the one built beside these tests.
    package static let posthouse: String =
        ProcessInfo.processInfo.environment["POSTHOUSE_BINARY"] ?? "\(products)/posthouse"

    /// The path of a file of the project.
    package static func file(_ name: String) -> String { "\(root)/\(name)" }
}
