internal import Configuration
internal import Store
internal import YAML

/// `posthouse server …`.
enum ServerCommands {
    private static let name = Command.Positional(name: "SERVER", help: "the server's name")

    static let all = [
        Command(
            words: ["server", "add"], summary: "add an upstream mail server",
            details: """
                TLS is `implicit` (from the start), `starttls` or `none`; the port follows from it when it is not \
                written. An IPv6 address stands in brackets: [2001:db8::1]:993.
                """,
            positionals: [name], options: options,
            examples: [
                "posthouse server add example --imap imap.example.com --smtp smtp.example.com --smtp-tls starttls"
            ], run: add),
        Command(words: ["server", "list"], summary: "list the upstream servers", run: list),
        Command(
            words: ["server", "set"], summary: "change an upstream server",
            details: "Only what is given changes.", positionals: [name], options: options, run: set),
        Command(
            words: ["server", "remove"], summary: "remove a server that no account uses", positionals: [name],
            run: remove),
    ]

    private static let options = [
        Command.Option(name: "imap", value: "HOST[:PORT]", help: "where it speaks IMAP"),
        Command.Option(name: "imap-tls", value: "WORD", help: "implicit, starttls or none; default implicit"),
        Command.Option(name: "smtp", value: "HOST[:PORT]", help: "where it takes mail to send"),
        Command.Option(name: "smtp-tls", value: "WORD", help: "implicit, starttls or none; default implicit"),
        Command.Option(name: "ca-file", value: "FILE", help: "the authorities to trust, instead of the system's"),
        Command.Option(
            name: "verify-certificate", value: "YES|NO", help: "whether its certificate is verified; default yes"),
        Command.Option(name: "mechanism", value: "NAME", help: "how to sign in; default auto, the strongest offered"),
        Command.Option(name: "connections", value: "N", help: "IMAP connections for each account; default 4"),
        Command.Option(
            name: "download-per-day", value: "SIZE",
            help: "what each account may fetch by IMAP in a day (UTC), such as 2200MB; default none, no limit"),
        Command.Option(
            name: "upload-per-day", value: "SIZE",
            help: "what each account may save by IMAP in a day (UTC), such as 450MB; default none, no limit"),
        Command.Option(
            name: "saves-sent", value: "YES|NO",
            help: "whether it saves what it sends in Sent by itself, as Gmail and Microsoft 365 do; default no"),
    ]

    private static func add(_ invocation: Invocation) throws(Failure) {
        var server = Server(name: try invocation.value(word: "SERVER", .objectName("a server")))
        try change(&server, invocation)
        guard server.imap != nil || server.smtp != nil else {
            throw Invocation.usage("neither --imap nor --smtp is given", of: invocation.command)
        }
        let added = server
        try Workspace.with(invocation) { workspace throws(Failure) in
            try workspace.change { transaction throws(StoreError) in try transaction.add(added) }
            try report(added.name, in: workspace, invocation, done: "added server \(added.name)")
        }
    }

    private static func set(_ invocation: Invocation) throws(Failure) {
        let name = invocation.word("SERVER")
        try Workspace.with(invocation) { workspace throws(Failure) in
            guard var server = workspace.directory.server(named: name)?.value else {
                throw Failure(StoreError.noSuch(.server, name))
            }
            try change(&server, invocation)
            let changed = server
            try workspace.change { transaction throws(StoreError) in try transaction.update(changed) }
            try report(name, in: workspace, invocation, done: "changed server \(server.name)")
        }
    }

    private static func change(_ server: inout Server, _ invocation: Invocation) throws(Failure) {
        server.imap = try endpoint(server.imap, service: "imap", ports: .imap, invocation)
        server.smtp = try endpoint(server.smtp, service: "smtp", ports: .smtp, invocation)
        if let limit = try invocation.value("connections", .integer(in: 1...100)) { server.connectionLimit = limit }
        if let budget = try invocation.value("download-per-day", .dailyBudget) { server.dailyDownload = budget }
        if let budget = try invocation.value("upload-per-day", .dailyBudget) { server.dailyUpload = budget }
        if let flag = try invocation.value("saves-sent", .boolean) { server.savesSent = flag }
    }

