import Bytes
import MailTypes
import TokenSyntax

/// What an issuer answers, and what stands in tokens: values, keys and documents.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = octets(start, count)
    if let value = try? JSONReader.read(input) {
        expect((try? JSONReader.read([0x20] + input + [0x0A])) == value, "blanks around a value change nothing")
        expect((try? JSONReader.read(input + [0x5B])) == nil, "nothing stands behind a value")
        expect((try? JSONReader.read(written(value))) == value, "a value comes back")
        if let claims = TokenClaims(value) {
            for claim in ["sub", "email"] { expect(claims[claim] == value[claim], "claims are members") }
        }
    }
    if let set = try? KeySet(input) {
        expect(set.keys.count <= KeySet.limit, "a set is bounded")
        for algorithm in SignatureAlgorithm.allCases {
            for key in set.candidates(for: .init(algorithm: algorithm, keyIdentifier: nil)) {
                expect(algorithm.fits(key.material), "a key is for its algorithms")
            }
        }
    }
    _ = try? IssuerMetadata(input, issuer: "https://i.example")
    _ = try? IntrospectionAnswer(input)
    return 0
}

private func written(_ value: JSON) -> [UInt8] {
    switch value {
    case .null: Array("null".utf8)
    case .boolean(let isTrue): Array("\(isTrue)".utf8)
    case .number(let number): Array("\(number)".utf8)
    case .text(let text): Array(JSONText.object(["": text]).dropFirst(4).dropLast())
    case .array(let values): Array("[".utf8) + Array(values.map(written).joined(separator: [0x2C])) + Array("]".utf8)
    case .object(let members):
        Array("{".utf8)
            + Array(members.map { written(.text($0.key)) + [0x3A] + written($0.value) }.joined(separator: [0x2C]))
            + Array("}".utf8)
    }
}
