package import Loop
package import TLS
package import YAML

/// What `posthouse.yaml` says about the process. Every path is resolved against the file's directory.
package struct ProcessSettings: Sendable {
    /// A port that clients sign in on.
    package struct Listener: Hashable, Sendable {
        package enum Service: String, CaseIterable, Sendable {
            /// IMAP with STARTTLS.
            case imap
            /// IMAP over TLS (RFC 8314).
            case imaps
            /// Submission with STARTTLS (RFC 6409).
            case submission
            /// Submission over TLS (RFC 8314).
            case submissions

            /// Whether TLS begins with the first octet.
            package var isImplicitTLS: Bool { self == .imaps || self == .submissions }
            /// The port that is registered for it.
            package var registeredPort: UInt16 {
                switch self {
                case .imap: 143
                case .imaps: 993
                case .submission: 587
                case .submissions: 465
                }
            }
        }

        package let service: Service
        package let address: SocketAddress

        package init(service: Service, address: SocketAddress) {
            self.service = service
            self.address = address
        }
    }

    /// PEM files: the server's certificate with its intermediates, and its key.
    package struct Certificate: Hashable, Sendable {
        package var chainFile: Located<String>
        package var keyFile: Located<String>
    }

    /// Whose certificates clients may sign in with (EXTERNAL).
    package struct ClientCertificateSettings: Hashable, Sendable {
        package var authorityFile: Located<String>
        package var revocationFile: Located<String>?
        package var naming: ClientCertificates.Naming

        /// As TLS takes them.
        package var certificates: ClientCertificates {
            ClientCertificates(
                authorityFile: authorityFile.value, revocationFile: revocationFile?.value, naming: naming)
        }
    }

    package struct LogSettings: Hashable, Sendable {
        package var level: Log.Level
        package var format: Log.Format

        package init(level: Log.Level = .info, format: Log.Format = .text) {
            self.level = level
            self.format = format
        }
    }

    /// The most octets of `comment`.
    package static let commentLimit = 1_000

    /// The file this was read from.
    package var file: String
    /// What Posthouse calls itself in greetings, EHLO, Received and its own Message-IDs.
    package var hostName: String
    /// What mail clients may show of this server (RFC 5464 §6.2.1, `/shared/comment`).
    package var comment: String?
    /// A URI by which people reach the administrator (RFC 5464 §6.2.1, `/shared/admin`).
    package var administrator: String?
    package var dataDirectory: Located<String>
    package var masterKeyFile: Located<String>
    package var siteFile: Located<String>?
    package var listeners: [Located<Listener>]
    package var certificate: Certificate?
    /// Nil when clients are not asked for certificates.
    package var clientCertificates: ClientCertificateSettings?
    /// Whether a client on this very machine may sign in without TLS.
    package var allowsInsecureLoopbackSignIn: Bool
    /// Whose tokens sign people in, beside passwords.
    package var issuers: [Located<Issuer>]
    package var log: LogSettings
    /// Event loops, one thread each; nil for one a processor.
    package var loopCount: Int?
    package var limits: LimitSettings
}
