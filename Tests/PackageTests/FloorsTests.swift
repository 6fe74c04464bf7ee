import Testing

/// The floors of the house: an import points down, each C library has one door, and nobody walks around a grant.
@Suite("The floors")
struct FloorsTests {
    /// From the ground up. Targets on one line may import those above the line, never each other.
    private static let floors: [[String]] = [
        ["CLinux", "COpenSSL", "CSQLite", "CSASL", "CZlib", "CYAML", "CMicroHTTPD", "CCurl"],
        ["Bytes"],
        ["MailTypes"],
        ["Mirror", "Rules", "IMAPSyntax", "SMTPSyntax", "POP3Syntax", "MIME", "TokenSyntax"],
        ["Loop"],
        ["TLS", "SQLite", "YAML", "SASL"],
        ["HTTPServer", "HTTPClient"],
        ["Vault"],
        ["Store", "Upstream", "OAuth"],
        ["Desk", "Configuration"],
        ["Engine"],
        ["IMAPFront", "SMTPFront", "Console"],
        ["posthouse"],
    ]

    /// No I/O, no clock, no randomness.
    private static let pure: Set<String> = [
        "Bytes", "MailTypes", "Mirror", "Rules", "IMAPSyntax", "SMTPSyntax", "POP3Syntax", "MIME",
        "TokenSyntax",
    ]

    /// Who may look at a C library. OpenSSL is several libraries: TLS in one room, ciphers and digests in another,
    /// signatures in the third.
    private static let doors: [String: Set<String>] = [
        "CLinux": ["Loop", "TLS", "SQLite", "posthouse"],
        "COpenSSL": ["TLS", "Vault", "OAuth"],
        "CSQLite": ["SQLite"],
        "CSASL": ["SASL"],
        "CZlib": ["TLS"],
        "CYAML": ["YAML"],
        "CMicroHTTPD": ["HTTPServer"],
        "CCurl": ["HTTPClient"],
    ]

    /// What a front may not reach: a grant could be walked around there.
    private static let hiddenFromFronts: Set<String> = ["Store", "SQLite", "Vault", "Upstream", "Desk", "OAuth"]

    /// The files of the pure half that hand memory to the C library.
    private static let audited: Set<String> = [
        "Sources/Bytes/ByteSearch.swift", "Sources/MIME/Charset/CharsetConverter.swift",
    ]

    private static func floor(of target: String) -> Int? {
        floors.firstIndex { $0.contains(target) }
    }

    @Test func `Every target has a floor, and depends on lower ones only`() async throws {
        for target in try await PackageDescription.load().targets where target.isSource {
            guard let floor = Self.floor(of: target.name) else {
                Issue.record("\(target.name) has no floor")
                continue
            }
            for dependency in target.dependencies {
                let below = try #require(Self.floor(of: dependency), "\(dependency) has no floor")
                #expect(below < floor, "\(target.name) depends on \(dependency)")
            }
        }
    }

    @Test func `An import names a declared dependency or the system`() async throws {
        let system: Set<String> = ["Glibc", "FoundationEssentials", "Synchronization", "Dispatch", "_Concurrency"]
        for target in try await PackageDescription.load().rooms {
            for file in try target.files {
                for module in file.imports where !system.contains(module) {
                    #expect(target.dependencies.contains(module), "\(file.path) imports \(module)")
                }
            }
        }
    }

    @Test func `Each C library has one door`() async throws {
        for target in try await PackageDescription.load().rooms {
            for file in try target.files {
                for module in file.imports {
                    guard let door = Self.doors[module] else { continue }
                    #expect(door.contains(target.name), "\(file.path) imports \(module)")
                }
            }
        }
    }

    @Test func `The fronts reach neither a database nor an upstream`() async throws {
        for target in try await PackageDescription.load().rooms
        where ["IMAPFront", "SMTPFront", "Console"].contains(target.name) {
            for dependency in target.dependencies {
                #expect(!Self.hiddenFromFronts.contains(dependency), "\(target.name) depends on \(dependency)")
            }
            for file in try target.files {
                #expect(file.imports.isDisjoint(with: Self.hiddenFromFronts), "\(file.path)")
            }
        }
    }

    @Test func `The pure half knows no operating system`() async throws {
        for target in try await PackageDescription.load().rooms where Self.pure.contains(target.name) {
            for file in try target.files where !Self.audited.contains(file.path) {
                let outside: Set<String> = [
                    "Glibc", "FoundationEssentials", "Foundation", "Dispatch", "Synchronization",
                ]
                #expect(file.imports.isDisjoint(with: outside), "\(file.path)")
            }
        }
    }

    @Test func `The program does without the whole of Foundation`() async throws {
        for target in try await PackageDescription.load().rooms {
            for file in try target.files {
                #expect(!file.imports.contains("Foundation"), "\(file.path)")
            }
        }
    }
}
