import Foundation
import TestKit
import Testing

/// Starting and ending, where no upstream is needed.
@Suite("posthouse serve")
struct ServeTests {
    /// What a daemon needs to be started, with its log.
    private struct Daemon {
        let child: ChildProcess
        let directory: TemporaryDirectory
        let name: String

        init(_ desk: Desk, _ name: String = "log", environment: [String: String] = [:]) throws {
            directory = desk.directory
            self.name = name
            let log = open(desk.directory(name), O_WRONLY | O_CREAT | O_APPEND, 0o644)
            let null = open("/dev/null", O_RDWR)
            defer {
                close(log)
                close(null)
            }
            child = try ChildProcess(
                [Repository.posthouse, "serve", "--config", desk.configuration], environment: environment, input: null,
                output: log, errors: log)
        }

        var log: String { directory.read(name) }

        func says(_ text: String) async throws {
            try await eventually("the log says “\(text)”: \(log)", within: .seconds(30), holds: { log.contains(text) })
        }
    }

    @Test func `It says where it listens, hears signals and ends in order`() async throws {
        try await Desk.with { desk in
            let daemon = try Daemon(desk)
            defer { daemon.child.kill() }
            try await daemon.says(" info ready ")
            #expect(daemon.log.contains("info listening service=imaps address=127.0.0.1:"))
            try desk.configure(site: "users: {alice: {}}")
            daemon.child.signal(SIGHUP)
            try await daemon.says("site applied change=added kind=user name=alice")
            try await daemon.says("info reloaded")
            try desk.configure(site: "users: {alice: {nonsense: 1}}")
            daemon.child.signal(SIGHUP)
            try await daemon.says("site.yaml:1:17 setting=users.alice.nonsense")
            try await daemon.says("everything stays as it was")
            #expect(try await desk.succeed(["user", "list"]).contains("alice"))
            daemon.child.signal(SIGTERM)
            #expect(try await daemon.child.wait(within: .seconds(20)) == .code(0))
            #expect(daemon.log.hasSuffix(" info stopped\n"))
        }
    }

    @Test func `Two don't serve from one directory, nor on one port`() async throws {
        try await Desk.with { desk in
            let daemon = try Daemon(desk)
            defer { daemon.child.kill() }
            try await daemon.says(" info ready ")
            let second = try Daemon(desk, "second")
            #expect(try await second.child.wait(within: .seconds(20)) == .code(75))
            #expect(second.log.contains("another posthouse serves from"))
            #expect(second.log.contains("process \(daemon.child.processID)"))
            let port = daemon.log.split(separator: "127.0.0.1:").last?.prefix { $0.isNumber } ?? ""
            try await Desk.with { other in
                let text = other.directory.read("posthouse.yaml")
                try other.directory.write(
                    text.replacing("port: 0", with: "port: \(port)"), to: "posthouse.yaml")
                let third = try Daemon(other)
                #expect(try await third.child.wait(within: .seconds(20)) == .code(71))
                #expect(third.log.contains("posthouse.yaml:5:13"))
                #expect(third.log.contains("Another program may have the port"))
            }
        }
    }

    @Test func `With mistakes it does not start, and names them all`() async throws {
        try await Desk.with { desk in
            try desk.configure(site: "users: {alice: {a: 1, b: 2}}")
            let daemon = try Daemon(desk)
            #expect(try await daemon.child.wait(within: .seconds(20)) == .code(78))
            #expect(daemon.log.contains("users.alice.a") && daemon.log.contains("users.alice.b"))
            try desk.directory.write("listeners: 1\n", to: "posthouse.yaml")
            let worse = try Daemon(desk, "worse")
            #expect(try await worse.child.wait(within: .seconds(20)) == .code(78))
            #expect(worse.log.contains("posthouse.yaml:1:1: error: data-directory: is missing"))
        }
    }

    /// Only the owner's descriptors can be looked into, and there is no core file to look into either.
    @Test func `The process keeps its memory to itself`() async throws {
        try await Desk.with { desk in
            let daemon = try Daemon(desk)
            defer { daemon.child.kill() }
            try await daemon.says(" info ready ")
            let limits = try String(contentsOfFile: "/proc/\(daemon.child.processID)/limits", encoding: .utf8)
            let rows = limits.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            let core = rows.first { $0.starts(with: ["Max", "core"]) } ?? []
            #expect(core.dropFirst(4).prefix(2) == ["0", "0"])
            let files = rows.first { $0.starts(with: ["Max", "open"]) } ?? []
            #expect(files.count > 4 && files[3] == files[4], "as many as it may have: \(files)")
        }
    }
}
