import Foundation
import Testing

/// Certificates made for one test run in a directory that goes away with them; no key is ever kept.
final class Certificates: Sendable {
    struct Failed: Error { let command: String }

    let directory: String

    /// An authority (`ca.pem`), another one (`stranger.pem`), and servers: `good`, `renewed`, `wrong` (for
    /// other.example), `expired`, `self` (signed by itself), `chained` (by an intermediate one; chain in the file).
    static let shared: Result<Certificates, any Error> = Result {
        let made = try Certificates()
        atexit {
            if let made = try? Certificates.shared.get() { try? FileManager.default.removeItem(atPath: made.directory) }
        }
        return made
    }

    private init() throws {
        directory = NSTemporaryDirectory() + "tls-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try makeAuthority("ca")
        try makeAuthority("stranger")
        let local = "DNS:localhost,IP:127.0.0.1"
        try sign("good", names: local)
        try sign("renewed", names: local + ",DNS:renewed.example")
        try sign("wrong", names: "DNS:other.example")
        try sign("expired", names: local, days: -1)
        try sign("foreign", names: local, by: "stranger")
        try sign("intermediate", names: nil)
        try sign("chained", names: local, by: "intermediate")
        try openssl(
            "req -x509 -new -key good.key -subj /CN=localhost -days 2 -addext subjectAltName=\(local) -out self.pem")
        let chain = try ["chained.pem", "intermediate.pem"].map {
            try String(contentsOfFile: path($0), encoding: .utf8)
        }
        try chain.joined().write(toFile: path("chain.pem"), atomically: true, encoding: .utf8)
        try openssl("pkcs8 -topk8 -in good.key -passout pass:word -out locked.key")
    }

    func path(_ name: String) -> String { directory + "/" + name }

    private func makeAuthority(_ name: String) throws {
        try openssl("ecparam -name prime256v1 -genkey -noout -out \(name).key")
        try openssl("req -x509 -new -key \(name).key -subj /CN=Test-\(name) -days 2 -out \(name).pem")
    }

    private func sign(_ name: String, names: String?, days: Int = 2, by authority: String = "ca") throws {
        let extensions = names.map { "subjectAltName=\($0)" } ?? "basicConstraints=critical,CA:TRUE"
        try extensions.write(toFile: path("\(name).ext"), atomically: true, encoding: .utf8)
        try openssl("ecparam -name prime256v1 -genkey -noout -out \(name).key")
        try openssl("req -new -key \(name).key -subj /CN=Test-\(name) -out \(name).csr")
        try openssl(
            "x509 -req -in \(name).csr -CA \(authority).pem -CAkey \(authority).key -CAcreateserial -days \(days) "
                + "-extfile \(name).ext -out \(name).pem")
    }

    private func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(command: arguments) }
    }
}

/// Puts a copy in place of what was there.
func copyFile(_ source: String, to destination: String) throws {
    try Data(contentsOf: URL(fileURLWithPath: source)).write(to: URL(fileURLWithPath: destination), options: .atomic)
}
