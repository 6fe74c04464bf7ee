internal import Glibc
internal import OAuth
internal import Store
internal import TLS
internal import Vault
package import YAML

/// Holds settings against the machine: certificates, directories, keys and secrets.
package struct SystemCheck {
    /// A certificate that ends sooner than this is warned about: two weeks, in seconds.
    package static let expiryWarning: Int64 = 14 * 86_400

    private let settings: Settings
    /// Seconds since 1970.
    private let now: Int64
    /// Whether systemd hands the process its master key, so that the file is not used.
    private let hasMasterKeyCredential: Bool
    private let process: ProblemList
    private let site: ProblemList

    /// Every problem between the settings and this machine at `now` (seconds since 1970).
    ///
    /// - Parameter credentialsDirectory: the value of `CREDENTIALS_DIRECTORY`, where systemd puts secrets.
    package static func problems(
        of settings: Settings, now: Int64, credentialsDirectory: String? = nil
    ) -> [Problem] {
        let check = SystemCheck(settings, now: now, credentialsDirectory: credentialsDirectory)
        check.checkCertificate()
        check.checkDataDirectory()
        check.checkMasterKey()
        check.checkIssuers()
        check.checkPasswordFiles()
        check.checkServers()
        return check.process.problems + check.site.problems
    }

    private init(_ settings: Settings, now: Int64, credentialsDirectory: String?) {
        self.settings = settings
        self.now = now
        hasMasterKeyCredential =
            credentialsDirectory.map { LocalFile.isAccessible("\($0)/\(Vault.credentialName)", forWriting: false) }
            ?? false
        process = ProblemList(file: settings.process.file)
        site = ProblemList(file: settings.site?.file ?? settings.process.file)
    }

    private func checkCertificate() {
        guard let certificate = settings.process.certificate else { return }
        let (chain, key) = (certificate.chainFile, certificate.keyFile)
        do throws(TLSError) {
            let clients = settings.process.clientCertificates
            let loaded = try ServerTLS(
                certificateFile: chain.value, keyFile: key.value, clients: clients?.certificates)
            checkValidity(loaded.certificate, at: chain.position)
            if let end = loaded.revocationsEnd, let file = clients?.revocationFile { checkRevocations(end, file) }
        } catch {
            let clients = settings.process.clientCertificates
            let (position, setting): (Position, String) =
                switch error {
                case .keyFile, .mismatch: (key.position, "certificate.key-file")
                case .authorities:
                    (clients?.authorityFile.position ?? chain.position, "client-certificates.authority-file")
                case .revocations:
                    (clients?.revocationFile?.position ?? chain.position, "client-certificates.revocation-file")
                default: (chain.position, "certificate.chain-file")
                }
            process.report(
                at: position, setting: setting, "\(error)",
                remedy: "Correct the path or the file; `openssl x509 -in FILE -noout -text` shows what is in it.")
        }
        if let status = try? LocalFile.status(of: key.value), status.mode & 0o007 != 0 {
            process.report(
                at: key.position, setting: "certificate.key-file",
                "\(key.value) has mode \(status.modeText): every user of this machine can reach the key",
                remedy: "Run `chmod o= \(key.value)`.")
        }
    }

    private func checkRevocations(_ end: Int64, _ file: Located<String>) {
        guard end <= now else { return }
        process.report(
            .warning, at: file.position, setting: "client-certificates.revocation-file",
            "a revocation list is out of date: nobody can sign in by a certificate",
            remedy: "Have the authority issue a new one, then reload Posthouse with SIGHUP.")
    }

    private func checkValidity(_ certificate: ServerTLS.Certificate, at position: Position) {
        let setting = "certificate.chain-file"
        if certificate.notAfter <= now {
            process.report(
                at: position, setting: setting, "the certificate has expired",
                remedy: "Renew it, then reload Posthouse with SIGHUP.")
        } else if certificate.notBefore > now {
            process.report(
                at: position, setting: setting, "the certificate is not valid yet",
                remedy: "Compare this machine's clock with the certificate.")
        } else if certificate.notAfter - now < Self.expiryWarning {
            let days = (certificate.notAfter - now) / 86_400
            process.report(
                .warning, at: position, setting: setting, "the certificate expires in \(days) days",
                remedy: "Renew it, then reload Posthouse with SIGHUP.")
        }
        let host = settings.process.hostName.lowercased()
        if !certificate.names.contains(where: { HostName.matches(host, pattern: $0.lowercased()) }) {
            process.report(
                .warning, at: position, setting: setting,
                "the certificate is for \(certificate.names.prefix(4).joined(separator: ", ")), not for \(host)",
                remedy: "Have clients connect to a name in the certificate, and write that name as `host-name`.")
        }
    }

    private func checkDataDirectory() {
        let directory = settings.process.dataDirectory
        let setting = "data-directory"
        do throws(LocalFile.Failure) {
            let status = try LocalFile.status(of: directory.value)
            if status.kind != .directory {
                process.report(
                    at: directory.position, setting: setting, "\(directory.value) is no directory",
                    remedy: "Name a directory that Posthouse has to itself.")
            } else if !LocalFile.isAccessible(directory.value, forWriting: true) {
                process.report(
                    at: directory.position, setting: setting, "\(directory.value) can't be written to",
                    remedy: "Give it to the user that Posthouse runs as (\(Self.userID)): `chown \(Self.userID) "
                        + "\(directory.value)`.")
            } else if status.isOpenToOthers {
                process.report(
                    .warning, at: directory.position, setting: setting,
                    "\(directory.value) has mode \(status.modeText): others can look into it",
                    remedy: "Run `chmod 0700 \(directory.value)`.")
            }
        } catch {
            checkCanBeMade(directory, setting: setting, failure: error)
        }
    }

    /// What is missing is made at the first start, if there is a place for it.
    private func checkCanBeMade(_ path: Located<String>, setting: String, failure: LocalFile.Failure) {
        guard failure.isMissing else {
            process.report(
                at: path.position, setting: setting, "\(path.value): \(failure.reason)",
                remedy: "Make it reachable for the user that Posthouse runs as (\(Self.userID)).")
            return
        }
        var parent = LocalPath.directory(of: path.value)
        while !parent.isEmpty, parent != "/", (try? LocalFile.status(of: parent)) == nil {
            parent = LocalPath.directory(of: parent)
        }
        let place = parent.isEmpty ? "." : parent
        guard !LocalFile.isAccessible(place, forWriting: true) else { return }
        process.report(
            at: path.position, setting: setting, "\(path.value) is missing and can't be made in \(place)",
            remedy: "Make it for the user that Posthouse runs as (\(Self.userID)), mode 0700.")
    }

    private func checkMasterKey() {
        guard !hasMasterKeyCredential else { return }
        let file = settings.process.masterKeyFile
        do throws(LocalFile.Failure) {
            let status = try LocalFile.status(of: file.value)
            report(status, of: file, setting: "master-key-file", to: process)
        } catch {
            checkCanBeMade(file, setting: "master-key-file", failure: error)
        }
        if LocalPath.directory(of: file.value) == settings.process.dataDirectory.value {
            process.report(
                .warning, at: file.position, setting: "master-key-file",
                "the key lies in the data directory, so whoever gets a copy of it can open what is sealed there",
                remedy: "Keep the key in a directory that is not backed up with the data.")
        }
    }

    private func checkIssuers() {
        for (place, issuer) in settings.process.issuers.enumerated() {
            let setting = "issuers[\(place)]"
            if let file = issuer.value.clientSecretFile {
                do throws(PasswordFile.Failure) {
                    _ = try PasswordFile.read(file.value)
                } catch {
                    process.report(
                        at: file.position, setting: "\(setting).introspection.client-secret-file", "\(error)",
                        remedy: error.remedy)
                }
            }
            guard let file = issuer.value.description.authorityFile else { continue }
            do throws(TLSError) {
                _ = try ClientTLS(trust: .file(file))
            } catch {
                process.report(
                    at: issuer.position, setting: "\(setting).ca-file", "\(error)",
                    remedy: "Name the PEM file of the authority that signed the issuer's certificate.")
            }
        }
    }

    private func checkPasswordFiles() {
        guard let described = settings.site else { return }
        for (account, file) in described.passwordFiles.sorted(by: { $0.value.position < $1.value.position }) {
            let setting = "accounts.\(account).password-file"
            do throws(PasswordFile.Failure) {
                _ = try PasswordFile.read(file.value)
            } catch {
                site.report(at: file.position, setting: setting, "\(error)", remedy: error.remedy)
            }
        }
    }

    private func checkServers() {
        guard let described = settings.site else { return }
        for server in described.description.servers {
            for (service, endpoint) in [("imap", server.imap), ("smtp", server.smtp)] {
                guard let endpoint else { continue }
                check(endpoint, path: ["servers", server.name, service], in: described)
            }
        }
    }

    private func check(_ endpoint: Server.Endpoint, path: [String], in described: Site) {
        func report(_ severity: Problem.Severity, _ key: String, _ message: String, remedy: String) {
            let setting = path + [key]
            site.report(
                severity, at: described.tree.position(of: setting), setting: setting.joined(separator: "."), message,
                remedy: remedy)
        }
        if let file = endpoint.authorityFile {
            do throws(TLSError) {
                _ = try ClientTLS(trust: .file(file))
            } catch {
                report(
                    .error, "ca-file", "\(error)",
                    remedy: "Name the PEM file of the authority that signed the server's certificate.")
            }
        }
        guard !HostName.isLoopback(endpoint.host) else { return }
        if endpoint.security == .none {
            report(
                .warning, "tls", "passwords and mail travel unencrypted to \(endpoint.host)",
                remedy: "Write `tls: implicit` or `tls: starttls`.")
        } else if !endpoint.verifiesCertificate {
            report(
                .warning, "verify-certificate", "anybody between here and \(endpoint.host) can pass for it",
                remedy: "Switch it on, and name the authority with `ca-file` if it is your own.")
        }
    }

    private func report(
        _ status: LocalFile.Status, of file: Located<String>, setting: String, to list: ProblemList
    ) {
        if status.kind != .file {
            list.report(
                at: file.position, setting: setting, "\(file.value) is no regular file",
                remedy: "Name a file, or none that exists: it is made at the first start.")
        } else if status.isOpenToOthers {
            list.report(
                at: file.position, setting: setting,
                "\(file.value) has mode \(status.modeText): others can reach the key",
                remedy: "Run `chmod 0600 \(file.value)`.")
        } else if !LocalFile.isAccessible(file.value, forWriting: false) {
            list.report(
                at: file.position, setting: setting, "\(file.value) can't be read",
                remedy: "Give it to the user that Posthouse runs as: `chown \(Self.userID) \(file.value)`.")
        }
    }

    private static var userID: UInt32 { geteuid() }
}
