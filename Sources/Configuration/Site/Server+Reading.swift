internal import SASL
package import Store
package import YAML

extension Server {
    /// Reads what stands below a server's name.
    init?(_ name: String, _ reader: MappingReader, directory: String) {
        let imap = reader.section("imap").flatMap { Endpoint($0, ports: .imap, directory: directory) }
        let smtp = reader.section("smtp").flatMap { Endpoint($0, ports: .smtp, directory: directory) }
        let limit = reader.value(
            "connections-per-account", .integer(in: 1...100), default: Server.defaultConnectionLimit)
        let download = reader.value("download-per-day", .dailyBudget) ?? nil
        let upload = reader.value("upload-per-day", .dailyBudget) ?? nil
        let savesSent = reader.value("saves-sent", .boolean, default: false)
        if !reader.has("imap"), reader.has("smtp") {
            for key in ["download-per-day", "upload-per-day", "saves-sent"] where reader.has(key) {
                reader.report(key, "has no use without `imap`", remedy: "Remove it, or write `imap:` as well.")
            }
        }
        if !reader.has("imap"), !reader.has("smtp") {
            reader.report(
                "imap", "the server has neither `imap` nor `smtp`", remedy: "Write `imap:` with `host:` below it.")
        }
        reader.finish()
        self.init(
            name: name, imap: imap, smtp: smtp, connectionLimit: limit, dailyDownload: download, dailyUpload: upload,
            savesSent: savesSent)
    }

    /// The registered ports of a service (RFC 8314 §7, RFC 6409 §3.1).
    package struct Ports: Sendable {
        let implicit: UInt16
        let plain: UInt16

        package static let imap = Ports(implicit: 993, plain: 143)
        package static let smtp = Ports(implicit: 465, plain: 587)

        /// The port when none is written.
        package func usual(for security: Security) -> UInt16 { security == .implicit ? implicit : plain }
    }
}

/// A host with or without a port.
package struct HostAndPort: Hashable, Sendable {
    package let host: String
    package let port: UInt16?
}

extension ScalarKind<HostAndPort> {
    /// `imap.example.com`, `imap.example.com:993`, `[2001:db8::1]:993`.
    package static var hostAndPort: ScalarKind<HostAndPort> {
        ScalarKind<String>.text("HOST or HOST:PORT, an IPv6 address in brackets", limit: 300)
            .map { text throws(ScalarRefusal) in
                let refusal = ScalarRefusal(
                    "`\(text)` is neither HOST nor HOST:PORT",
                    remedy: "Write imap.example.com, imap.example.com:993 or [2001:db8::1]:993.")
                var host = text[...]
                var port: UInt16?
                let bracket = text.hasPrefix("[") ? text.lastIndex(of: "]") : nil
                if let colon = text.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
                    guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else { throw refusal }
                    port = number
                    host = text[..<colon]
                }
                if bracket != nil { host = host.dropFirst().dropLast() }
                let name = String(host)
                guard bracket == nil ? HostName.isValid(name) : HostName.isNumeric(name) else { throw refusal }
                return HostAndPort(host: name, port: port)
            }
    }
}

extension Server.Endpoint {
    fileprivate init?(_ reader: MappingReader, ports: Server.Ports, directory: String) {
        let host = reader.required("host", .host)
        let security = reader.value("tls", .word(Server.Security.self), default: .implicit)
        let port = reader.value("port", .integer(in: 1...65535), default: Int(ports.usual(for: security)))
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

extension ScalarKind<Int?> {
    /// Octets that an account may exchange in a day, such as `2500MB`, or `none` for no limit.
    package static var dailyBudget: Self {
        let range = 1 << 20...1 << 40
        let size = ScalarKind<Int>.byteSize(in: range)
        let expectation =
            "a size from \(SettingText.size(range.lowerBound)) to \(SettingText.size(range.upperBound)), such as 2500MB, "
            + "or none"
        return ScalarKind(expectation) { scalar throws(ScalarRefusal) in
            if scalar.text == "none" { return nil }
            do throws(ScalarRefusal) { return try size.read(scalar) } catch {
                throw ScalarRefusal(error.message, remedy: "Write \(expectation).")
            }
        }
    }
}

extension ScalarKind<String?> {
    /// A SASL mechanism, or `auto` for the strongest that is offered.
    package static var mechanism: Self {
        .word([("auto", nil)] + SASLMechanism.allCases.map { ($0.rawValue, $0.rawValue) })
    }
}
