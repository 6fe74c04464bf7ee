internal import SASL
internal import Store
internal import YAML

extension Server {
    /// Reads what stands below a server's name.
    init?(_ name: String, _ reader: MappingReader, directory: String) {
        let imap = reader.section("imap").flatMap { Endpoint($0, ports: .imap, directory: directory) }
        let smtp = reader.section("smtp").flatMap { Endpoint($0, ports: .smtp, directory: directory) }
        let limit = reader.value(
            "connections-per-account", .integer(in: 1...100), default: Server.defaultConnectionLimit)
        if !reader.has("imap"), !reader.has("smtp") {
            reader.report(
                "imap", "the server has neither `imap` nor `smtp`", remedy: "Write `imap:` with `host:` below it.")
        }
        reader.finish()
        self.init(name: name, imap: imap, smtp: smtp, connectionLimit: limit)
    }

    /// The registered ports of a service (RFC 8314 §7, RFC 6409 §3.1).
    struct Ports {
        let implicit: UInt16
        let plain: UInt16

        static let imap = Ports(implicit: 993, plain: 143)
        static let smtp = Ports(implicit: 465, plain: 587)
    }
}

extension Server.Endpoint {
    fileprivate init?(_ reader: MappingReader, ports: Server.Ports, directory: String) {
        let host = reader.required("host", .host)
        let security = reader.value("tls", .word(Server.Security.self), default: .implicit)
        let usual = security == .implicit ? ports.implicit : ports.plain
        let port = reader.value("port", .integer(in: 1...65535), default: Int(usual))
        let authorityFile = reader.value("ca-file", .path(from: directory))
        let verifies = reader.value("verify-certificate", .boolean, default: true)
        let mechanism = reader.value("mechanism", .mechanism) ?? nil
        let connectTimeout = reader.value(
            "connect-time", .duration(in: .seconds(1)...(.seconds(600))),
            default: .seconds(Self.defaultConnectTimeout))
        let replyTimeout = reader.value(
            "reply-time", .duration(in: .seconds(1)...(.seconds(3600))), default: .seconds(Self.defaultReplyTimeout))
        if security == .none, authorityFile != nil {
            reader.report("ca-file", "has no use with `tls: none`", remedy: "Remove it, or switch TLS on.")
        }
        reader.finish()
        guard let host else { return nil }
        self.init(
            host: host, port: UInt16(port), security: security, authorityFile: authorityFile,
            verifiesCertificate: verifies, mechanism: mechanism,
            connectTimeout: Int(connectTimeout.components.seconds),
            replyTimeout: Int(replyTimeout.components.seconds))
    }
}

extension ScalarKind<String?> {
    /// A SASL mechanism, or `auto` for the strongest that is offered.
    static var mechanism: Self {
        .word([("auto", nil)] + SASLMechanism.allCases.map { ($0.rawValue, $0.rawValue) })
    }
}
