import Engine
import Foundation
import Loop
import TestKit
import Testing

/// Where a message is kept while it comes in.
@Suite struct SpoolTests {
    private func with(_ body: (WorkerPool, TemporaryDirectory) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let pool = try WorkerPool(threads: 2)
        defer { pool.stop() }
        try await body(pool, directory)
    }

    /// Files in the directory that this process has open, those without a name too.
    private func openFiles(in directory: TemporaryDirectory) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
            return target?.hasPrefix(directory.path) == true
        }
    }

    @Test(arguments: [0, 5000, Spool.memoryLimit + 1, 2_000_000], [1, 4000, 16_384, 70_000])
    func givesBackWhatItTook(expected: Int, piece: Int) async throws {
        try await with { pool, directory in
            let spool = Spool(directory: directory.path, limit: 1_000_000, expecting: expected, pool: pool)
            let octets = (0..<(piece * 9 + 11)).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) }
            for start in stride(from: 0, to: octets.count, by: piece) {
                try await spool.append(Array(octets[start..<min(start + piece, octets.count)]))
            }
            #expect(spool.count == octets.count)
            #expect(try await spool.readAll() == octets)
            for start in [0, 1, piece - 1, octets.count / 2, octets.count - 1, octets.count, octets.count + 5] {
                let range = start..<(start + piece + 3)
                #expect(try await spool.read(range) == Array(octets[range.clamped(to: 0..<octets.count)]))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
        }
    }

    /// What is announced as large never waits in memory until it is.
    @Test func whatWillBeLargeGoesToItsFileSoon() async throws {
        try await with { pool, directory in
            let small = Spool(directory: directory.path, limit: 1_000_000, expecting: 100_000, pool: pool)
            let large = Spool(directory: directory.path, limit: 1_000_000, expecting: 900_000, pool: pool)
            let piece = [UInt8](repeating: 7, count: 10_000)
            for spool in [small, large] {
                try await spool.append(piece)
                #expect(try openFiles(in: directory) == 0)
            }
            for _ in 0..<3 { try await small.append(piece) }
            #expect(try openFiles(in: directory) == 0)
            try await large.append(piece)
            #expect(try openFiles(in: directory) == 1)
        }
    }

    @Test func keepsItsLimit() async throws {
        try await with { pool, directory in
            let spool = Spool(directory: directory.path, limit: 100, expecting: 1 << 40, pool: pool)
            try await spool.append([UInt8](repeating: 1, count: 100))
            await #expect(throws: EngineError.tooLarge(limit: 100)) { try await spool.append([1]) }
            #expect(try await spool.readAll().count == 100)
        }
    }
}
