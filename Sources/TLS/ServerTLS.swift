internal import COpenSSL
internal import Loop

/// The server's side of TLS: a certificate chain and its key, and whether clients are asked for theirs; shared by all
/// listeners and loops.
///
/// `reload` puts new files in place for the connections that come; those that are open keep what they began with.
package final class ServerTLS: Sendable {
    /// What a certificate says, for configuration checks and the console.
    package struct Certificate: Hashable, Sendable {
        /// DNS names and addresses.
        package let names: [String]
        /// Seconds since 1970.
        package let notBefore: Int64
        package let notAfter: Int64
    }

    private struct State {
        var certificateFile: String
        var keyFile: String
        var clients: ClientCertificates?
        var context: ContextHandle
        var certificate: Certificate
        var revocationsEnd: Int64?
    }

    private let current: Locked<State>

    /// Reads a PEM chain (the server's certificate first) and the PEM key that belongs to it; and what clients'
    /// certificates are held against, when they are asked for any.
    package init(
        certificateFile: String, keyFile: String, clients: ClientCertificates? = nil
    ) throws(TLSError) {
        current = Locked(try Self.read(certificateFile, keyFile, clients))
    }

    /// Reads all files again. When that fails, what was there before stays in use.
    package func reload() throws(TLSError) {
        let files = current.withLock { ($0.certificateFile, $0.keyFile, $0.clients) }
        try reload(certificateFile: files.0, keyFile: files.1, clients: files.2)
    }

    /// Reads others in their place. When that fails, what was there before stays in use.
    package func reload(
        certificateFile: String, keyFile: String, clients: ClientCertificates?
    ) throws(TLSError) {
        let new = try Self.read(certificateFile, keyFile, clients)
        current.withLock { $0 = new }
    }

    /// The certificate in use.
    package var certificate: Certificate { current.withLock { $0.certificate } }
    /// When the first of the revocation lists is to be renewed, in seconds since 1970; from then on no client's
    /// certificate is good. Nil without any.
    package var revocationsEnd: Int64? { current.withLock { $0.revocationsEnd } }

    /// What a new connection begins with.
    var context: (handle: ContextHandle, naming: ClientCertificates.Naming?) {
        current.withLock { ($0.context, $0.clients?.naming) }
    }

    private static func read(
        _ certificateFile: String, _ keyFile: String, _ clients: ClientCertificates?
    ) throws(TLSError) -> State {
        let handle = try ContextHandle(isServer: true)
        let context = handle.pointer
        posthouse_tls_tickets_only(context)
        ERR_clear_error()
        guard SSL_CTX_use_certificate_chain_file(context, certificateFile) == 1 else {
            throw .certificateFile(certificateFile, OpenSSLErrors.take())
        }
        guard SSL_CTX_use_PrivateKey_file(context, keyFile, SSL_FILETYPE_PEM) == 1 else {
            // OpenSSL compares the two already here when both are of one kind.
            let code = ERR_peek_error()
            let isMismatch = ERR_GET_LIB(code) == ERR_LIB_X509
            let reason = OpenSSLErrors.take()
            if isMismatch { throw .mismatch(certificate: certificateFile, key: keyFile) }
            throw .keyFile(keyFile, reason)
        }
        guard SSL_CTX_check_private_key(context) == 1, let certificate = SSL_CTX_get0_certificate(context) else {
            ERR_clear_error()
            throw .mismatch(certificate: certificateFile, key: keyFile)
        }
        // Tickets of one context are honoured by no other: the identifier only has to be there.
        let identifier = Array("posthouse".utf8)
        SSL_CTX_set_session_id_context(context, identifier, UInt32(identifier.count))
        try clients?.apply(to: handle)
        let summary = Certificate(
            names: CertificateNames.of(certificate), notBefore: posthouse_certificate_time(certificate, 0),
            notAfter: posthouse_certificate_time(certificate, 1))
        let revocationsEnd = clients?.revocationFile.map { posthouse_revocations_end($0) }
        return State(
            certificateFile: certificateFile, keyFile: keyFile, clients: clients, context: handle, certificate: summary,
            revocationsEnd: revocationsEnd.flatMap { $0 < 0 ? nil : $0 })
    }
}

/// The names that a certificate is for.
enum CertificateNames {
    /// How many are read.
    static let limit = 64

    static func of(_ certificate: OpaquePointer) -> [String] {
        var names: [String] = []
        var buffer = [CChar](repeating: 0, count: 256)
        for index in 0..<Int32(limit) {
            switch posthouse_certificate_name(certificate, index, &buffer, buffer.count) {
            case 1:
                names.append(String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
            case 0: continue
            default: return names
            }
        }
        return names
    }
}
