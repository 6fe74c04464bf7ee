import Bytes
import Loop
import TLS

/// Letters of 8 KB to one submission server, and how many a second it takes.
struct SubmissionLoad: Sendable {
    /// Octets of a letter.
    static let size = 8192

    let load: Load
    let port: UInt16
    /// Nil for TLS from the start.
    let startTLS: LineClient.StartTLS?
    let user: String
    let password: String

    /// Letters a second over so many connections at once, from the moment when all have signed in until the last letter
    /// is accepted. Every answer is awaited.
    func letters(_ count: Int, over connections: Int) async throws -> Double {
        let line = StartingLine(connections)
        let each = count / connections
        let ends = try await load.run(clients: connections) { [self] number in
            let client = try await signIn()
            let made = (0..<each).map { Self.letter(number * each + $0) }
            await line.arrive()
            for letter in made { try await client.submit(letter, from: Bench.address, to: Self.recipient) }
            let end = MonotonicTime.now
            try await client.expect(221, "QUIT")
            client.close()
            return end
        }
        let last = ends.max() ?? .now
        return Double(each * connections) / (Double(last.nanoseconds - line.start.nanoseconds) / 1e9)
    }

    /// Letters a second when each has a connection of its own, so many at once: TLS and AUTH are part of what is measured.
    func sessions(_ count: Int, over connections: Int) async throws -> Double {
        let line = StartingLine(connections)
        let each = count / connections
        let ends = try await load.run(clients: connections) { [self] number in
            let made = (0..<each).map { Self.letter(number * each + $0) }
            await line.arrive()
            for letter in made {
                let client = try await signIn()
                try await client.submit(letter, from: Bench.address, to: Self.recipient)
                try await client.expect(221, "QUIT")
                client.close()
            }
            return MonotonicTime.now
        }
        let last = ends.max() ?? .now
        return Double(each * connections) / (Double(last.nanoseconds - line.start.nanoseconds) / 1e9)
    }

    /// A client that has signed in.
    func signIn() async throws -> LineClient {
        let client = try await LineClient.connect(to: port, tls: load.tls, startTLS: startTLS, on: load.loop)
        try await client.expect(250, "EHLO benchmark")
        let token = Base64.encode("\0\(user)\0\(password)".utf8)
        try await client.expect(235, "AUTH PLAIN \(String(decoding: token, as: UTF8.self))")
        return client
    }

    static let recipient = "customer@customer.test"

    private static func letter(_ number: Int) -> [UInt8] {
        Bench.letter(number, size: size, from: "Support <\(Bench.address)>")
    }
}
