internal import Bytes

/// What is stored of a password (RFC 5803): enough to check it, not enough to sign in with.
package struct SCRAMVerifier: Hashable, Sendable {
    /// The scheme that the text form begins with.
    package static let scheme = "SCRAM-SHA-256"
    /// Octets of SHA-256.
    package static let keyLength = 32
    /// What a text form may ask of the processor at most.
    package static let iterationLimit = 10_000_000

    /// Rounds of PBKDF2.
    package let iterations: Int
    package let salt: [UInt8]
    package let storedKey: [UInt8]
    package let serverKey: [UInt8]

    package init(iterations: Int, salt: [UInt8], storedKey: [UInt8], serverKey: [UInt8]) {
        self.iterations = iterations
        self.salt = salt
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// Reads `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, the last three in base 64; nil for anything else.
    package init?(_ text: String) {
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0] == Self.scheme else { return nil }
        let seasoning = fields[1].split(separator: ":", omittingEmptySubsequences: false)
        let keys = fields[2].split(separator: ":", omittingEmptySubsequences: false)
        guard seasoning.count == 2, keys.count == 2,
            let iterations = seasoning[0].utf8.decimalValue, iterations > 0,
            iterations <= UInt64(Self.iterationLimit),
            let salt = Base64.decode(seasoning[1].utf8), !salt.isEmpty,
            let storedKey = Base64.decode(keys[0].utf8), storedKey.count == Self.keyLength,
            let serverKey = Base64.decode(keys[1].utf8), serverKey.count == Self.keyLength
        else { return nil }
        self.init(iterations: Int(iterations), salt: salt, storedKey: storedKey, serverKey: serverKey)
    }

    /// The form that `init?(_:)` reads, and that the library takes as property `authPassword`.
    package var text: String {
        let encoded = [salt, storedKey, serverKey].map { String(lossy: Base64.encode($0)) }
        return "\(Self.scheme)$\(iterations):\(encoded[0])$\(encoded[1]):\(encoded[2])"
    }
}