    private static func endpoint(
        _ current: Server.Endpoint?, service: String, ports: Server.Ports, _ invocation: Invocation
    ) throws(Failure) -> Server.Endpoint? {
        let place = try invocation.value(service, .hostAndPort)
        let security = try invocation.value("\(service)-tls", .word(Server.Security.self))
        guard var endpoint = current ?? place.map({ Server.Endpoint(host: $0.host, port: 0, security: .implicit) })
        else {
            if security == nil { return nil }
            throw Invocation.usage("--\(service)-tls needs --\(service)", of: invocation.command)
        }
        if let security { endpoint.security = security }
        if let place { endpoint.host = place.host }
        if place != nil || security != nil { endpoint.port = place?.port ?? ports.usual(for: endpoint.security) }
        if let file = invocation.option("ca-file") {
            endpoint.authorityFile = LocalPath.resolve(file, from: LocalPath.realDirectory(of: "."))
        }
        if let flag = try invocation.value("verify-certificate", .boolean) { endpoint.verifiesCertificate = flag }
        if let mechanism = try invocation.value("mechanism", .mechanism) { endpoint.mechanism = mechanism }
        return endpoint
    }

    private static func list(_ invocation: Invocation) throws(Failure) {
        try Workspace.with(invocation) { workspace throws(Failure) in
            let servers = workspace.directory.servers
            if invocation.wantsJSON { return try Terminal.print(json: servers.map(ServerView.init)) }
            var table = Table([
                "SERVER", "IMAP", "SMTP", "VERIFIED", "MECHANISM", "CONNECTIONS", "DOWN/DAY", "UP/DAY", "FROM",
            ])
            for server in servers {
                let endpoints = [server.imap, server.smtp].compactMap { $0 }
                table.add([
                    server.value.name, Texts.orDash(server.imap?.text), Texts.orDash(server.smtp?.text),
                    Texts.yesNo(endpoints.allSatisfy(\.verifiesCertificate)),
                    endpoints.compactMap(\.mechanism).first ?? "auto", "\(server.connectionLimit)",
                    Texts.orDash(server.dailyDownload.map(Texts.octets)),
                    Texts.orDash(server.dailyUpload.map(Texts.octets)), Texts.origin(server.origin),
                ])
            }
            Terminal.print(table.text)
        }
    }

    private static func remove(_ invocation: Invocation) throws(Failure) {
        let name = invocation.word("SERVER")
        try Workspace.with(invocation) { workspace throws(Failure) in
            try workspace.change { transaction throws(StoreError) in try transaction.removeServer(named: name) }
            try Terminal.report("removed server \(name)", ["removed": name], invocation)
        }
    }

    private static func report(
        _ name: String, in workspace: Workspace, _ invocation: Invocation, done: String
    ) throws(Failure) {
        guard let server = workspace.directory.server(named: name) else { return }
        try Terminal.report(done, ServerView(server), invocation)
    }
}

extension Server.Endpoint {
    /// `imap.example.com:993 implicit`.
    fileprivate var text: String {
        (host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)") + " \(security.rawValue)"
    }
}

/// A server in JSON.
private struct ServerView: Encodable {
    struct Endpoint: Encodable {
        let host: String
        let port: Int
        let tls: String
        let verifiesCertificate: Bool
        let authorityFile: String?
        let mechanism: String

        init(_ endpoint: Server.Endpoint) {
            host = endpoint.host
            port = Int(endpoint.port)
            tls = endpoint.security.rawValue
            verifiesCertificate = endpoint.verifiesCertificate
            authorityFile = endpoint.authorityFile
            mechanism = endpoint.mechanism ?? "auto"
        }
    }

    let name: String
    let imap: Endpoint?
    let smtp: Endpoint?
    let connectionLimit: Int
    /// Octets; nil for no limit.
    let downloadPerDay: Int?
    let uploadPerDay: Int?
    let savesSent: Bool
    let origin: String

    init(_ server: Stored<Server>) {
        name = server.value.name
        imap = server.imap.map(Endpoint.init)
        smtp = server.smtp.map(Endpoint.init)
        connectionLimit = server.connectionLimit
        downloadPerDay = server.dailyDownload
        uploadPerDay = server.dailyUpload
        savesSent = server.savesSent
        origin = server.origin.rawValue
    }
}
