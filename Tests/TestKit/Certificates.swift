/// A certificate authority of the test's own and a server certificate that it signed, both made on the spot.
package struct Certificates: Sendable {
    /// The directory that holds them.
    package let directory: String
    /// The authority's certificate, for those who are to trust the server.
    package var authority: String { "\(directory)/ca.crt" }
    /// The server's certificate and its issuer's.
    package var chain: String { "\(directory)/server.crt" }
    /// The server's private key.
    package var key: String { "\(directory)/server.key" }

    /// Makes both for `names` and the loopback addresses. Made again in the same place, the authority stays and the
    /// server certificate is a new one.
    package static func make(in directory: String, names: [String] = ["localhost"]) async throws -> Certificates {
        try await ChildProcess.succeed([Repository.file("scripts/upstream"), "certificates", directory] + names)
        return Certificates(directory: directory)
    }
}
