internal import Bytes
internal import CSASL

/// The client side of one exchange: it proves to an upstream server that it knows the account's secret.
///
/// A step takes milliseconds and so belongs on a worker, never on a loop. One step at a time. The secret is wiped
/// when the client goes away.
package final class SASLClient: @unchecked Sendable {
    /// The longest challenge that is looked at, in octets.
    package static let challengeLimit = 65_536

    /// The rounds of SCRAM beyond which Cyrus SASL refuses to compute.
    package static let roundLimit: UInt64 = 65_536

    package let mechanism: SASLMechanism

    private let context: ClientContext
    private let callbacks: UnsafeMutablePointer<sasl_callback_t>
    private var connection: OpaquePointer?
    private var isComplete = false

    /// Chooses the strongest mechanism of those offered, or takes the configured one.
    ///
    /// - Parameters:
    ///   - offered: the names that the server lists; those unknown here are passed over.
    ///   - required: the mechanism that the configuration names; nil for the strongest offered.
    ///   - service: the protocol's registered name, `imap` or `smtp`.
    ///   - host: the server's name as it was configured.
    ///   - login: the authentication identity.
    ///   - authorization: as whom to act; nil as oneself.
    ///   - secret: the password. It is copied, and the copy wiped with this client.
    ///   - mayShowPassword: whether PLAIN and LOGIN are acceptable: the channel is encrypted, or the configuration
    ///     allows them without.
    package init(
        offered: [String], required: SASLMechanism? = nil, service: String, host: String, login: String,
        authorization: String? = nil, secret: Span<UInt8>, mayShowPassword: Bool
    ) throws(SASLError) {
        try Library.demand()
        mechanism = try Self.choose(offered, required: required, mayShowPassword: mayShowPassword)
        guard !login.isEmpty, !login.utf8.contains(0), authorization?.utf8.contains(0) != true else {
            throw .badIdentity
        }
        let context = ClientContext(login: login, authorization: authorization ?? "", secret: secret)
        self.context = context
        let pointer = Unmanaged.passUnretained(context).toOpaque()
        callbacks = .allocate(capacity: 5)
        callbacks.initialize(to: csasl_user(giveName, pointer))
        (callbacks + 1).initialize(to: csasl_authname(giveName, pointer))
        (callbacks + 2).initialize(to: csasl_pass(giveSecret, pointer))
        (callbacks + 3).initialize(to: csasl_realm(giveRealm, pointer))
        (callbacks + 4).initialize(to: csasl_end())
        var code = sasl_client_new(service, host, nil, nil, callbacks, UInt32(SASL_SUCCESS_DATA), &connection)
        if code == SASL_OK, let connection { code = forbidLayers(connection) }
        guard code == SASL_OK else { throw .unavailable(code: code) }
    }

    deinit {
        sasl_dispose(&connection)
        callbacks.deinitialize(count: 5)
        callbacks.deallocate()
    }

    /// The mechanism to use, or why there is none.
    package static func choose(
        _ offered: [String], required: SASLMechanism?, mayShowPassword: Bool
    ) throws(SASLError) -> SASLMechanism {
        let known = Set(offered.compactMap(SASLMechanism.init(name:)))
        let wanted = SASLMechanism.preference.filter { known.contains($0) && (required == nil || required == $0) }
        guard !wanted.isEmpty else { throw .noMechanism }
        guard let best = wanted.first(where: { mayShowPassword || !$0.showsPassword }) else {
            throw .plaintextRefused
        }
        return best
    }

    /// Begins: the initial response, or nil when the server speaks first. Called once, before any `step`.
    package func start() throws(SASLError) -> [UInt8]? {
        guard let connection else { throw .unfinished }
        var output: UnsafePointer<CChar>?
        var length: UInt32 = 0
        var chosen: UnsafePointer<CChar>?
        let code = sasl_client_start(connection, mechanism.rawValue, nil, &output, &length, &chosen)
        try take(code)
        return output.map { copy($0, length) }
    }

    /// Answers a challenge, decoded. The last one may need no more than an empty answer.
    package func step(_ challenge: [UInt8]) throws(SASLError) -> [UInt8] {
        guard let connection, challenge.count <= Self.challengeLimit else { throw .badChallenge }
        // After the last word there is nothing left to answer but the server's own formality.
        guard !isComplete else {
            guard challenge.isEmpty else { throw .badChallenge }
            return []
        }
        guard rounds(in: challenge) <= Self.roundLimit else { throw .tooManyRounds }
        var output: UnsafePointer<CChar>?
        var length: UInt32 = 0
        let code = withCharacters(challenge) { input, count in
            sasl_client_step(connection, input, count, nil, &output, &length)
        }
        try take(code)
        return copy(output, length)
    }

    /// To be called when the server reports success: fails when the server has not proved itself, which only a
    /// complete exchange does (RFC 5802 §5).
    package func finish() throws(SASLError) {
        guard isComplete else { throw .unfinished }
    }

    /// What `i=` says in a first message of SCRAM (RFC 5802 §5.1); 0 in anything else.
    private func rounds(in challenge: [UInt8]) -> UInt64 {
        guard mechanism == .scramSHA256 || mechanism == .scramSHA1 else { return 0 }
        let count = challenge.split(separator: 0x2C).first { $0.starts(with: "i=".utf8) }
        return count?.dropFirst(2).decimalValue ?? 0
    }

    private func take(_ code: Int32) throws(SASLError) {
        switch code {
        case SASL_OK: isComplete = true
        case SASL_CONTINUE: return
        case SASL_BADSERV, SASL_BADAUTH: throw .peerNotVerified
        case SASL_BADPROT, SASL_BADPARAM, SASL_FAIL: throw .badChallenge
        case SASL_NOMECH, SASL_TOOWEAK, SASL_ENCRYPT, SASL_WRONGMECH: throw .noMechanism
        default: throw .unavailable(code: code)
        }
    }
}

