internal import COpenSSL

/// How a server asks its clients for certificates: whose signature counts, and by which of its names a client goes.
package struct ClientCertificates: Hashable, Sendable {
    /// The names of a certificate that say whose it is.
    package enum Naming: Hashable, Sendable {
        /// The e-mail addresses among the alternative names of its subject (rfc822Name, RFC 5280 §4.2.1.6).
        case email
        /// The common names of its subject (RFC 5280 §4.1.2.6).
        case commonName
    }

    /// PEM file of the authorities that may sign clients' certificates; no others may.
    package let authorityFile: String
    /// PEM file of revocation lists (RFC 5280 §5), one of each authority up to the root; nil when nothing is revoked.
    package let revocationFile: String?
    package let naming: Naming

    package init(authorityFile: String, revocationFile: String? = nil, naming: Naming) {
        self.authorityFile = authorityFile
        self.revocationFile = revocationFile
        self.naming = naming
    }

    /// Has the server ask each client for a certificate, which it need not have.
    ///
    /// One that is not good does not end the handshake: a mail program that has some certificate shows it wherever it is
    /// asked, and its user goes on with her password. `TLSSession.clientCertificate` tells the two apart.
    func apply(to context: ContextHandle) throws(TLSError) {
        let pointer = context.pointer
        ERR_clear_error()
        guard SSL_CTX_load_verify_locations(pointer, authorityFile, nil) == 1,
            let names = SSL_load_client_CA_file(authorityFile)
        else { throw .authorities(authorityFile, OpenSSLErrors.take()) }
        // Clients choose by these which of their certificates to show.
        SSL_CTX_set_client_CA_list(pointer, names)
        let parameters = SSL_CTX_get0_param(pointer)
        // An authority that is named here need not be a root.
        X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        if let revocationFile {
            guard let lookup = X509_STORE_add_lookup(SSL_CTX_get_cert_store(pointer), X509_LOOKUP_file()),
                X509_load_crl_file(lookup, revocationFile, X509_FILETYPE_PEM) > 0
            else { throw .revocations(revocationFile, OpenSSLErrors.take()) }
            X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
        }
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        SSL_CTX_set_cert_verify_callback(pointer, verifyWithoutEnding, nil)
        SSL_CTX_set_session_ticket_cb(pointer, nil, judgeTicket, nil)
    }
}

/// Verifies a client's certificate as OpenSSL does, for use by a client, and goes on whatever comes of it: the result
/// stays with the session. File scope: OpenSSL calls it from within the handshake.
private func verifyWithoutEnding(_ store: OpaquePointer?, _ unused: UnsafeMutableRawPointer?) -> Int32 {
    guard let store else { return 0 }
    // What the verification leaves in the error queue would be taken for the handshake's.
    ERR_set_mark()
    defer { ERR_pop_to_mark() }
    if X509_verify_cert(store) != 1, X509_STORE_CTX_get_error(store) == X509_V_OK {
        X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED)
    }
    return 1
}

/// Takes up again only sessions without a client's certificate. One with it is negotiated anew, so that who the client is
/// never comes from a ticket, and what has expired or was revoked since does not pass.
/// File scope: OpenSSL calls it from within the handshake.
private func judgeTicket(
    _ connection: OpaquePointer?, _ session: OpaquePointer?, _ name: UnsafePointer<UInt8>?, _ length: Int,
    _ status: SSL_TICKET_STATUS, _ unused: UnsafeMutableRawPointer?
) -> SSL_TICKET_RETURN {
    let isTaken = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW
    guard isTaken, let session, SSL_SESSION_get0_peer(session) == nil else { return SSL_TICKET_RETURN_IGNORE_RENEW }
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW
}
