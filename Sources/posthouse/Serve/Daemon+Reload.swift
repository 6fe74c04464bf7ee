internal import Configuration
internal import Engine
internal import Loop
internal import OAuth
internal import Store
internal import TLS
internal import Vault
internal import YAML

/// Taking over changed files while sessions go on, and telling the log what is wrong with them.
extension Daemon {
    /// Reads configuration, site file and certificate again. With a mistake in any of them everything stays as it was.
    func reload() async {
        notice.reloading()
        defer { notice.ready() }
        log.info("reloading")
        do {
            try await pool.run { self.takeOver() }
        } catch {
            log.error("the files can't be read now", ["reason": "\(error)"])
            return
        }
        await engine.reload()
    }

    /// The part of it that blocks.
    private func takeOver() {
        let reading = SiteApplication.read(configurationPath, directory: store.directory)
        var problems = reading.problems
        if let settings = reading.settings { problems += CheckCommand.machineProblems(of: settings) }
        Self.report(problems, to: log)
        guard let new = reading.settings, !problems.contains(where: { $0.severity == .error }) else {
            return log.error("the configuration has errors: everything stays as it was")
        }
        if let tls, let certificate = new.process.certificate {
            do throws(TLSError) {
                try tls.reload(
                    certificateFile: certificate.chainFile.value, keyFile: certificate.keyFile.value,
                    clients: new.process.clientCertificates?.certificates)
            } catch {
                return log.error("the certificate can't be taken over: everything stays as it was", ["reason": error])
            }
        }
        if let site = new.site {
            do throws(Failure) {
                Self.report(try SiteApplication.apply(site, to: store, vault: vault), of: site, to: log)
            } catch {
                return log.error(
                    "the site can't be applied: its objects stay as they were",
                    ["reason": error.message, "remedy": error.remedy])
            }
        }
        do throws(Failure) {
            try Self.follow(new.process.issuers, tokens)
        } catch {
            return log.error(
                "the issuers can't be taken over: they stay as they were",
                ["reason": error.message, "remedy": error.remedy])
        }
        log.output.level = new.process.log.level
        log.output.format = new.process.log.format
        let old = settings.withLock { settings in
            defer { settings = new.process }
            return settings
        }
        for setting in old.settingsForNextStart(comparedWith: new.process) {
            log.notice("a changed setting takes effect at the next start", ["setting": setting])
        }
        log.info("reloaded")
    }

    /// Has the tokens of these issuers believed, and of no others. Blocks.
    static func follow(_ issuers: [Located<ProcessSettings.Issuer>], _ tokens: BearerTokens) throws(Failure) {
        var secrets: [IssuerDescription: ClientSecret] = [:]
        for issuer in issuers {
            guard let file = issuer.value.clientSecretFile else { continue }
            do throws(PasswordFile.Failure) {
                secrets[issuer.value.description] = ClientSecret(Secret(try PasswordFile.read(file.value)))
            } catch { throw Failure(.configuration, "\(error)", remedy: error.remedy) }
        }
        tokens.follow(issuers.map(\.value.description)) { secrets[$0] }
    }

    // MARK: Telling the log

    static func report(_ problems: [Problem], to log: Log) {
        for problem in problems {
            let place = problem.position.map { "\(problem.file):\($0)" } ?? problem.file
            switch problem.severity {
            case .error:
                log.error(
                    "error in the configuration",
                    ["place": place, "setting": problem.setting, "problem": problem.message, "remedy": problem.remedy])
            case .warning:
                log.warning(
                    "doubt about the configuration",
                    ["place": place, "setting": problem.setting, "problem": problem.message, "remedy": problem.remedy])
            }
        }
    }

    static func report(_ changes: SiteChanges, of site: Site, to log: Log) {
        for change in changes.changes {
            log.info(
                "site applied",
                ["change": change.action.rawValue, "kind": change.kind.rawValue, "name": change.name])
        }
        if changes.isEmpty { log.info("the site is as it was", ["file": site.file]) }
    }

    /// The failure of a start, with every problem told before it: in the log once there is one, else as `check` does.
    static func refusal(_ problems: [Problem], log: Log?) -> Failure {
        if let log {
            report(problems, to: log)
        } else {
            for problem in problems { Terminal.complain("\(problem)") }
        }
        let count = problems.count { $0.severity == .error }
        return Failure(
            .configuration, "\(count) \(count == 1 ? "error" : "errors") in the configuration",
            remedy: "`posthouse check` tells more about each.")
    }
}

extension ProcessSettings {
    /// The names of changed settings that a running daemon can't take over.
    fileprivate func settingsForNextStart(comparedWith new: ProcessSettings) -> [String] {
        var names: [String] = []
        if listeners.map(\.value) != new.listeners.map(\.value) { names.append("listeners") }
        if hostName != new.hostName { names.append("host-name") }
        if comment != new.comment { names.append("comment") }
        if administrator != new.administrator { names.append("administrator") }
        if dataDirectory.value != new.dataDirectory.value { names.append("data-directory") }
        if masterKeyFile.value != new.masterKeyFile.value { names.append("master-key-file") }
        if loopCount != new.loopCount { names.append("loops") }
        if limits != new.limits { names.append("limits") }
        if (certificate == nil) != (new.certificate == nil) { names.append("certificate") }
        if allowsInsecureLoopbackSignIn != new.allowsInsecureLoopbackSignIn {
            names.append("allow-insecure-loopback-sign-in")
        }
        return names
    }
}
