import Bytes
import MailTypes
import TokenSyntax

/// What a client signs in with: tokens, and the messages of the mechanisms that carry them.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzToken(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = octets(start, count)
    checkToken(input)
    for mechanism in BearerMechanism.allCases {
        guard let message = try? BearerMessage(input, of: mechanism) else { continue }
        expect(!message.token.isEmpty && message.token.count <= JSONWebToken.limit, "a token is bounded")
        expect(message.token.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a token is printable")
        expect(message.authorization?.isEmpty != true, "no name is no empty one")
        let again = try? BearerMessage(written(message, mechanism), of: mechanism)
        expect(again == message, "a message comes back")
        checkToken(message.token)
    }
    return 0
}

private func checkToken(_ octets: [UInt8]) {
    guard let token = try? JSONWebToken(octets) else { return }
    expect(token.signedOctets + [0x2E] + Base64.encode(token.signature, .url) == octets, "a token has one form")
    expect(JSONWebToken.unverifiedClaims(of: octets) == token.claims, "claims are the same before and after")
    expect(token.header.algorithm.rawValue != "none", "every token is signed")
    let demand = TokenClaims.Demand(issuer: "https://i.example", audience: "posthouse", isComplete: true)
    if (try? token.claims.check(demand, now: 1_700_000_000)) != nil {
        expect(token.claims.issuer == "https://i.example", "the issuer is who it should be")
        expect((token.claims.expiry ?? 0) + TokenClaims.leeway > 1_700_000_000, "the token has not expired")
    }
}

private func written(_ message: BearerMessage, _ mechanism: BearerMechanism) -> [UInt8] {
    let name = message.authorization ?? ""
    let head: String
    switch mechanism {
    case .xoauth2: head = "user=\(name)"
    case .oauthBearer:
        let escaped = name.replacing("=", with: "=3D").replacing(",", with: "=2C")
        head = name.isEmpty ? "n,," : "n,a=\(escaped),"
    }
    return Array("\(head)\u{1}auth=Bearer ".utf8) + message.token + [1, 1]
}
