import Loop
import Testing

@Suite("Log")
struct LogTests {
    private func lines(
        _ format: Log.Format, level: Log.Level = .debug, _ body: (Log) -> Void
    ) -> [String] {
        let written = Locked<[String]>([])
        let clock = WallClock { WallClock.Time(seconds: 1_769_860_800, nanoseconds: 123_456_789) }
        body(
            Log(
                Log.Output(level: level, format: format, clock: clock) { line in
                    written.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                }))
        return written.withLock { $0 }
    }

    @Test("A plain line")
    func plain() {
        let lines = lines(.text) {
            $0.with(["session": 7]).info("signed in", ["user": "alice", "peer": "a b", "empty": "", "ok": true])
        }
        #expect(
            lines == [
                "2026-01-31T12:00:00.123Z info signed in session=7 user=alice peer=\"a b\" empty=\"\" ok=true\n"
            ])
    }

    @Test("A JSON line")
    func json() {
        let lines = lines(.json) { $0.error("it \"broke\"", ["count": 3, "ratio": 0.5, "on": false, "who": "Zoë\\"]) }
        #expect(
            lines == [
                #"{"time":"2026-01-31T12:00:00.123Z","level":"error","text":"it \"broke\"","#
                    + #""count":3,"ratio":0.5,"on":false,"who":"Zoë\\"}"# + "\n"
            ])
    }

    @Test("What strangers send stays on one line and commands no terminal", arguments: [Log.Format.text, .json])
    func escapes(format: Log.Format) {
        let lines = lines(format) { $0.notice("input", ["line": "a\r\nb\t\u{1B}[31m\u{9B}x\u{2028}\u{0}\u{7F}"]) }
        #expect(lines.count == 1)
        #expect(lines[0].hasSuffix("\n"))
        let controls = lines[0].unicodeScalars.dropLast().filter { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }
        #expect(controls.isEmpty)
        #expect(lines[0].contains(#"a\r\nb\t\u001b[31m\u009bx\u2028\u0000\u007f"#))
    }

    @Test("An endless value is cut")
    func cuts() {
        let lines = lines(.text) { $0.info("long", ["value": String(repeating: "x", count: 100_000)]) }
        #expect(lines[0].utf8.count < 1200)
        #expect(lines[0].contains("…"))
    }

    @Test("Levels below the set one are neither written nor computed")
    func levels() {
        let lines = lines(.text, level: .warning) { log in
            log.info(
                "no",
                [
                    "x": {
                        Issue.record("computed")
                        return 1
                    }()
                ])
            log.warning("yes")
            log.output.level = .error
            log.warning("no more")
            log.error("still")
        }
        #expect(lines.map { $0.split(separator: " ")[1] } == ["warning", "error"])
    }

    @Test("Counters are found again and listed in order")
    func counters() {
        let counters = Counters()
        counters.counter("b").add()
        counters.counter("a", labels: "x=\"2\"").add(5)
        counters.counter("a", labels: "x=\"1\"").set(7)
        counters.counter("b").add(2)
        #expect(
            counters.sorted.map { "\($0.name){\($0.labels)} \($0.value)" } == ["a{x=\"1\"} 7", "a{x=\"2\"} 5", "b{} 3"])
    }
}
