internal import Loop

/// What is wrong with certificate files; each says the file and the remedy.
package enum TLSError: Error, Sendable, Equatable {
    /// The file cannot be read as what it should be: its path, and OpenSSL's words.
    case certificateFile(String, String)
    case keyFile(String, String)
    /// The key does not belong to the first certificate of the chain.
    case mismatch(certificate: String, key: String)
    /// The file of trusted authorities cannot be read or has none.
    case authorities(String, String)
    /// The file of revocation lists cannot be read or has none.
    case revocations(String, String)
    /// OpenSSL itself failed.
    case library(String)
}

extension TLSError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .certificateFile(let path, let reason):
            "cannot read a certificate chain from \(path) (\(reason)): "
                + "it must be a PEM file with the server's certificate first and then those that signed it"
        case .keyFile(let path, let reason):
            "cannot read a private key from \(path) (\(reason)): "
                + "it must be a PEM file without a passphrase that this process may read"
        case .mismatch(let certificate, let key):
            "the key in \(key) is not the one of the certificate in \(certificate): name the two that were made together"
        case .authorities(let path, let reason):
            "cannot read trusted authorities from \(path) (\(reason)): it must be a PEM file of certificates"
        case .revocations(let path, let reason):
            "cannot read revocation lists from \(path) (\(reason)): it must be a PEM file of them"
        case .library(let reason): "OpenSSL: \(reason)"
        }
    }
}

/// Why a TLS connection could not be made.
package enum HandshakeFailure: Error, Hashable, Sendable {
    case certificateExpired
    case certificateNotYetValid
    /// No trusted authority signed the certificate, or an intermediate one is missing.
    case unknownAuthority
    case selfSigned
    /// The certificate is for these names.
    case wrongHost(names: [String])
    /// Another fault of the certificate, in OpenSSL's words.
    case badCertificate(String)
    /// Both sides do TLS but have no version in common; ours is at least 1.2.
    case noCommonVersion
    /// The other side does not speak TLS on this port.
    case notTLS
    /// The other side broke off, with its alert in OpenSSL's words.
    case refused(String)
}

/// How a connection failed.
package enum ConnectionError: Error, Hashable, Sendable {
    /// It was closed by this side before.
    case closed
    /// The peer broke it off, or the network did: errno of the call that noticed.
    case broken(Int32)
    /// The peer ended it in the middle of something.
    case ended
    /// The deadline came first.
    case deadline
    /// The server is shutting down.
    case stopping
    /// The handshake with the host (or client address) of this name failed.
    case handshake(peer: String, HandshakeFailure)
    /// What came was no proper TLS, in OpenSSL's words.
    case protocolFault(String)
    /// The system has no room for one more connection: errno.
    case system(Int32)
}

extension HandshakeFailure: CustomStringConvertible {
    /// The reason and the remedy.
    package var description: String {
        switch self {
        case .certificateExpired: "its certificate has expired: its administrator must renew it"
        case .certificateNotYetValid: "its certificate is not valid yet: compare both machines' clocks"
        case .unknownAuthority:
            "its certificate is signed by an authority that is not trusted here: name the authority's certificate "
                + "file in the server's configuration, or have the server send its intermediate certificates"
        case .selfSigned:
            "its certificate is signed by itself: name that certificate's file as the authority in the server's "
                + "configuration if you trust it"
        case .wrongHost(let names):
            (names.isEmpty
                ? "its certificate is for another name"
                : "its certificate is for \(names.prefix(4).joined(separator: ", "))")
                + ": configure the server by the name in its certificate"
        case .badCertificate(let reason): "its certificate is not acceptable: \(reason)"
        case .noCommonVersion: "it offers no TLS version from 1.2 on: it must be updated"
        case .notTLS: "it does not speak TLS on this port: check the port, or whether it wants STARTTLS"
        case .refused(let reason): "the TLS handshake was broken off (\(reason))"
        }
    }
}

extension ConnectionError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .closed: "the connection is closed"
        case .broken(let code): "the connection broke: \(LoopError.text(of: code))"
        case .ended: "the other side closed the connection"
        case .deadline: "the other side did not answer in time"
        case .stopping: "the server is shutting down"
        case .handshake(let peer, let failure): "\(peer): \(failure)"
        case .protocolFault(let reason): "TLS failed: \(reason)"
        case .system(let code): LoopError.text(of: code)
        }
    }
}
