internal import COpenSSL
internal import Glibc

/// An SSL_CTX, freed when let go of. OpenSSL counts its users itself and locks what it shares.
final class ContextHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    /// One for either side, with this project's defaults.
    init(isServer: Bool) throws(TLSError) {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            throw .library(OpenSSLErrors.take())
        }
        self.pointer = pointer
        posthouse_tls_defaults(pointer)
        // Without this OpenSSL would ask the terminal for a key's passphrase.
        SSL_CTX_set_default_passwd_cb(pointer, refusePassphrase)
    }

    deinit { SSL_CTX_free(pointer) }
}

/// File scope: OpenSSL calls it from any thread.
private func refusePassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ writing: Int32, _ context: UnsafeMutableRawPointer?
) -> Int32 { 0 }

/// OpenSSL's error queue of the running thread.
enum OpenSSLErrors {
    /// The oldest entry's words; empties the queue.
    static func take() -> String {
        let code = ERR_get_error()
        defer { ERR_clear_error() }
        return text(of: code)
    }

    static func text(of code: UInt) -> String {
        guard code != 0 else { return "no reason given" }
        if let reason = ERR_reason_error_string(code) { return String(cString: reason) }
        // Errors of the system, such as a missing file, have errno as their reason.
        if ERR_GET_LIB(code) == ERR_LIB_SYS { return String(cString: strerror(ERR_GET_REASON(code))) }
        return "error \(code)"
    }
}
