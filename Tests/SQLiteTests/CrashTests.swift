import Glibc
import Loop
import SQLite
import Testing

@Suite struct CrashTests {
    /// A child process writes from three threads and is killed in the middle. Each job writes two rows; what was
    /// acknowledged, noted in a file, is there afterwards, and no job is there by half.
    @Test(arguments: [1, 40, 150])
    func killedInTheMiddleEveryAcknowledgedRowIsThere(afterAcknowledging count: Int) async throws {
        let scratch = Scratch()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String, count = count as Int] in
            let database = try Database(path: path + "/test.db", migrations: [Scratch.pairs])
            let acknowledged = Locked(0)
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<3 {
                    group.addTask {
                        let notes = open(path + "/acknowledged-\(writer)", O_CREAT | O_WRONLY | O_APPEND, 0o600)
                        for number in 1... {
                            let key = number * 10 + writer
                            let done: Void? = try? await database.write { connection throws(SQLiteError) in
                                try connection.execute("INSERT INTO pairs VALUES (?, ?)", [key, "\(key)"])
                                try connection.execute("INSERT INTO pairs VALUES (?, ?)", [-key, "\(-key)"])
                            }
                            guard done != nil else { return }
                            var line = Int64(key)
                            write(notes, &line, 8)
                            let total = acknowledged.withLock { total in
                                total += 1
                                return total
                            }
                            if total >= count { kill(getpid(), SIGKILL) }
                        }
                    }
                }
            }
        }
        let connection = try Connection(path: scratch.file("test.db"), access: .readWrite)
        let keys = Set(try connection.rows("SELECT key FROM pairs") { $0.int(0) })
        let acknowledged = (0..<3).flatMap { scratch.numbers(in: "acknowledged-\($0)") }
        #expect(acknowledged.count >= count)
        #expect(acknowledged.allSatisfy { keys.contains($0) })
        #expect(keys.allSatisfy { keys.contains(-$0) })
        #expect(try connection.firstRow("PRAGMA integrity_check") { $0.text(0) } == "ok")
    }
}

extension Scratch {
    /// The 64-bit numbers that were appended to a file here.
    func numbers(in name: String) -> [Int] {
        let descriptor = open(file(name), O_RDONLY)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var numbers: [Int] = []
        var number: Int64 = 0
        while read(descriptor, &number, 8) == 8 { numbers.append(Int(number)) }
        return numbers
    }
}
