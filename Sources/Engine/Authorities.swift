internal import Glibc
internal import Loop
internal import Store
internal import TLS
internal import Upstream

/// The authorities that upstream servers are verified by, read once for all connections; with them go the TLS sessions
/// that a later connection takes up again. A file that has changed is read anew.
final class Authorities: Sendable {
    /// Sets of authorities that are kept at most.
    static let limit = 256

    /// What tells one content of a file from another.
    private struct Version: Hashable, Sendable {
        var inode: UInt64 = 0
        var size: Int64 = 0
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0

        init(of trust: ClientTLS.Trust) {
            var status = stat()
            guard case .file(let path) = trust, stat(path, &status) == 0 else { return }
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = Int64(status.st_mtim.tv_sec)
            nanoseconds = Int64(status.st_mtim.tv_nsec)
        }
    }

    private let known = Locked<[ClientTLS.Trust: (version: Version, tls: ClientTLS)]>([:])

    /// The client's side of TLS for a configured service.
    func tls(for configured: Server.Endpoint) throws(UpstreamError) -> ClientTLS {
        let trust: ClientTLS.Trust =
            !configured.verifiesCertificate ? .nothing : configured.authorityFile.map { .file($0) } ?? .system
        let version = Version(of: trust)
        if let entry = known.withLock({ $0[trust] }), entry.version == version { return entry.tls }
        let tls: ClientTLS
        do throws(TLSError) { tls = try ClientTLS(trust: trust) } catch { throw .unreachable("\(error)") }
        known.withLock { known in
            if known.count >= Self.limit { known.removeAll() }
            known[trust] = (version, tls)
        }
        return tls
    }
}