/// What the library's callbacks find behind their context pointer.
private final class ClientContext {
    private let login: UnsafeMutablePointer<CChar>
    private let authorization: UnsafeMutablePointer<CChar>
    /// The form that the library wants: a length, then the octets.
    let secret: UnsafeMutablePointer<sasl_secret_t>
    private let secretSize: Int

    init(login: String, authorization: String, secret: Span<UInt8>) {
        self.login = Self.characters(login)
        self.authorization = Self.characters(authorization)
        let offset = MemoryLayout<sasl_secret_t>.offset(of: \.data) ?? MemoryLayout<UInt>.size
        secretSize = Swift.max(offset + secret.count + 1, MemoryLayout<sasl_secret_t>.size)
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: secretSize, alignment: MemoryLayout<sasl_secret_t>.alignment)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: secretSize)
        self.secret = memory.bindMemory(to: sasl_secret_t.self, capacity: 1)
        self.secret.pointee.len = UInt(secret.count)
        for index in secret.indices {
            memory.storeBytes(of: secret[index], toByteOffset: offset + index, as: UInt8.self)
        }
    }

    deinit {
        csasl_wipe(secret, secretSize)
        UnsafeMutableRawPointer(secret).deallocate()
        login.deallocate()
        authorization.deallocate()
    }

    func name(_ identifier: Int32) -> UnsafePointer<CChar> {
        UnsafePointer(identifier == SASL_CB_AUTHNAME ? login : authorization)
    }

    private static func characters(_ text: String) -> UnsafeMutablePointer<CChar> {
        let octets = text.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: octets.count)
        for (index, octet) in octets.enumerated() { (copy + index).initialize(to: octet) }
        return copy
    }
}

private func giveName(
    _ context: UnsafeMutableRawPointer?, _ identifier: Int32, _ result: UnsafeMutablePointer<UnsafePointer<CChar>?>?,
    _ length: UnsafeMutablePointer<UInt32>?
) -> Int32 {
    guard let context, let result else { return SASL_BADPARAM }
    let name = Unmanaged<ClientContext>.fromOpaque(context).takeUnretainedValue().name(identifier)
    result.pointee = name
    length?.pointee = UInt32(String(cString: name).utf8.count)
    return SASL_OK
}

private func giveSecret(
    _ connection: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ identifier: Int32,
    _ result: UnsafeMutablePointer<UnsafeMutablePointer<sasl_secret_t>?>?
) -> Int32 {
    guard let context, let result else { return SASL_BADPARAM }
    result.pointee = Unmanaged<ClientContext>.fromOpaque(context).takeUnretainedValue().secret
    return SASL_OK
}

/// DIGEST-MD5 asks which realm is meant when the server names several; the first is its own.
private func giveRealm(
    _ context: UnsafeMutableRawPointer?, _ identifier: Int32,
    _ available: UnsafeMutablePointer<UnsafePointer<CChar>?>?, _ result: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> Int32 {
    guard let result, let realm = available?.pointee else { return SASL_FAIL }
    result.pointee = realm
    return SASL_OK
}
