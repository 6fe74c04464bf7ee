internal import CSpawn
internal import Foundation
internal import Glibc

/// A program that a test started: in a session of its own, with a clean environment, and gone when the tests are.
package final class ChildProcess: Sendable {
    /// How a program ended.
    package enum Exit: Equatable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    /// Everything about a program that has ended.
    package struct Finished: Sendable {
        package let exit: Exit
        package let output: String
        package let errors: String

        /// Whether it ended with status 0.
        package var succeeded: Bool { exit == .code(0) }
    }

    /// Its process number, which is its session's and process group's too.
    package let processID: Int32
    /// The last component of its path.
    package let name: String
    private let exit: Exiting

    /// The end is waited for once, by whoever comes first.
    private final class Exiting: @unchecked Sendable {
        let lock = NSLock()
        var exit: Exit?
    }

    /// The environment of every program: nothing of the caller's but where programs are found.
    package static var environment: [String: String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return [
            "PATH": "\(path):/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
            "HOME": "/nonexistent", "TERM": "vt100", "SWIFT_BACKTRACE": "enable=no",
        ]
    }

    /// Starts `arguments[0]`, found on the path, with the three standard descriptors.
    package init(
        _ arguments: [String], environment: [String: String] = [:], directory: String? = nil, input: Int32,
        output: Int32, errors: Int32
    ) throws {
        guard let program = arguments.first else { throw RigFailure("no program named") }
        let merged = Self.environment.merging(environment) { $1 }
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = merged.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var number = pid_t()
        let code = posthouse_spawn(&number, program, &words, &variables, input, output, errors, directory)
        guard code == 0 else { throw RigFailure("cannot start \(program): \(String(cString: strerror(code)))") }
        processID = number
        name = (program as NSString).lastPathComponent
        exit = Exiting()
        try Reaper.shared.adopt(process: number)
    }

    /// Sends a signal, unless the program has ended.
    package func signal(_ number: Int32) {
        exit.lock.withLock { if exit.exit == nil { Glibc.kill(processID, number) } }
    }

    /// How it ended, or nil while it runs.
    package func poll() -> Exit? {
        exit.lock.withLock {
            if exit.exit == nil {
                var status: Int32 = 0
                if waitpid(processID, &status, WNOHANG) == processID {
                    exit.exit = status & 0x7f == 0 ? .code((status >> 8) & 0xff) : .signal(status & 0x7f)
                    Reaper.shared.release(process: processID)
                }
            }
            return exit.exit
        }
    }

    /// Waits for its end; kills it and fails when that takes longer than `patience`.
    @discardableResult
    package func wait(within patience: Duration) async throws -> Exit {
        let deadline = ContinuousClock.now + patience
        while true {
            if let exit = poll() { return exit }
            guard ContinuousClock.now < deadline else {
                kill()
                throw RigFailure("\(name) still ran after \(patience)")
            }
            try await pause(.milliseconds(4))
        }
    }

    /// Ends it and everything it started, at once.
    package func kill() {
        guard poll() == nil else { return }
        Glibc.kill(-processID, SIGKILL)
        for _ in 0..<2000 where poll() == nil { usleep(1000) }
    }

    /// Runs a program to its end, within `patience`, and gives what it printed.
    package static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:], directory: String? = nil,
        within patience: Duration = .seconds(60)
    ) async throws -> Finished {
        // Files, not pipes: nothing can fill up, whatever is printed in whatever order.
        let files = try (0..<3).map { _ in try unlinkedFile() }
        defer { for file in files { close(file) } }
        try FileHandle(fileDescriptor: files[0]).write(contentsOf: Data(input.utf8))
        lseek(files[0], 0, SEEK_SET)
        let child = try ChildProcess(
            arguments, environment: environment, directory: directory, input: files[0], output: files[1],
            errors: files[2])
        let exit: Exit
        do {
            exit = try await child.wait(within: patience)
        } catch {
            let said = contents(of: files[1]) + contents(of: files[2])
            throw RigFailure("\(arguments.joined(separator: " ")) still ran after \(patience); it said: \(said)")
        }
        return Finished(exit: exit, output: contents(of: files[1]), errors: contents(of: files[2]))
    }

    /// The same, for a program whose failure is the test's.
    @discardableResult
    package static func succeed(
        _ arguments: [String], input: String = "", environment: [String: String] = [:], directory: String? = nil,
        within patience: Duration = .seconds(60)
    ) async throws -> String {
        let finished = try await run(
            arguments, input: input, environment: environment, directory: directory, within: patience)
        guard finished.succeeded else {
            throw RigFailure(
                "\(arguments.joined(separator: " ")): \(finished.exit)\n\(finished.output)\(finished.errors)")
        }
        return finished.output
    }

    private static func unlinkedFile() throws -> Int32 {
        var template = Array("/tmp/posthouse-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw RigFailure("mkstemp: \(String(cString: strerror(errno)))") }
        unlink(template)
        closeOnExec(descriptor)
        return descriptor
    }

    private static func contents(of descriptor: Int32) -> String {
        lseek(descriptor, 0, SEEK_SET)
        let data = (try? FileHandle(fileDescriptor: descriptor).readToEnd()) ?? nil
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}
