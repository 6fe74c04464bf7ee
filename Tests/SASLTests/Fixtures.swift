import Bytes
import SASL
import Testing

/// The users of the tests. Alice's password is `pencil`; her verifier has the salt and the rounds of RFC 7677 §3.
enum Fixture {
    static let password = Array("pencil".utf8)

    static let verifiers: [Int: String] = [
        4096: "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
            + "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
        65536: "SCRAM-SHA-256$65536:W22ZaJ0SNY7soEsUEjb6gQ==$eeuIslj59VSx65HjkxodTgPJud6EKyfVHWAVDnuuabc=:"
            + "pcu6PetCer93EeHx9Kos4C2sQl0vi7SoS7OdXNY1B/A=",
        100_000: "SCRAM-SHA-256$100000:W22ZaJ0SNY7soEsUEjb6gQ==$DrV7xy/qKHIOj+YKWfow7KE6edXL/2q4lAqKIspiBqY=:"
            + "LG0R4sd2Si2JCO3krs1YC+dGK3pojC6G4jjnVbvxuqc=",
    ]

    static func decoy(_ name: String) -> SCRAMVerifier {
        SCRAMVerifier(
            iterations: 4096, salt: Array("decoy of \(name)".utf8), storedKey: [UInt8](repeating: 7, count: 32),
            serverKey: [UInt8](repeating: 9, count: 32))
    }

    /// Credentials under which only Alice exists.
    static func credentials(iterations: Int = 4096) -> SASLCredentials {
        let verifier = verifiers[iterations].flatMap { SCRAMVerifier($0) }
        return SASLCredentials(
            verifier: { $0 == "alice" || $0 == "support*alice" ? verifier : nil },
            decoy: decoy,
            check: { name, password in name == "alice" && password == Fixture.password })
    }

    static func server(_ mechanism: SASLMechanism, iterations: Int = 4096) throws -> SASLServer {
        try SASLServer(
            mechanism, service: "smtp", host: "mail.example", credentials: credentials(iterations: iterations))
    }

    static func client(
        _ mechanism: SASLMechanism, login: String = "alice", authorization: String? = nil, password: String = "pencil"
    ) throws -> SASLClient {
        try SASLClient(
            offered: [mechanism.rawValue], service: "smtp", host: "mail.example", login: login,
            authorization: authorization, secret: Array(password.utf8).span, mayShowPassword: true)
    }

    /// Carries every word from one side to the other, and returns how the server ended.
    static func converse(_ client: SASLClient, _ server: SASLServer, initialResponse: Bool = true) throws
        -> SASLServer.Outcome
    {
        var response = try client.start()
        if response == nil || initialResponse == false {
            guard case .challenge(let challenge) = server.step(nil) else { return .failed }
            if let held = response {
                #expect(challenge.isEmpty)
                response = held
            } else {
                response = try client.step(challenge)
            }
        }
        for _ in 0..<5 {
            switch server.step(response) {
            case .challenge(let challenge): response = try client.step(challenge)
            case .failed: return .failed
            case .authenticated(let identity, let final):
                if let final { #expect(try client.step(final).isEmpty) }
                try client.finish()
                return .authenticated(identity, final: final)
            }
        }
        return .failed
    }
}
