internal import Bytes
internal import SASL
internal import SMTPSyntax

/// Signing in (RFC 4954).
extension SMTPClient {
    func authenticate(_ sasl: SASLClient) async throws(SMTPFailure) {
        var answer = try await begin(sasl)
        for _ in 0..<Self.challengeLimit {
            guard answer.code == 334 else { break }
            answer = try await respond(sasl, to: answer)
        }
        guard answer.code == 235 else {
            if answer.code == 334 { throw fail(.authentication("\(endpoint.name): the sign-in has no end")) }
            throw refusal(.authentication, answer)
        }
        do throws(SASLError) {
            try sasl.finish()
        } catch {
            throw unproven(sasl, error)
        }
    }

    /// Challenges of one exchange.
    static let challengeLimit = 10

    private func begin(_ sasl: SASLClient) async throws(SMTPFailure) -> SMTPReply {
        let initial: [UInt8]?
        do throws(SASLError) {
            initial = try await sasl.start(on: pool)
        } catch {
            throw unproven(sasl, error)
        }
        let command = "AUTH \(sasl.mechanism.rawValue)"
        guard let initial else { return try await self.command(command) }
        let text = initial.isEmpty ? "=" : String(lossy: Base64.encode(initial))
        if text.utf8.count <= Self.initialResponseLimit { return try await self.command("\(command) \(text)") }
        // Too long for one command: the server asks for it with an empty challenge.
        let invitation = try await self.command(command)
        guard invitation.code == 334 else { return invitation }
        return try await self.command(text)
    }

    private func respond(_ sasl: SASLClient, to challenge: SMTPReply) async throws(SMTPFailure) -> SMTPReply {
        let response: [UInt8]
        do throws(SASLError) {
            guard let octets = Base64.decode(challenge.text.utf8) else { throw .badChallenge }
            response = try await sasl.step(octets, on: pool)
        } catch {
            // Cancelled in the way that keeps the dialogue in step; what the server says to it changes nothing.
            _ = try await command("*")
            throw unproven(sasl, error)
        }
        return try await command(String(lossy: Base64.encode(response)))
    }

    private func unproven(_ sasl: SASLClient, _ error: SASLError) -> SMTPFailure {
        fail(.authentication("\(endpoint.name): \(sasl.mechanism) failed: \(error)"))
    }
}
