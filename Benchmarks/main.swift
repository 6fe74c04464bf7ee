import TestKit

/// Runs the benchmarks that are named, or all, and ends with status 1 when one misses its target.
func benchmarks(_ names: [String]) async -> Bool {
    let all: [(name: String, upstream: Bench.Upstream, run: (Bench, inout Report) async throws -> Void)] = [
        ("noop", .dovecot, NoopBenchmark.run), ("fetch", .dovecot, FetchBenchmark.run),
        ("signin", .dovecot, SignInBenchmark.run), ("open", .dovecot, OpenBenchmark.run),
        ("distance", .distantDovecot, DistanceBenchmark.run), ("push", .dovecot, PushBenchmark.run),
        ("idle", .dovecot, IdleBenchmark.run), ("large", .script(LargeBenchmark.provider), LargeBenchmark.run),
        ("submission", .dovecot, SubmissionBenchmark.run), ("queued", .queue, QueuedBenchmark.run),
        ("relay", .sink(RelayBenchmark.manner), RelayBenchmark.run),
        ("relaymemory", .sink(RelayMemoryBenchmark.manner), RelayMemoryBenchmark.run),
    ]
    var report = Report()
    for (name, upstream, run) in all where names.isEmpty || names.contains(name) {
        report.say("--- \(name)")
        do {
            // Each with servers of its own, so that none is measured with what another has left behind.
            let bench = try await Bench(upstream)
            do {
                try await run(bench, &report)
            } catch {
                report.say("\(name) failed: \(error)\n\(bench.posthouse.tail())")
                report.fail(name)
            }
            await bench.tearDown()
        } catch {
            report.say("\(name) could not begin: \(error)")
            report.fail(name)
        }
    }
    report.say(report.missed.isEmpty ? "--- all targets met" : "--- missed: \(report.missed.joined(separator: "; "))")
    return report.missed.isEmpty
}

Output.end(status: await benchmarks(Array(CommandLine.arguments.dropFirst())) ? 0 : 1)
