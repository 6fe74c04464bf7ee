import Foundation
import TestKit

/// A second Dovecot that does nothing but pass sessions on to the first one: the peer for what a proxy costs.
final class DovecotProxy {
    private let provider: Provider
    let load: Load
    var port: UInt16 { provider.imapsPort }

    /// Starts one in front of the bench's Dovecot. Both speak TLS, as Posthouse and its provider do.
    init(of bench: Bench) async throws {
        provider = try await Provider(in: bench.directory("proxy"))
        try await provider.startDovecot(
            extra: """
                log_path = /dev/null
                service imap-login {
                  service_count = 0
                  client_limit = 1000
                  process_min_avail = 2
                }
                passdb {
                  driver = static
                  args = proxy=y host=127.0.0.1 port=\(bench.provider.imapsPort) ssl=any-cert nopassword=y
                }
                """)
        load = try Load(sharing: bench.direct.loop, authority: provider.certificates.authority)
    }

    /// Processor seconds that it has used, its login processes included.
    var cpuSeconds: Double {
        let text = FileManager.default.contents(atPath: "\(provider.directory)/dovecot/run/master.pid") ?? Data()
        let number = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return Int32(number).map { Process.cpuSecondsOfFamily($0) } ?? 0
    }

    func tearDown() async { await provider.kill() }
}
