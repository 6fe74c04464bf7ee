internal import CSASL

/// The server side of one exchange: it learns who is at the other end.
///
/// A step takes milliseconds (a hash of many rounds) and so belongs on a worker, never on a loop. One step at a time:
/// whoever holds the exchange awaits each before the next.
package final class SASLServer: @unchecked Sendable {
    /// What one step came to.
    package enum Outcome: Hashable, Sendable {
        /// To be sent to the client, which answers it.
        case challenge([UInt8])
        /// The client is who it says. `final` goes out with the success where the protocol has room for it, and
        /// otherwise as one more challenge that the client answers with nothing (RFC 4422 §5).
        case authenticated(SASLIdentity, final: [UInt8]?)
        /// The client is not, or it broke the mechanism's protocol; the two are not told apart.
        case failed
    }

    /// The longest response that is looked at, in octets.
    package static let responseLimit = 12_288
    /// The mechanisms a server side runs, best first.
    package static let mechanisms: [SASLMechanism] = [.scramSHA256, .plain, .login]

    package let mechanism: SASLMechanism

    private let context: ServerContext
    private let callbacks: UnsafeMutablePointer<sasl_callback_t>
    private var connection: OpaquePointer?
    private var isStarted = false
    private var isFinished = false

    /// - Parameters:
    ///   - service: the protocol's registered name, `imap` or `smtp`.
    ///   - host: the name that this server goes by.
    package init(
        _ mechanism: SASLMechanism, service: String, host: String, credentials: SASLCredentials
    ) throws(SASLError) {
        try Library.demand()
        guard Self.mechanisms.contains(mechanism) else { throw .noMechanism }
        self.mechanism = mechanism
        let context = ServerContext(credentials)
        self.context = context
        let pointer = Unmanaged.passUnretained(context).toOpaque()
        callbacks = .allocate(capacity: 3)
        callbacks.initialize(to: csasl_policy(allowAuthorization, nil))
        (callbacks + 1).initialize(to: csasl_checkpass(checkPassword, pointer))
        (callbacks + 2).initialize(to: csasl_end())
        var code = sasl_server_new(
            service, host, nil, nil, nil, callbacks, UInt32(SASL_SUCCESS_DATA), &connection)
        if code == SASL_OK, let connection { code = forbidLayers(connection) }
        guard code == SASL_OK else { throw .unavailable(code: code) }
    }

    deinit {
        sasl_dispose(&connection)
        callbacks.deinitialize(count: 3)
        callbacks.deallocate()
    }

    /// Takes what the client sent, decoded; nil at the start when it sent no initial response.
    package func step(_ response: [UInt8]?) -> Outcome {
        guard !isFinished, let connection else { return .failed }
        guard (response?.count ?? 0) <= Self.responseLimit else { return finish(.failed) }
        var output: UnsafePointer<CChar>?
        var length: UInt32 = 0
        let code = withCharacters(response) { input, count in
            isStarted
                ? sasl_server_step(connection, input, count, &output, &length)
                : sasl_server_start(connection, mechanism.rawValue, input, count, &output, &length)
        }
        isStarted = true
        switch code {
        case SASL_CONTINUE: return .challenge(copy(output, length))
        case SASL_OK: return finish(identity(connection, final: output.map { copy($0, length) }))
        default: return finish(.failed)
        }
    }

    private func identity(_ connection: OpaquePointer, final: [UInt8]?) -> Outcome {
        guard let authentication = name(SASL_AUTHUSER, of: connection), !authentication.isEmpty else { return .failed }
        let authorization = name(SASL_USERNAME, of: connection)
        let other = authorization.flatMap { $0.isEmpty || $0 == authentication ? nil : $0 }
        return .authenticated(SASLIdentity(authentication: authentication, authorization: other), final: final)
    }

    private func finish(_ outcome: Outcome) -> Outcome {
        isFinished = true
        return outcome
    }
}

/// What the library's callbacks find behind their context pointer.
final class ServerContext {
    let credentials: SASLCredentials
    init(_ credentials: SASLCredentials) { self.credentials = credentials }
}

/// Whether the identity may act as the other one is for the caller to decide, who knows grants; it is told of both.
private func allowAuthorization(
    _ connection: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ requested: UnsafePointer<CChar>?,
    _ requestedLength: UInt32, _ identity: UnsafePointer<CChar>?, _ identityLength: UInt32,
    _ realm: UnsafePointer<CChar>?, _ realmLength: UInt32, _ properties: OpaquePointer?
) -> Int32 {
    SASL_OK
}

private func checkPassword(
    _ connection: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ user: UnsafePointer<CChar>?,
    _ password: UnsafePointer<CChar>?, _ length: UInt32, _ properties: OpaquePointer?
) -> Int32 {
    guard let context, let user, let password else { return SASL_FAIL }
    let credentials = Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue().credentials
    var secret = [UInt8](UnsafeRawBufferPointer(start: password, count: Int(length)))
    defer { secret.withUnsafeMutableBytes { csasl_wipe($0.baseAddress, $0.count) } }
    return credentials.check(String(cString: user), secret) ? SASL_OK : SASL_BADAUTH
}
