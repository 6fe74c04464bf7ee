internal import Loop
internal import TLS
package import YAML

extension ProcessSettings {
    /// Reads the root of a configuration file; nil when something that nothing can replace is missing.
    /// Everything wrong is in `problems`. Relative paths begin at `directory`.
    package init?(_ root: Node, file: String, directory: String, problems: ProblemList) {
        let reader = MappingReader(root, problems: problems)
        self.file = file
        hostName = reader.value("host-name", .host, default: SystemText.hostName)
        comment = reader.value("comment", .text("a few words on this server", limit: Self.commentLimit))
        administrator = reader.value("administrator", .contact)
        let dataDirectory = reader.requiredLocated("data-directory", .path(from: directory))
        let masterKeyFile = reader.requiredLocated("master-key-file", .path(from: directory))
        siteFile = reader.located("site-file", .path(from: directory))
        allowsInsecureLoopbackSignIn = reader.value("allow-insecure-loopback-sign-in", .boolean, default: false)
        listeners = Self.listeners(reader, problems: problems)
        certificate = reader.section("certificate").flatMap { Certificate($0, directory: directory) }
        clientCertificates = reader.section("client-certificates").flatMap {
            ClientCertificateSettings($0, directory: directory)
        }
        issuers = Self.issuers(reader, directory: directory, problems: problems)
        log = reader.section("log").map(LogSettings.init) ?? LogSettings()
        loopCount =
            reader.value(
                "loops", ScalarKind<Int?>.loops)
            ?? nil
        limits = reader.section("limits").map(LimitSettings.init) ?? LimitSettings()
        if let listener = listeners.first, !reader.has("certificate") {
            problems.report(
                at: listener.position, setting: "certificate",
                "is missing, and \(listener.value.service.rawValue) on \(listener.value.address) needs one",
                remedy: "Write `certificate:` with `chain-file:` and `key-file:` below it.")
        }
        if listeners.isEmpty, !reader.has("listeners") {
            problems.report(
                at: reader.position, setting: "listeners", "is missing",
                remedy: "Write a list of `{service: imaps, address: \"::\", port: 993}` and the like.")
        }
        reader.finish()
        guard let dataDirectory, let masterKeyFile else { return nil }
        self.dataDirectory = dataDirectory
        self.masterKeyFile = masterKeyFile
    }

    private static func listeners(_ reader: MappingReader, problems: ProblemList) -> [Located<Listener>] {
        var listeners: [Located<Listener>] = []
        for entry in reader.sections("listeners") {
            let service = entry.required("service", .word(Listener.Service.self))
            let address = entry.required("address", .numericAddress)
            let port = entry.value("port", .integer(in: 0...65535))
            entry.finish()
            guard let service, let address else { continue }
            let place = SocketAddress(address.host, port: port.map(UInt16.init) ?? service.registeredPort)
            if let earlier = listeners.first(where: { $0.value.address.collides(with: place) }) {
                problems.report(
                    at: entry.position, setting: entry.path,
                    "\(place) is taken by the listener in line \(earlier.position.line)",
                    remedy: "Give each listener an address and a port of its own.")
            }
            listeners.append(Located(Listener(service: service, address: place), at: entry.position))
        }
        return listeners
    }
}

extension SocketAddress {
    /// Whether the system lets only one of the two be listened on. Port 0 is a new one each time.
    fileprivate func collides(with other: SocketAddress) -> Bool {
        guard port == other.port, port != 0 else { return false }
        switch (host, other.host) {
        case (.v4(let left), .v4(let right)): return left == right || left == 0 || right == 0
        case (.v6, .v6): return host == other.host || isAny || other.isAny
        default: return false
        }
    }

    private var isAny: Bool {
        if case .v6(0, 0, _) = host { true } else { false }
    }
}

extension ProcessSettings.Certificate {
    fileprivate init?(_ reader: MappingReader, directory: String) {
        let chain = reader.requiredLocated("chain-file", .path(from: directory))
        let key = reader.requiredLocated("key-file", .path(from: directory))
        reader.finish()
        guard let chain, let key else { return nil }
        self.init(chainFile: chain, keyFile: key)
    }
}

extension ProcessSettings.ClientCertificateSettings {
    fileprivate init?(_ reader: MappingReader, directory: String) {
        let authority = reader.requiredLocated("authority-file", .path(from: directory))
        let revocation = reader.located("revocation-file", .path(from: directory))
        let naming = reader.required(
            "user", .word([("email", ClientCertificates.Naming.email), ("common-name", .commonName)]))
        reader.finish()
        guard let authority, let naming else { return nil }
        self.init(authorityFile: authority, revocationFile: revocation, naming: naming)
    }
}

extension ProcessSettings.LogSettings {
    fileprivate init(_ reader: MappingReader) {
        level = reader.value("level", .word(Log.Level.allCases.map { ($0.word, $0) }), default: .info)
        format = reader.value("format", .word([("text", .text), ("json", .json)]), default: .text)
        reader.finish()
    }
}

extension ScalarKind<SocketAddress> {
    /// An IPv4 or IPv6 address in numbers, the port left 0.
    static var numericAddress: Self {
        ScalarKind<String>.text("an address such as 127.0.0.1, 0.0.0.0 or \"::\"", limit: 64)
            .map { text throws(ScalarRefusal) in
                guard let address = SocketAddress(numeric: text, port: 0) else {
                    throw ScalarRefusal(
                        "`\(text)` is not an address in numbers",
                        remedy:
                            "Write 0.0.0.0 for all of IPv4, \"::\" for all of IPv6, or the address of one interface.")
                }
                return address
            }
    }
}

extension ScalarKind<Int?> {
    /// A number of event loops, or `auto`.
    static var loops: Self {
        let number = ScalarKind<Int>.integer(in: 1...256)
        return ScalarKind("auto, or \(number.expectation)") { scalar throws(ScalarRefusal) in
            if scalar.text == "auto" { return nil }
            return try number.read(scalar)
        }
    }
}
