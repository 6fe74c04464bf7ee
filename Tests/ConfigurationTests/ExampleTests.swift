import Configuration
import Rules
import Store
import TestKit
import Testing
import YAML

/// The files under `conf/` are the documentation, so they must be right and say what the program does.
@Suite struct ExampleTests {
    @Test func theExamplesAreValid() throws {
        let reading = Settings.read(Repository.file("conf/posthouse.yaml"))
        #expect(reading.problems.map(\.description) == [])
        let settings = try #require(reading.settings)
        #expect(settings.process.listeners.map(\.value.service) == [.imap, .imaps, .submission, .submissions])
        let site = try #require(settings.site?.description)
        #expect(site.users.map(\.name) == ["alice", "bob"])
        #expect(site.groups.count == 1)
        #expect(site.servers.count == 1)
        #expect(site.accounts.count == 1)
        #expect(site.grants.count == 1)
        #expect(site.scanners.count == 1)
        #expect(site.records.count == 3)
        #expect(!site.exceptions.isEmpty)
    }

    /// What the comments call the default is written out there, so it must be the default.
    @Test func theLimitsShownAreTheDefaults() throws {
        let settings = try #require(Settings.read(Repository.file("conf/posthouse.yaml")).settings)
        #expect(settings.process.limits == LimitSettings())
        #expect(settings.process.log == .init())
        #expect(settings.process.loopCount == nil)
        #expect(!settings.process.allowsInsecureLoopbackSignIn)
    }

    /// Whatever can be written stands in an example, commented out or not.
    @Test func everySettingIsShown() throws {
        for (file, reader) in [
            ("conf/posthouse.yaml", try Self.settingNames(in: "Sources/Configuration/Process")),
            ("conf/site.yaml", try Self.settingNames(in: "Sources/Configuration/Site")),
        ] {
            let text = try Self.text(Repository.file(file))
            for name in reader {
                #expect(text.contains("\(name):"), "\(name) is not shown in \(file)")
            }
        }
    }

    /// The keys that the readers of a folder ask for.
    private static func settingNames(in folder: String) throws -> Set<String> {
        let calls = /(?:value|required|located|requiredLocated|list|section|sections|objects|user)\(\s*"([a-z-]+)"/
        var names: Set<String> = []
        let files = try #require(LocalFile.names(in: Repository.file(folder)))
        for file in files where file.hasSuffix(".swift") {
            for match in try text(Repository.file("\(folder)/\(file)")).matches(of: calls) {
                names.insert(String(match.output.1))
            }
        }
        #expect(names.count > 10)
        return names
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try LocalFile.read(path, limit: 1 << 20).bytes, as: UTF8.self)
    }
}
