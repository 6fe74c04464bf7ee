import TestKit

/// Waiting for work that has been put off, so that it does not fall into what is measured next.
enum Settling {
    /// Waits until the copies of all letters are saved: work that we have put off must not fall into Postfix's round.
    static func copied(_ bench: Bench, count: Int) async throws {
        let client = try await IMAPClient.connect("support", port: bench.provider.imapPort)
        try await client.ok("LOGIN \(Bench.account) \(Bench.accountPassword)")
        try await eventually("Sent has \(count) copies", within: .seconds(120)) {
            let status = try await client.command("STATUS Sent (MESSAGES)")
            return status.untagged.contains { $0.hasSuffix("(MESSAGES \(count))") }
        }
        try await client.logout()
    }

    /// Waits until Posthouse has noted where the copies are, and has used no processor time for half a second.
    static func idle(_ process: Int32) async throws {
        var (used, calm) = (Process.cpuSeconds(process), 0)
        try await eventually("Posthouse has nothing left to do", within: .seconds(120)) {
            let now = Process.cpuSeconds(process)
            calm = now == used ? calm + 1 : 0
            used = now
            return calm > 25
        }
    }

    /// Waits until Postfix has handed everything on, so that one round does not work off another's queue.
    static func delivered(_ bench: Bench) async throws {
        try await eventually(
            "Postfix's queue is empty", within: .seconds(120), holds: { !bench.provider.hasQueuedMail })
    }
}
