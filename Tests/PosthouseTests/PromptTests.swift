import Foundation
import Glibc
import TestKit
import Testing

/// A terminal with the program at its other end.
private final class PseudoTerminal {
    /// TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)).
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    let master: Int32
    let name: String
    private(set) var shown = ""

    init() throws {
        // pts(4); the library's functions for it are hidden behind a feature macro.
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var isLocked: Int32 = 0
        var number: UInt32 = 0
        guard master >= 0, ioctl(master, Self.setLock, &isLocked) == 0, ioctl(master, Self.getNumber, &number) == 0
        else { throw RigFailure("no pseudo-terminal") }
        name = "/dev/pts/\(number)"
        _ = fcntl(master, F_SETFL, fcntl(master, F_GETFL) | O_NONBLOCK)
    }

    deinit { close(master) }

    /// Waits until the program has written this, from what it wrote since the last wait on.
    func expect(_ text: String) async throws {
        try await eventually(
            "the terminal shows “\(text)”", within: .seconds(30),
            holds: {
                self.take()
                return self.shown.contains(text)
            })
    }

    func type(_ text: String) {
        let octets = Array(text.utf8)
        _ = write(master, octets, octets.count)
    }

    func take() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(master, &buffer, buffer.count)
            guard count > 0 else { return }
            shown += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}

@Suite("The password prompt")
struct PromptTests {
    /// The program at a terminal of its own: a session's leader that opens one gets it as its controlling terminal.
    private static func start(_ desk: Desk, on terminal: PseudoTerminal) throws -> ChildProcess {
        let null = open("/dev/null", O_RDWR)
        defer { close(null) }
        let program = "'\(Repository.posthouse)' user add alice --config '\(desk.configuration)'"
        return try ChildProcess(
            ["sh", "-c", "exec \(program) <>\(terminal.name) >&0 2>&0"], input: null, output: null, errors: null)
    }

    @Test func `A password is asked for twice and not shown`() async throws {
        try await Desk.with { desk in
            let terminal = try PseudoTerminal()
            let program = try Self.start(desk, on: terminal)
            try await terminal.expect("Password for alice: ")
            terminal.type("one-password\n")
            try await terminal.expect("Once more: ")
            terminal.type("one-password\n")
            try await terminal.expect("added user alice")
            #expect(try await program.wait(within: .seconds(30)) == .code(0))
            #expect(!terminal.shown.contains("one-password"))
            #expect(try await desk.succeed(["user", "list"]).contains("set"))
        }
    }

    @Test func `Two different passwords are refused`() async throws {
        try await Desk.with { desk in
            let terminal = try PseudoTerminal()
            let program = try Self.start(desk, on: terminal)
            try await terminal.expect("Password for alice: ")
            terminal.type("one-password\n")
            try await terminal.expect("Once more: ")
            terminal.type("another-password\n")
            try await terminal.expect("the two are not the same")
            #expect(try await program.wait(within: .seconds(30)) == .code(65))
            #expect(try await desk.json(["user", "list"]) as? [String] == [])
        }
    }

    @Test func `Interrupting leaves the terminal as it was`() async throws {
        try await Desk.with { desk in
            let terminal = try PseudoTerminal()
            var before = termios()
            tcgetattr(terminal.master, &before)
            let program = try Self.start(desk, on: terminal)
            try await terminal.expect("Password for alice: ")
            terminal.type("one-pass\u{3}\n")
            try await terminal.expect("interrupted")
            #expect(try await program.wait(within: .seconds(30)) == .code(65))
            var after = termios()
            tcgetattr(terminal.master, &after)
            #expect(after.c_lflag == before.c_lflag)
            #expect(!terminal.shown.contains("one-pass"))
        }
    }
}
