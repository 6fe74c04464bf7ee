package import Loop

/// A wall clock that begins at noon (UTC), goes on as the machine's does, and is put forward by a test.
package final class MovableClock: Sendable {
    private static let day: Int64 = 86_400
    private let offset: Locked<Int64>

    package init() {
        let now = WallClock.system.now.seconds
        offset = Locked(Self.day / 2 - now % Self.day)
    }

    /// What is injected.
    package var clock: WallClock {
        WallClock { [offset] in
            let now = WallClock.system.now
            return WallClock.Time(seconds: now.seconds + offset.withLock { $0 }, nanoseconds: now.nanoseconds)
        }
    }

    package func advance(seconds: Int64) { offset.withLock { $0 += seconds } }
    package func nextDay() { advance(seconds: Self.day) }
}

/// A log that a test reads.
package final class LogLines: Sendable {
    private let lines = Locked<[String]>([])

    package init() {}

    package var log: Log {
        Log(
            Log.Output(level: .info, format: .text) { [lines] line in
                lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            })
    }

    /// The lines so far that contain `text`.
    package func containing(_ text: String) -> [String] { lines.withLock { $0 }.filter { $0.contains(text) } }
}
