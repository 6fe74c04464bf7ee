internal import COpenSSL

/// What the certificate is that a client has shown, and has proved to hold the key of.
package enum ClientCertificate: Hashable, Sendable {
    /// An authority that the server names has signed it for a client, and it is valid now.
    case good(CertifiedClient)
    /// It counts for nothing: its subject, and the reason in OpenSSL's words.
    case refused(subject: String, reason: String)
}

/// Who a client is by a good certificate.
package struct CertifiedClient: Hashable, Sendable {
    /// Octets of the longest name that is read; a longer one is passed over.
    package static let nameLimit = 512
    /// How many names of a certificate are looked at.
    package static let countLimit = 64
    /// Octets of a subject that are kept.
    package static let subjectLimit = 512

    /// Which names these are.
    package let naming: ClientCertificates.Naming
    /// In the order of the certificate; empty when it has none.
    package let names: [String]
    /// For the log: `/O=Example/CN=Alice`.
    package let subject: String

    package init(naming: ClientCertificates.Naming, names: [String], subject: String) {
        self.naming = naming
        self.names = names
        self.subject = subject
    }
}

extension ClientCertificate {
    /// The certificate of a session whose handshake is over; nil when the client showed none.
    init?(of session: OpaquePointer, naming: ClientCertificates.Naming) {
        guard let certificate = SSL_get0_peer_certificate(session) else { return nil }
        let subject = Self.subject(of: certificate)
        let result = SSL_get_verify_result(session)
        if result == Int(X509_V_OK) {
            self = .good(
                CertifiedClient(naming: naming, names: Self.names(of: certificate, naming), subject: subject))
        } else {
            self = .refused(subject: subject, reason: String(cString: X509_verify_cert_error_string(result)))
        }
    }

    private static func subject(of certificate: OpaquePointer) -> String {
        var buffer = [CChar](repeating: 0, count: CertifiedClient.subjectLimit)
        guard X509_NAME_oneline(X509_get_subject_name(certificate), &buffer, Int32(buffer.count)) != nil else {
            return ""
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func names(of certificate: OpaquePointer, _ naming: ClientCertificates.Naming) -> [String] {
        let read =
            switch naming {
            case .email: posthouse_certificate_email
            case .commonName: posthouse_certificate_common_name
            }
        var names: [String] = []
        var buffer = [UInt8](repeating: 0, count: CertifiedClient.nameLimit)
        for index in 0..<Int32(CertifiedClient.countLimit) {
            let length = read(certificate, index, &buffer, buffer.count)
            guard length >= 0 else { break }
            if length > 0, let name = String(validating: buffer.prefix(Int(length)), as: UTF8.self) {
                names.append(name)
            }
        }
        return names
    }
}
