import Foundation
import Glibc
import TestKit

/// An HAProxy that passes octets on and understands none of them: what no program in between can do without.
final class HAProxy {
    /// Where it listens.
    let port: UInt16
    private let child: ChildProcess

    /// Where the program is; nil where it is not installed.
    static var program: String? {
        ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/usr/bin/haproxy"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Starts one in front of a port of this machine.
    init(_ program: String, to target: UInt16, in directory: TemporaryDirectory) async throws {
        let port = try Port.free()
        self.port = port
        let configuration = try directory.write(
            """
            global
              maxconn 1000
            defaults
              mode tcp
              timeout connect 10s
              timeout client 600s
              timeout server 600s
            listen submission
              bind 127.0.0.1:\(port)
              server sink 127.0.0.1:\(target)

            """, to: "haproxy.cfg")
        let null = open("/dev/null", O_RDWR)
        let log = open(directory("haproxy.log"), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        defer {
            close(null)
            close(log)
        }
        child = try ChildProcess(
            [program, "-db", "-f", configuration], input: null, output: log, errors: log)
        try await eventually(
            "HAProxy accepts connections",
            holds: {
                if let exit = child.poll() { throw Failure("HAProxy ended: \(exit)\n\(directory.read("haproxy.log"))") }
                return Port.isOpen(port)
            })
    }

    /// Ends it.
    func stop() { child.kill() }
}
