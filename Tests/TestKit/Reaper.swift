internal import CSpawn
internal import Foundation
internal import Glibc

/// Sees to it that nothing outlives the tests: a shell that is told what they start, and that ends and removes what is
/// left when its standard input closes, which it does however this process ends.
package final class Reaper: @unchecked Sendable {
    /// The one of this process.
    package static let shared = Reaper()

    private let lock = NSLock()
    private var input: Int32?

    private static let script = #"""
        declare -A processes directories providers
        while read -r action kind value; do
            case $action/$kind in
                adopt/process) processes[$value]=$(cut -d' ' -f22 "/proc/$value/stat" 2>/dev/null) ;;
                release/process) unset "processes[$value]" ;;
                adopt/directory) directories[$value]=1 ;;
                release/directory) unset "directories[$value]" ;;
                adopt/provider) providers[$value]=1 ;;
                release/provider) unset "providers[$value]" ;;
            esac
        done
        for process in "${!processes[@]}"; do
            # The number may be somebody else's by now: the same number and the same start are the same process.
            if [[ $(cut -d' ' -f22 "/proc/$process/stat" 2>/dev/null) == "${processes[$process]}" ]]; then
                kill -KILL -- "-$process" 2>/dev/null || kill -KILL "$process" 2>/dev/null
            fi
        done
        for provider in "${!providers[@]}"; do "$0" kill "$provider"; done
        for directory in "${!directories[@]}"; do
            case $directory in /tmp/posthouse-*) rm -rf -- "$directory" ;; esac
        done
        """#

    private init() {}

    /// A process to be killed, with its group.
    package func adopt(process: Int32) throws { try tell("adopt process \(process)") }
    /// The process has ended.
    package func release(process: Int32) { try? tell("release process \(process)") }
    /// A directory or file under /tmp to be removed.
    package func adopt(directory: String) throws { try tell("adopt directory \(directory)") }
    /// The directory has been removed.
    package func release(directory: String) { try? tell("release directory \(directory)") }
    /// A directory whose Dovecot and Postfix are to be ended with `scripts/upstream kill`.
    package func adopt(provider: String) throws { try tell("adopt provider \(provider)") }
    /// The servers have ended.
    package func release(provider: String) { try? tell("release provider \(provider)") }

    private func tell(_ line: String) throws {
        try lock.withLock {
            let descriptor = try input ?? start()
            input = descriptor
            let octets = Array("\(line)\n".utf8)
            // Short enough for a pipe to take in one piece; the shell reads all the time.
            guard write(descriptor, octets, octets.count) == octets.count else {
                throw RigFailure("the reaper is gone")
            }
        }
    }

    private func start() throws -> Int32 {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw RigFailure("pipe: \(String(cString: strerror(errno)))") }
        for end in ends { closeOnExec(end) }
        defer { close(ends[0]) }
        let null = Glibc.open("/dev/null", O_RDWR)
        defer { close(null) }
        var words: [UnsafeMutablePointer<CChar>?] =
            ["bash", "-c", Self.script, Repository.file("scripts/upstream")].map { (word: String) in strdup(word) } + [
                nil
            ]
        var variables: [UnsafeMutablePointer<CChar>?] =
            ChildProcess.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var number = pid_t()
        let code = posthouse_spawn(&number, "bash", &words, &variables, ends[0], null, null, nil)
        guard code == 0 else { throw RigFailure("cannot start the reaper: \(String(cString: strerror(code)))") }
        return ends[1]
    }
}
