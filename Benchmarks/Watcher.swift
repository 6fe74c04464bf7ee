import Loop

/// A client that has a mailbox open in IDLE, as mail programs have. It lives on its load's loop.
final class Watcher: @unchecked Sendable {
    private let load: Load
    private let client: LineClient
    /// Messages in the mailbox, as far as it has heard.
    private var count: Int

    private init(_ load: Load, _ client: LineClient, count: Int) {
        self.load = load
        self.client = client
        self.count = count
    }

    /// Signs in, selects and idles.
    static func open(
        _ mailbox: String, _ load: Load, _ port: UInt16, _ user: String, _ password: String
    ) async throws -> Watcher {
        let opened = try await load.run(clients: 1) { [load] _ in
            let client = try await LineClient.connect(to: port, tls: load.tls, on: load.loop)
            try await client.open(mailbox, user: user, password: password)
            let watcher = Watcher(load, client, count: 0)
            try await client.idle()
            return watcher
        }
        guard let watcher = opened.first else { throw Failure("nobody watches \(mailbox)") }
        return watcher
    }

    /// Waits until it has been told of so many messages.
    func hear(of wanted: Int) async throws {
        _ = try await load.run(clients: 1) { [self] _ in
            while count < wanted {
                let words = String(decoding: try await client.line(), as: UTF8.self).split(separator: " ")
                if words.count > 2, words[2].hasPrefix("EXISTS"), let number = Int(words[1]) { count = number }
            }
        }
    }

    /// Ends the connection.
    func close() async throws {
        _ = try await load.run(clients: 1) { [self] _ in client.close() }
    }
}
