internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import TLS

/// CAPABILITY, NOOP, LOGOUT, ID, STARTTLS and ENABLE (RFC 9051 §6.1, §6.2.1, §6.3.1; RFC 2971).
extension IMAPSession {
    /// Gmail's own stand among them where the upstream is Gmail, which has to be known first.
    func capability() async -> Reply {
        if let principal, selection == nil { await engine.meetUpstream(of: principal) }
        connection.output.append { (output) in output.appendCapability(capabilities) }
        return .ok("Capabilities listed")
    }

    /// Asks the upstream for news, unless somebody watches there anyway; they are told before the tagged line.
    func noop() async throws(Fault) -> Reply {
        if let selection { await selection.mailbox.refresh() }
        return .ok("Done")
    }

    func logout() -> Reply {
        sayBye("Goodbye", nil)
        return .ok("Logged out")
    }

    /// Longer values of a client's ID are cut in the log.
    private static let loggedLength = 64

    func identify(_ fields: [IDField]?) -> Reply {
        for field in fields ?? [] where field.name.equalsIgnoringASCIICase("name".utf8) {
            log.info("client", ["name": String(lossy: (field.value ?? []).prefix(Self.loggedLength))])
        }
        connection.output.append { (output) in
            output.appendID([IDField(name: Array("name".utf8), value: Array("Posthouse".utf8))])
        }
        return .ok("Pleased to meet you")
    }

    /// Nil: the tagged line has to go out before the handshake, so it is written here.
    func startTLS(_ tag: [UInt8]) async throws(Fault) -> Reply? {
        guard let tls = configuration.tls, offersTLS else {
            return .bad(connection.isEncrypted ? "TLS is in use already" : "TLS is not offered")
        }
        finish(tag, .ok("Begin TLS now"))
        do throws(ConnectionError) {
            try await connection.startTLS(server: tls, until: deadline)
        } catch { throw .connection(error) }
        engine.noteCertificate(of: connection)
        return nil
    }

    /// COMPRESS (RFC 4978 §3). Nil: the tagged line is the last that goes as it is, so it is written here.
    func compress(_ tag: [UInt8], _ algorithm: String) async throws(Fault) -> Reply? {
        guard algorithm == "DEFLATE" else { return .no("DEFLATE is the only algorithm") }
        guard !connection.isCompressed else { return .no("Compression is in use already", .compressionActive) }
        // What stands behind the command was sent before the client could know whether it is to be compressed.
        guard connection.input.isEmpty else { return .bad("Nothing may follow COMPRESS before its answer") }
        finish(tag, .ok("Compressed from here on"))
        do throws(ConnectionError) {
            try await connection.startCompression(until: now + configuration.limits.stallTime)
        } catch { throw .connection(error) }
        return nil
    }

    /// What changes nothing by being enabled is passed over (RFC 5161 §3.1).
    func enable(_ names: [String]) -> Reply {
        var enabled: [String] = []
        if names.contains("IMAP4REV2") {
            usesRev2 = true
            enabled.append("IMAP4rev2")
        }
        let wantsQuickResync = names.contains("QRESYNC")
        if names.contains("CONDSTORE") { enabled.append("CONDSTORE") }
        if wantsQuickResync { enabled.append("QRESYNC") }
        if names.contains("UTF8=ACCEPT") {
            usesUTF8 = true
            enabled.append("UTF8=ACCEPT")
        }
        if names.contains("UIDONLY") {
            usesUIDOnly = true
            enabled.append("UIDONLY")
        }
        connection.output.append { (output) in output.appendEnabled(enabled) }
        // RFC 7162 §3.2.3: QRESYNC implies CONDSTORE.
        if names.contains("CONDSTORE") || wantsQuickResync { enableCondStore() }
        usesQuickResync = usesQuickResync || wantsQuickResync
        return .ok("Enabled")
    }
}
