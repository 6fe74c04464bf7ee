// swift-tools-version: 6.2

import PackageDescription

// The floors of the house, lowest first. An import points down this list, never up;
// Tests/PackageTests holds the package to it.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A pure target: no I/O, no clock, no randomness, and every unsafe expression marked.
func pure(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: pages[name] ?? ["README.md"],
        swiftSettings: strict + [.strictMemorySafety()])
}

/// A target that may touch the outside world.
func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, exclude: pages[name] ?? ["README.md"], swiftSettings: strict)
}

/// The tests of the target of the same stem.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, swiftSettings: strict)
}

/// Targets whose folder holds more prose than its README.
let pages: [String: [String]] = [
    "IMAPSyntax": ["README.md", "Conformance.md"],
    "SMTPSyntax": ["README.md", "Conformance.md"],
    "MIME": ["README.md", "Conformance.md"],
]

let package = Package(
    name: "posthouse",
    
    targets: [
        // May use the whole of Foundation: it never becomes part of the program.
        .target(name: "CSpawn", path: "Tests/CSpawn", cSettings: [.define("_GNU_SOURCE")]),
        .target(
            name: "TestKit", dependencies: ["CSpawn"], path: "Tests/TestKit", exclude: ["README.md"],
            swiftSettings: strict),
        .testTarget(name: "EndToEndTests", dependencies: ["TestKit"], swiftSettings: strict),
        .testTarget(name: "PackageTests", dependencies: ["TestKit"], swiftSettings: strict),

    ]
)
