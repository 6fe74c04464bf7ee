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
    "TokenSyntax": ["README.md", "Conformance.md"],
]

let package = Package(
    name: "posthouse",
    products: [.executable(name: "posthouse", targets: ["posthouse"])],
    targets: [
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CSASL", pkgConfig: "libsasl2", providers: [.apt(["libsasl2-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        pure("Bytes"),
        pure("MailTypes", ["Bytes"]),
        pure("MIME", ["Bytes", "MailTypes"]),
        pure("SMTPSyntax", ["Bytes", "MailTypes"]),
        pure("IMAPSyntax", ["Bytes", "MailTypes"]),
        pure("TokenSyntax", ["Bytes"]),
        pure("Rules", ["Bytes", "MailTypes"]),
        pure("Mirror", ["Bytes", "MailTypes"]),

        room("Loop", ["Bytes", "CLinux"]),

        room("YAML", ["CYAML"]),
        room("SQLite", ["Loop", "CSQLite", "CLinux"]),
        room("TLS", ["Bytes", "Loop", "COpenSSL", "CZlib", "CLinux"]),
        room("SASL", ["Bytes", "Loop", "CSASL"]),

        room("HTTPClient", ["Bytes", "Loop", "CCurl"]),

        room("Vault", ["Bytes", "Loop", "COpenSSL", "SASL"]),
        room("OAuth", ["TokenSyntax", "Loop", "HTTPClient", "Vault", "COpenSSL"]),
        room("Store", ["Bytes", "MailTypes", "Rules", "SMTPSyntax", "Loop", "SQLite"]),
        room("Upstream", ["Bytes", "MailTypes", "MIME", "IMAPSyntax", "SMTPSyntax", "Loop", "TLS", "SASL"]),

        room("Desk", ["Bytes", "MailTypes", "MIME", "Rules", "Loop", "Store"]),
        room(
            "Engine",
            [
                "Bytes", "MailTypes", "MIME", "IMAPSyntax", "SMTPSyntax", "Rules", "Mirror", "Loop", "TLS", "SASL",
                "Vault", "TokenSyntax", "OAuth", "Store", "Upstream", "Desk",
            ]),
        room(
            "IMAPFront",
            ["Bytes", "MailTypes", "MIME", "IMAPSyntax", "Mirror", "Loop", "TLS", "SASL", "Engine"]),
        room("SMTPFront", ["Bytes", "MailTypes", "SMTPSyntax", "Loop", "TLS", "SASL", "Engine"]),
        room(
            "Configuration",
            ["Bytes", "MailTypes", "Rules", "Loop", "YAML", "TLS", "SASL", "HTTPClient", "Vault", "OAuth", "Store"]),
        .executableTarget(
            name: "posthouse",
            dependencies: [
                "Bytes", "MailTypes", "Rules", "SMTPSyntax", "Loop", "YAML", "TLS", "SASL", "HTTPClient", "Vault",
                "OAuth", "Store", "Desk", "Engine", "IMAPFront", "SMTPFront", "Configuration", "CLinux",
            ],
            exclude: ["README.md"], swiftSettings: strict),

        // May use the whole of Foundation: it never becomes part of the program.
        .target(name: "CSpawn", path: "Tests/CSpawn", cSettings: [.define("_GNU_SOURCE")]),
        .target(
            name: "TestKit", dependencies: ["CSpawn"], path: "Tests/TestKit", exclude: ["README.md"],
            swiftSettings: strict),
        .target(
            name: "SMTPRig", dependencies: ["Bytes", "Loop", "TLS"], path: "Tests/SMTPRig", exclude: ["README.md"],
            swiftSettings: strict),
        .target(
            name: "OAuthRig",
            dependencies: ["Bytes", "Loop", "TLS", "HTTPClient", "Vault", "OAuth", "SMTPRig", "COpenSSL"],
            path: "Tests/OAuthRig", exclude: ["README.md"], swiftSettings: strict),
        .executableTarget(
            name: "Benchmarks", dependencies: ["TestKit", "SMTPRig", "Bytes", "Loop", "TLS"], path: "Benchmarks",
            exclude: ["README.md", "run"], swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["TestKit", "Loop", "TLS", "OAuthRig", "posthouse"],
            swiftSettings: strict),
        .testTarget(name: "PosthouseTests", dependencies: ["TestKit", "posthouse", "SQLite"], swiftSettings: strict),
        .testTarget(name: "PackageTests", dependencies: ["TestKit"], swiftSettings: strict),

        tests("Bytes", []),
        tests("MailTypes", ["Bytes"]),
        tests("MIME", ["Bytes", "MailTypes"]),
        tests("SMTPSyntax", ["Bytes", "MailTypes"]),
        tests("IMAPSyntax", ["Bytes", "MailTypes"]),
        tests("TokenSyntax", ["Bytes"]),
        tests("Rules", ["Bytes", "MailTypes"]),
        tests("Mirror", ["Bytes", "MailTypes"]),
        tests("Loop", ["Bytes", "CLinux"]),
        tests("YAML", []),
        tests("SQLite", ["Loop"]),
        tests("TLS", ["Bytes", "Loop"]),
        tests("SASL", ["Bytes", "Loop"]),
        tests("HTTPClient", ["Bytes", "Loop", "TLS", "SMTPRig", "TestKit"]),
        tests("Vault", ["Bytes", "Loop", "SASL"]),
        tests(
            "OAuth", ["Bytes", "TokenSyntax", "Loop", "TLS", "HTTPClient", "Vault", "SMTPRig", "OAuthRig", "TestKit"]),
        tests(
            "Upstream", ["Bytes", "MailTypes", "IMAPSyntax", "SMTPSyntax", "Loop", "TLS", "SASL", "SMTPRig", "TestKit"]),
        tests("Store", ["Bytes", "MailTypes", "Rules", "SMTPSyntax", "Loop", "SQLite"]),
        tests("Desk", ["Bytes", "MailTypes", "Rules", "Loop", "SQLite", "Store"]),
        tests(
            "Engine",
            [
                "Bytes", "MailTypes", "MIME", "IMAPSyntax", "Mirror", "Rules", "Loop", "SASL", "SMTPSyntax",
                "HTTPClient", "OAuth", "SMTPRig", "Store", "Vault", "TestKit",
            ]),
        tests(
            "SMTPFront",
            [
                "Bytes", "MailTypes", "Rules", "SMTPSyntax", "Loop", "TLS", "SASL", "Vault", "Store", "Engine",
                "SMTPRig", "OAuthRig", "TestKit",
            ]),
        tests(
            "Configuration",
            ["Bytes", "MailTypes", "Rules", "Loop", "YAML", "TLS", "HTTPClient", "Vault", "OAuth", "Store", "TestKit"]),
        tests(
            "IMAPFront",
            [
                "Bytes", "MailTypes", "Loop", "TLS", "Store", "Vault", "OAuth", "Engine", "SMTPRig", "OAuthRig",
                "TestKit",
            ]),
    ]
)
