import Bytes
import Loop
import SMTPRig
import TLS
import TestKit

/// Resident memory for each submission session while it relays a message of 25 MB.
enum RelayMemoryBenchmark {
    static let sessions = 16
    static let size = 25_000_000
    /// How often it is looked how much memory there is.
    static let glance = Duration.milliseconds(5)
    /// Octets of the message that are put out at a time.
    private static let piece = 65_536

    /// Takes messages to their end and then puts them off, so that no copies are saved meanwhile.
    static var manner: MessageSink.Manner {
        var manner = RelayBenchmark.manner
        manner.answer = "451 4.3.0 Not now"
        return manner
    }

    static func run(_ bench: Bench, _ report: inout Report) async throws {
        guard let process = bench.posthouse.processID else { throw Failure("posthouse does not run") }
        let letter = Bench.letter(1, size: size, from: "Support <\(Bench.address)>")
        // One first, so that what is needed once is there.
        _ = try await peak(1, letter, bench, process)
        try await Settling.idle(process)
        let before = Process.residentKibibytes(process)
        let peak = try await peak(sessions, letter, bench, process)
        report.say("  resident memory \(before) KiB before, \(peak) KiB at most while \(sessions) messages are relayed")
        report.atMost(
            "memory of a session that relays 25 MB", Double(peak - before) / Double(sessions), 2048, unit: "KiB")
    }

    /// The most memory that there was while so many sessions relayed the letter.
    private static func peak(
        _ sessions: Int, _ letter: [UInt8], _ bench: Bench, _ process: Int32
    ) async throws -> Int {
        let line = StartingLine(sessions + 1)
        let ended = Locked(0)
        let through = SubmissionBenchmark.through(bench)
        let loop = bench.through.loop
        return try await bench.through.run(clients: sessions + 1) { number in
            guard number < sessions else {
                await line.arrive()
                var most = 0
                while ended.withLock({ $0 }) < sessions, await loop.sleep(until: loop.now + glance) {
                    most = max(most, Process.residentKibibytes(process))
                }
                return most
            }
            defer { ended.withLock { $0 += 1 } }
            let client = try await through.signIn()
            await line.arrive()
            try await relay(letter, client, loop)
            client.close()
            return 0
        }.max() ?? 0
    }

    private static func relay(_ letter: [UInt8], _ client: LineClient, _ loop: EventLoop) async throws {
        try await client.expect(250, "MAIL FROM:<\(Bench.address)> SIZE=\(letter.count)")
        try await client.expect(250, "RCPT TO:<\(SubmissionLoad.recipient)>")
        try await client.expect(354, "DATA")
        for start in stride(from: 0, to: letter.count, by: piece) {
            client.connection.output.append(contentsOf: letter[start..<min(start + piece, letter.count)])
            try await client.connection.flush(below: piece, until: loop.now + LineClient.patience)
        }
        client.connection.output.append(text: ".\r\n")
        try await client.connection.flush(until: loop.now + LineClient.patience)
        let (code, text) = try await client.reply()
        guard code == 451 else { throw Failure("DATA: \(text)") }
        try await client.expect(221, "QUIT")
    }
}
