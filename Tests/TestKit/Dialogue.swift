internal import Dispatch
internal import Foundation
internal import Glibc

/// A conversation with a line-oriented server over plain TCP or TLS, every wait bounded, everything kept for the failure
/// message. TLS is spoken by `openssl s_client`, so that the server's TLS meets somebody else's.
package final class Dialogue: @unchecked Sendable {
    /// How the connection is protected.
    package enum Security: Sendable {
        case none
        /// TLS from the first octet; the authority that must have signed, the name that must be in the certificate, and
        /// further options of `s_client`.
        case tls(authority: String, name: String = "localhost", options: [String] = [])
        /// TLS after the protocol's own STARTTLS, which is named as `s_client -starttls` names it.
        case startTLS(authority: String, name: String = "localhost", protocol: String, options: [String] = [])
    }

    /// How the server's lines are put together.
    package enum Grammar: Sendable {
        /// One line is one line.
        case lines
        /// A line that ends in a literal goes on after it (RFC 9051 §4.3).
        case imap
    }

    /// How long any one answer may take.
    package let patience: Duration
    /// Who speaks, for failure messages.
    package let name: String

    private let queue: DispatchQueue
    private let descriptor: Int32
    private let grammar: Grammar
    private let child: ChildProcess?
    private let errors: String?

    // What follows belongs to the queue.
    private var buffer: [UInt8] = []
    private var consumed = 0
    private var isClosed = false
    private var history: [String] = []
    private var sinceCommand: [(line: String, isTaken: Bool)] = []

    /// How many lines of the conversation a failure message shows.
    private static let shownLines = 60
    /// The longest line that is taken from a server, literals included.
    private static let longestLine = 64 << 20

    /// Connects to a port of 127.0.0.1.
    package init(
        _ name: String, port: UInt16, security: Security = .none, grammar: Grammar = .imap,
        patience: Duration = .seconds(20)
    ) throws {
        self.name = name
        self.patience = patience
        self.grammar = grammar
        queue = DispatchQueue(label: "dialogue \(name)")
        switch security {
        case .none:
            (child, errors) = (nil, nil)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            closeOnExec(descriptor)
            guard Port.withAddress(port, { connect(descriptor, $0, $1) == 0 }) else {
                let reason = String(cString: strerror(errno))
                Glibc.close(descriptor)
                throw RigFailure("\(name): cannot connect to port \(port): \(reason)")
            }
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        case .tls(let authority, let host, let options):
            (descriptor, child, errors) = try Self.secured(port, authority, host, options)
        case .startTLS(let authority, let host, let kind, let options):
            (descriptor, child, errors) = try Self.secured(port, authority, host, ["-starttls", kind] + options)
        }
    }

    deinit {
        if !isClosed { end() }
    }

    private static func secured(
        _ port: UInt16, _ authority: String, _ host: String, _ options: [String]
    ) throws -> (Int32, ChildProcess, String) {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw RigFailure("socketpair: \(String(cString: strerror(errno)))")
        }
        for end in ends { closeOnExec(end) }
        defer { Glibc.close(ends[1]) }
        var template = Array("/tmp/posthouse-XXXXXX".utf8CString)
        let log = mkstemp(&template)
        defer { Glibc.close(log) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try Reaper.shared.adopt(directory: path)
        let words = [
            "openssl", "s_client", "-quiet", "-verify_quiet", "-connect", "127.0.0.1:\(port)", "-servername", host,
            "-CAfile", authority, "-no-CApath", "-no-CAstore", "-verify_return_error", "-verify_hostname", host,
        ]
        let child = try ChildProcess(words + options, input: ends[1], output: ends[1], errors: log)
        return (ends[0], child, path)
    }

    // MARK: Speaking and listening

    /// Sends a line; CRLF is added.
    package func send(_ line: String) async throws {
        try await perform {
            $0.history.append("C: \(line)")
            $0.sinceCommand = []
            try $0.write(Array("\(line)\r\n".utf8))
        }
    }

    /// Sends octets as they are.
    package func send(octets: [UInt8]) async throws {
        try await perform {
            let shown = octets.count > 200 ? "(\(octets.count) octets)" : String(decoding: octets, as: UTF8.self)
            $0.history.append("C: \(shown.debugDescription)")
            try $0.write(octets)
        }
    }

    /// The next line without its CRLF; with the IMAP grammar the literals in it are part of it.
    package func line(within patience: Duration? = nil) async throws -> String {
        try await perform { try $0.readLine($0.deadline(patience)) }
    }

    /// The next line that contains `text`; those before it are passed over.
    @discardableResult
    package func line(containing text: String, within patience: Duration? = nil) async throws -> String {
        try await perform { dialogue in
            let deadline = dialogue.deadline(patience)
            while true {
                let line = try dialogue.readLine(deadline, "a line with “\(text)”")
                if line.contains(text) { return line }
            }
        }
    }

    /// The server ends the connection; what it still says before that is given.
    @discardableResult
    package func end(within patience: Duration? = nil) async throws -> [String] {
        try await perform { dialogue in
            let deadline = dialogue.deadline(patience)
            var lines: [String] = []
            while true {
                if let line = dialogue.takeLine() {
                    lines.append(line)
                    dialogue.history.append("S: \(line)")
                } else if try !dialogue.fill(deadline, "the end of the connection") {
                    return lines
                }
            }
        }
    }

    /// Nothing comes for so long.
    package func silence(_ duration: Duration) async throws {
        try await perform { dialogue in
            let deadline = ContinuousClock.now + duration
            while ContinuousClock.now < deadline {
                if let line = dialogue.takeLine() {
                    throw dialogue.failure("expected silence, not “\(line)”")
                }
                guard try dialogue.awaitInput(deadline) else { return }
                guard try dialogue.fill(deadline, "silence") else { throw dialogue.failure("the connection ended") }
            }
        }
    }

    /// Plays a transcript.
    ///
    /// - `C: line` is sent.
    /// - `S: pattern` matches a line that came since the last `C:`, in whatever order, each line once; the dialogue
    ///   waits for it. `…` stands for anything.
    /// - `N: pattern` must not match any line that came since the last `C:`.
    package func play(_ transcript: String, within patience: Duration? = nil) async throws {
        for row in transcript.split(separator: "\n", omittingEmptySubsequences: true) {
            let row = row.drop { $0 == " " }
            guard !row.isEmpty else { continue }
            let text = String(row.dropFirst(2).drop { $0 == " " })
            switch row.prefix(2) {
            case "C:": try await send(text)
            case "S:": try await expect(text, within: patience)
            case "N:": try await perform { try $0.refute(text) }
            default: throw RigFailure("not a line of a transcript: \(row)")
            }
        }
    }

    /// A line like `pattern` has come since the last command, or comes now.
    @discardableResult
    package func expect(_ pattern: String, within patience: Duration? = nil) async throws -> String {
        try await perform { dialogue in
            let deadline = dialogue.deadline(patience)
            let wanted = Pattern(pattern)
            if let index = dialogue.sinceCommand.firstIndex(where: { !$0.isTaken && wanted.matches($0.line) }) {
                dialogue.sinceCommand[index].isTaken = true
                return dialogue.sinceCommand[index].line
            }
            while true {
                let line = try dialogue.readLine(deadline, "S: \(pattern)")
                let isWanted = wanted.matches(line)
                dialogue.sinceCommand.append((line, isWanted))
                if isWanted { return line }
            }
        }
    }

    /// Ends the connection.
    package func close() async {
        try? await perform { $0.end() }
    }

    // MARK: On the queue

    private func perform<Value: Sendable>(_ work: @escaping @Sendable (Dialogue) throws -> Value) async throws -> Value
    {
        try await blocking(on: queue) { try work(self) }
    }

    private func deadline(_ patience: Duration?) -> ContinuousClock.Instant {
        ContinuousClock.now + (patience ?? self.patience)
    }

    private func refute(_ pattern: String) throws {
        let unwanted = Pattern(pattern)
        if let line = sinceCommand.first(where: { unwanted.matches($0.line) })?.line {
            throw failure("not wanted: “\(line)” (N: \(pattern))")
        }
    }

    private func readLine(_ deadline: ContinuousClock.Instant, _ what: String = "a line") throws -> String {
        while true {
            if let line = takeLine() {
                history.append("S: \(line.count > 500 ? "\(line.prefix(500))… (\(line.utf8.count) octets)" : line)")
                return line
            }
            guard try fill(deadline, what) else { throw failure("the connection ended before \(what)") }
        }
    }

    /// A complete line, if one is there.
    private func takeLine() -> String? {
        var start = consumed
        while let lineFeed = buffer[start...].firstIndex(of: 10) {
            var end = lineFeed
            if end > consumed, buffer[end - 1] == 13 { end -= 1 }
            if grammar == .imap, let count = literalCount(buffer[consumed..<end]) {
                start = lineFeed + 1 + count
                guard start <= buffer.count else { return nil }
                continue
            }
            defer {
                consumed = lineFeed + 1
                if consumed > 1 << 20 || consumed == buffer.count {
                    buffer.removeFirst(consumed)
                    consumed = 0
                }
            }
            return String(decoding: buffer[consumed..<end], as: UTF8.self)
        }
        return nil
    }

    /// The number in `{number}` at the end of a line.
    private func literalCount(_ line: ArraySlice<UInt8>) -> Int? {
        guard line.last == UInt8(ascii: "}"), let brace = line.lastIndex(of: UInt8(ascii: "{")) else { return nil }
        return Int(String(decoding: line[(brace + 1)...].dropLast(), as: UTF8.self))
    }

    /// Whether input, or the end of it, came before the deadline.
    private func awaitInput(_ deadline: ContinuousClock.Instant) throws -> Bool {
        while true {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = max(0, Int32(clamping: Int64((deadline - ContinuousClock.now) / .milliseconds(1))))
            let count = poll(&waiting, 1, left)
            if count > 0 { return true }
            if count == 0 { return false }
            guard errno == EINTR else { throw failure("poll: \(String(cString: strerror(errno)))") }
        }
    }

    /// Reads once; false at the end of the connection.
    private func fill(_ deadline: ContinuousClock.Instant, _ what: String) throws -> Bool {
        guard !isClosed else { throw failure("the connection is closed") }
        guard try awaitInput(deadline) else { throw failure("no answer in time; expected \(what)") }
        guard buffer.count < Self.longestLine else { throw failure("an endless line from the server") }
        let count = withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { chunk in
            let count = recv(descriptor, chunk.baseAddress, chunk.count, 0)
            if count > 0 { buffer.append(contentsOf: chunk[..<count]) }
            return count
        }
        return count > 0
    }

    private func write(_ octets: [UInt8]) throws {
        guard !isClosed else { throw failure("the connection is closed") }
        var sent = 0
        let deadline = ContinuousClock.now + patience
        while sent < octets.count {
            let count = octets.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, 50)
                guard ContinuousClock.now < deadline else { throw failure("the server takes no more") }
            } else {
                throw failure("cannot send: \(String(cString: strerror(errno)))")
            }
        }
    }

    private func end() {
        guard !isClosed else { return }
        isClosed = true
        Glibc.close(descriptor)
        child?.kill()
        if let errors {
            unlink(errors)
            Reaper.shared.release(directory: errors)
        }
    }

    private func failure(_ what: String) -> RigFailure {
        var text = "\(name): \(what)\n"
        for line in history.suffix(Self.shownLines) { text += "    \(line)\n" }
        if let errors, let data = FileManager.default.contents(atPath: errors), !data.isEmpty {
            text += "openssl: \(String(decoding: data, as: UTF8.self))"
        }
        return RigFailure(text)
    }
}
