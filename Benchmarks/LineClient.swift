import Bytes
import Loop
import TLS

/// A client as cheap as it gets: one connection of the loop, lines that are looked at in place, literals that are
/// counted and dropped.
final class LineClient {
    let connection: Connection
    private let loop: EventLoop
    /// Octets of literals that have been received and dropped.
    private(set) var literalOctets = 0
    /// The last untagged line that is of no single message, without its end.
    private(set) var lastUntagged = ""
    private var tag = 0

    /// How long any single answer may take.
    static let patience: Duration = .seconds(120)

    /// Connects to a port of 127.0.0.1, with TLS from the start or, with `startTLS`, after the words that ask for it.
    static func connect(
        to port: UInt16, tls: ClientTLS, startTLS: StartTLS? = nil, on loop: EventLoop
    ) async throws -> LineClient {
        let deadline = loop.now + patience
        let socket = try await Socket.connect(to: .loopback(port: port), until: deadline, on: loop)
        let client = LineClient(try Connection(socket, on: loop), on: loop)
        switch startTLS {
        case nil:
            try await client.connection.startTLS(client: tls, host: "localhost", until: deadline)
            _ = try await client.line()
        case .smtp:
            _ = try await client.reply()
            try await client.expect(250, "EHLO benchmark")
            try await client.expect(220, "STARTTLS")
            try await client.connection.startTLS(client: tls, host: "localhost", until: deadline)
        }
        return client
    }

    /// The protocol that asks for TLS.
    enum StartTLS: Sendable {
        case smtp
    }

    private init(_ connection: Connection, on loop: EventLoop) {
        self.connection = connection
        self.loop = loop
    }

    /// Ends the connection.
    func close() { connection.close() }

    // MARK: Lines

    /// The next line, its CRLF included; literals in it are dropped, and `{n}` is where the line is broken off.
    func line() async throws -> [UInt8] {
        while true {
            if let end = connection.input.firstOffset(of: 10) { return connection.input.take(end + 1) }
            try await connection.receiveMore(until: loop.now + Self.patience)
        }
    }

    private func drop(_ count: Int) async throws {
        var left = count
        while left > 0 {
            let present = min(left, connection.input.count)
            connection.input.drop(present)
            left -= present
            if left > 0 { try await connection.receiveMore(until: loop.now + Self.patience) }
        }
        literalOctets += count
    }

    // MARK: IMAP

    /// Sends a command and reads up to its tagged answer, which must be OK. Gives the number of untagged lines.
    @discardableResult
    func imap(_ command: String) async throws -> Int {
        tag += 1
        let prefix = Array("t\(tag) ".utf8)
        connection.output.append(contentsOf: prefix)
        connection.output.append(text: command)
        connection.output.append(text: "\r\n")
        try connection.send()
        var untagged = 0
        var last: [UInt8] = []
        defer { lastUntagged = String(decoding: last.dropLast(2), as: UTF8.self) }
        while true {
            // Most lines are of one message and end in no literal: they are dropped where they lie.
            while let end = connection.input.firstOffset(of: 10), end > 4, connection.input[0] == UInt8(ascii: "*"),
                connection.input[2] <= UInt8(ascii: "9"), connection.input[end - 2] != UInt8(ascii: "}")
            {
                untagged += 1
                connection.input.drop(end + 1)
            }
            let line = try await line()
            if line.first == UInt8(ascii: "*") { untagged += 1 }
            if let count = Self.literal(line) {
                try await drop(count)
            } else if line.starts(with: prefix) {
                guard line[prefix.count...].starts(with: Array("OK".utf8)) else {
                    throw Failure("\(command): \(String(decoding: line, as: UTF8.self))")
                }
                return untagged
            } else if line.first == UInt8(ascii: "*") {
                last = line
            }
        }
    }

    /// LOGIN and SELECT.
    func open(_ mailbox: String, user: String, password: String) async throws {
        try await imap("LOGIN \"\(user)\" \"\(password)\"")
        try await imap("SELECT \(mailbox)")
    }

    /// APPEND of messages all at once, with non-synchronising literals.
    func append(_ messages: [[UInt8]], to mailbox: String) async throws {
        tag += 1
        connection.output.append(text: "t\(tag) APPEND \(mailbox)")
        for message in messages {
            connection.output.append(text: " {\(message.count)+}\r\n")
            connection.output.append(contentsOf: message)
        }
        connection.output.append(text: "\r\n")
        try await connection.flush(until: loop.now + Self.patience)
        let prefix = Array("t\(tag) ".utf8)
        while true {
            let line = try await line()
            guard line.starts(with: prefix) else { continue }
            guard line[prefix.count...].starts(with: Array("OK".utf8)) else {
                throw Failure("APPEND: \(String(decoding: line, as: UTF8.self))")
            }
            return
        }
    }

    /// IDLE, up to the server's consent.
    func idle() async throws {
        connection.output.append(text: "idle IDLE\r\n")
        try connection.send()
        while try await line().first != UInt8(ascii: "+") {}
    }

    /// The count in `{n}` at the end of a line.
    private static func literal(_ line: [UInt8]) -> Int? {
        guard line.count > 4, line[line.count - 3] == UInt8(ascii: "}") else { return nil }
        var (value, scale, index) = (0, 1, line.count - 4)
        while index >= 0, line[index] >= 48, line[index] <= 57 {
            value += Int(line[index] - 48) * scale
            scale *= 10
            index -= 1
        }
        return index >= 0 && line[index] == UInt8(ascii: "{") && scale > 1 ? value : nil
    }

    // MARK: SMTP

    /// Sends a line and reads the reply, which must have this code.
    func expect(_ code: Int, _ command: String) async throws {
        connection.output.append(text: command)
        connection.output.append(text: "\r\n")
        try connection.send()
        let (found, text) = try await reply()
        guard found == code else { throw Failure("\(command): \(text)") }
    }

    /// The next reply: its code and its last line.
    func reply() async throws -> (Int, String) {
        while true {
            let line = try await line()
            guard line.count > 3 else { throw Failure("no reply") }
            if line[3] == UInt8(ascii: "-") { continue }
            let code = line[..<3].reduce(0) { $0 * 10 + Int($1) - 48 }
            return (code, String(decoding: line, as: UTF8.self))
        }
    }

    /// MAIL, RCPT and DATA, each answer awaited, as clients without PIPELINING do.
    func submit(_ message: [UInt8], from: String, to recipient: String) async throws {
        try await expect(250, "MAIL FROM:<\(from)>")
        try await expect(250, "RCPT TO:<\(recipient)>")
        try await expect(354, "DATA")
        connection.output.append(contentsOf: message)
        connection.output.append(text: ".\r\n")
        try await connection.flush(until: loop.now + Self.patience)
        let (code, text) = try await reply()
        guard code == 250 else { throw Failure("DATA: \(text)") }
    }
}
