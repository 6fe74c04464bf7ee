internal import COpenSSL
internal import Glibc
internal import Loop

/// What an operation of a TLS session came to.
enum TLSStep {
    /// It is done; for reading and writing, with so many octets.
    case complete(Int)
    case wantsRead
    case wantsWrite
    /// The peer has ended the stream, properly or by cutting it.
    case end(isCut: Bool)
    case failed(ConnectionError)
}

/// One SSL over a non-blocking socket. Every operation ends at once with one of `TLSStep`.
final class TLSSession {
    private let pointer: OpaquePointer
    /// Kept alive as long as OpenSSL uses it.
    private let context: ContextHandle
    private let notes = HandshakeNotes()
    /// Who is at the other end, for error messages.
    private let peerName: String
    private let client: (tls: ClientTLS, key: String)?
    /// By which names clients go, where the server asks them for certificates.
    private let naming: ClientCertificates.Naming?
    private var isEstablished = false
    private var isBroken = false

    /// The server's side.
    init(_ server: ServerTLS, descriptor: Int32, peerName: String) throws(ConnectionError) {
        (context, naming) = server.context
        self.peerName = peerName
        client = nil
        pointer = try Self.make(context, descriptor)
        SSL_set_accept_state(pointer)
    }

    /// The client's side toward a host name or numeric address.
    init(_ tls: ClientTLS, host: String, port: UInt16, descriptor: Int32) throws(ConnectionError) {
        context = tls.context
        peerName = host
        let key = "\(host):\(port)"
        client = (tls, key)
        naming = nil
        pointer = try Self.make(context, descriptor)
        SSL_set_connect_state(pointer)
        SSL_set_ex_data(pointer, 0, Unmanaged.passUnretained(notes).toOpaque())
        let isNumeric = SocketAddress(numeric: host, port: port) != nil
        if !isNumeric { _ = posthouse_tls_server_name(pointer, host) }
        if tls.trust != .nothing {
            SSL_set_verify(pointer, SSL_VERIFY_PEER, noteCertificate)
            let isSet: Bool
            if isNumeric {
                isSet = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(pointer), host) == 1
            } else {
                SSL_set_hostflags(pointer, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
                isSet = SSL_set1_host(pointer, host) == 1
            }
            guard isSet else {
                SSL_free(pointer)
                throw .protocolFault("\(host) is no host name")
            }
        }
        if let session = tls.session(for: key) { SSL_set_session(pointer, session.pointer) }
    }

    deinit { SSL_free(pointer) }

    private static func make(_ context: ContextHandle, _ descriptor: Int32) throws(ConnectionError) -> OpaquePointer {
        ERR_clear_error()
        guard let pointer = SSL_new(context.pointer) else { throw .protocolFault(OpenSSLErrors.take()) }
        guard SSL_set_fd(pointer, descriptor) == 1 else {
            SSL_free(pointer)
            throw .protocolFault(OpenSSLErrors.take())
        }
        return pointer
    }

    /// `TLSv1.3`, `TLSv1.2`.
    var version: String { SSL_get_version(pointer).map { String(cString: $0) } ?? "TLS" }
    /// `TLS_AES_256_GCM_SHA384` and the like.
    var cipher: String {
        SSL_CIPHER_get_name(SSL_get_current_cipher(pointer)).map { String(cString: $0) } ?? "unknown"
    }
    /// Whether the session was taken up again instead of negotiated.
    var isResumed: Bool { SSL_session_reused(pointer) == 1 }

    /// What the client has shown of itself; nil when it was not asked or showed nothing.
    var clientCertificate: ClientCertificate? {
        guard let naming, isEstablished else { return nil }
        return ClientCertificate(of: pointer, naming: naming)
    }

    func handshake() -> TLSStep {
        ERR_clear_error()
        let result = SSL_do_handshake(pointer)
        if result == 1 {
            isEstablished = true
            return .complete(0)
        }
        return step(result)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> TLSStep {
        ERR_clear_error()
        let result = SSL_read(pointer, buffer.baseAddress, Int32(clamping: buffer.count))
        return result > 0 ? .complete(Int(result)) : step(result)
    }

    func write(_ buffer: UnsafeRawBufferPointer) -> TLSStep {
        ERR_clear_error()
        let result = SSL_write(pointer, buffer.baseAddress, Int32(clamping: buffer.count))
        return result > 0 ? .complete(Int(result)) : step(result)
    }

    /// Says that nothing more will be written, and keeps the client's session for the next time.
    func finish() {
        guard isEstablished, !isBroken else { return }
        ERR_clear_error()
        SSL_shutdown(pointer)
        ERR_clear_error()
        guard let client, let session = SSL_get1_session(pointer) else { return }
        let handle = SessionHandle(taking: session)
        if SSL_SESSION_is_resumable(session) == 1 { client.tls.keep(handle, for: client.key) }
    }

    private func step(_ result: Int32) -> TLSStep {
        let code = errno
        switch SSL_get_error(pointer, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .end(isCut: false)
        case SSL_ERROR_SYSCALL:
            isBroken = true
            ERR_clear_error()
            return code == 0 ? .end(isCut: true) : .failed(.broken(code))
        default:
            isBroken = true
            let error = ERR_peek_error()
            if posthouse_tls_is_cut(error) != 0 {
                ERR_clear_error()
                return isEstablished ? .end(isCut: true) : .failed(.ended)
            }
            return .failed(isEstablished ? .protocolFault(OpenSSLErrors.take()) : handshakeFailure(error))
        }
    }

    private func handshakeFailure(_ error: UInt) -> ConnectionError {
        let verification = SSL_get_verify_result(pointer)
        let reason = OpenSSLErrors.take()
        let failure: HandshakeFailure
        if verification != Int(X509_V_OK), client != nil {
            failure = Self.verificationFailure(Int32(verification), names: notes.names)
        } else if posthouse_tls_is_plaintext(error) != 0 {
            failure = .notTLS
        } else if posthouse_tls_is_version(error) != 0 {
            failure = .noCommonVersion
        } else {
            failure = .refused(reason)
        }
        return .handshake(peer: peerName, failure)
    }

    private static func verificationFailure(_ code: Int32, names: [String]) -> HandshakeFailure {
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED: return .certificateExpired
        case X509_V_ERR_CERT_NOT_YET_VALID: return .certificateNotYetValid
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return .selfSigned
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: return .wrongHost(names: names)
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_CERT_UNTRUSTED:
            return .unknownAuthority
        default: return .badCertificate(String(cString: X509_verify_cert_error_string(Int(code))))
        }
    }
}

/// What is learnt during a handshake that OpenSSL forgets when it fails.
final class HandshakeNotes {
    var names: [String] = []
}

/// OpenSSL's verification callback: notes whom a refused certificate is for, and changes nothing.
/// File scope: OpenSSL calls it from within the handshake.
private func noteCertificate(_ isAcceptable: Int32, _ store: OpaquePointer?) -> Int32 {
    guard isAcceptable == 0, let store,
        let session = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
        let notes = SSL_get_ex_data(OpaquePointer(session), 0),
        let certificate = X509_STORE_CTX_get0_cert(store)
    else { return isAcceptable }
    Unmanaged<HandshakeNotes>.fromOpaque(notes).takeUnretainedValue().names = CertificateNames.of(certificate)
    return isAcceptable
}
