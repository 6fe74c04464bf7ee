internal import COpenSSL
internal import Loop

/// The client's side of TLS: whom to trust, and the sessions that may be taken up again. Shared by all loops.
///
/// Verification of the certificate and of the host's name is on unless `verify` is `.nothing`.
package final class ClientTLS: Sendable {
    /// Who may sign a server's certificate.
    package enum Trust: Hashable, Sendable {
        /// The authorities of the system's store.
        case system
        /// The certificates of a PEM file, and no others.
        case file(String)
        /// Anybody: only for tests and for hosts that an administrator has explicitly excepted.
        case nothing
    }

    /// How many hosts a session is kept for.
    package static let sessionLimit = 256

    package let trust: Trust
    let context: ContextHandle
    private let sessions = Locked<[String: SessionHandle]>([:])

    package init(trust: Trust) throws(TLSError) {
        self.trust = trust
        context = try ContextHandle(isServer: false)
        SSL_CTX_set_verify(context.pointer, trust == .nothing ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nil)
        switch trust {
        case .system:
            guard SSL_CTX_set_default_verify_paths(context.pointer) == 1 else { throw .library(OpenSSLErrors.take()) }
        case .file(let path):
            ERR_clear_error()
            guard SSL_CTX_load_verify_locations(context.pointer, path, nil) == 1 else {
                throw .authorities(path, OpenSSLErrors.take())
            }
        case .nothing: break
        }
    }

    /// A session that was kept for the host; it may be used several times.
    func session(for key: String) -> SessionHandle? { sessions.withLock { $0[key] } }

    /// Keeps a session for the next connection to the host.
    func keep(_ session: SessionHandle, for key: String) {
        sessions.withLock { sessions in
            if sessions.count >= Self.sessionLimit, sessions[key] == nil { sessions.removeAll() }
            sessions[key] = session
        }
    }
}

/// An SSL_SESSION, freed when let go of.
final class SessionHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    init(taking pointer: OpaquePointer) { self.pointer = pointer }
    deinit { SSL_SESSION_free(pointer) }
}
