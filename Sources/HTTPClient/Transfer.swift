internal import CCurl
internal import Loop

/// One request on one handle of libcurl, from its beginning to its end. Blocks.
struct Transfer: ~Copyable {
    /// The result of libcurl's start, once for the process.
    private static let status = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    private let handle: UnsafeMutableRawPointer
    private let request: HTTPRequest
    private let limits: HTTPClient.Limits
    private let receiver: Receiver
    private let complaint = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// The answer to `request`, whatever its status.
    static func perform(
        _ request: HTTPRequest, _ limits: HTTPClient.Limits, _ isStopping: Stop
    ) throws(HTTPError) -> HTTPResponse {
        guard status == CURLE_OK else { throw .library(Int(status.rawValue)) }
        guard let handle = curl_easy_init() else { throw .library(Int(CURLE_OUT_OF_MEMORY.rawValue)) }
        let transfer = Transfer(handle, request, limits, isStopping)
        return try transfer.run()
    }

    private init(
        _ handle: UnsafeMutableRawPointer, _ request: HTTPRequest, _ limits: HTTPClient.Limits, _ isStopping: Stop
    ) {
        self.handle = handle
        self.request = request
        self.limits = limits
        receiver = Receiver(limit: limits.responseSize, isStopping: isStopping)
        complaint.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(handle)
        complaint.deallocate()
    }

    private func run() throws(HTTPError) -> HTTPResponse {
        var fields = curl_slist_append(nil, "Accept: application/json")
        defer { curl_slist_free_all(fields) }
        // libcurl would ask for permission to send a larger body, and wait for a second when nobody answers.
        fields = curl_slist_append(fields, "Expect:")
        if let authorization = request.authorization {
            fields = curl_slist_append(fields, "Authorization: \(authorization)")
        }
        guard fields != nil else { throw .library(Int(CURLE_OUT_OF_MEMORY.rawValue)) }
        try configure()
        try demand(posthouse_curl_fields(handle, fields))
        let code =
            if let body = request.body {
                body.withUnsafeBytes { body in
                    let code = posthouse_curl_body(handle, body.baseAddress, body.count)
                    return code == CURLE_OK ? curl_easy_perform(handle) : code
                }
            } else {
                curl_easy_perform(handle)
            }
        guard code == CURLE_OK else { throw failure(code) }
        return HTTPResponse(status: posthouse_curl_status(handle), body: receiver.octets)
    }

    private func configure() throws(HTTPError) {
        let context = Unmanaged.passUnretained(receiver).toOpaque()
        try demand(posthouse_curl_complaint(handle, complaint))
        try demand(posthouse_curl_receiver(handle, receive, context))
        try demand(posthouse_curl_overseer(handle, oversee, context))
        try demand(posthouse_curl_text(handle, CURLOPT_URL, request.address.text))
        try demand(posthouse_curl_text(handle, CURLOPT_PROTOCOLS_STR, request.address.isEncrypted ? "https" : "http"))
        try demand(posthouse_curl_text(handle, CURLOPT_USERAGENT, "Posthouse"))
        // A variable of the environment must not send tokens elsewhere.
        try demand(posthouse_curl_text(handle, CURLOPT_PROXY, ""))
        try demand(posthouse_curl_number(handle, CURLOPT_FOLLOWLOCATION, 0))
        // Signals would hit the whole process.
        try demand(posthouse_curl_number(handle, CURLOPT_NOSIGNAL, 1))
        try demand(posthouse_curl_number(handle, CURLOPT_SSL_VERIFYPEER, 1))
        try demand(posthouse_curl_number(handle, CURLOPT_SSL_VERIFYHOST, 2))
        try demand(posthouse_curl_number(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)))
        if let file = request.authorityFile {
            try demand(posthouse_curl_text(handle, CURLOPT_CAINFO, file))
            // The system's authorities lie in a directory, and would count as well.
            try demand(posthouse_curl_text(handle, CURLOPT_CAPATH, nil))
        }
        try demand(posthouse_curl_number(handle, CURLOPT_CONNECTTIMEOUT_MS, limits.connectTime.milliseconds))
        try demand(posthouse_curl_number(handle, CURLOPT_TIMEOUT_MS, limits.wholeTime.milliseconds))
    }

    private func demand(_ code: CURLcode) throws(HTTPError) {
        guard code == CURLE_OK else { throw .library(Int(code.rawValue)) }
    }

    private func failure(_ code: CURLcode) -> HTTPError {
        let address = request.address
        if receiver.isFull { return .tooLarge(address, limit: limits.responseSize) }
        switch code {
        case CURLE_ABORTED_BY_CALLBACK: return .overloaded
        case CURLE_OPERATION_TIMEDOUT: return .timeout(address, limits.wholeTime)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: return .certificate(address, words(for: code))
        case CURLE_SSL_CACERT_BADFILE: return .authorityFile(request.authorityFile ?? "")
        default: return .unreachable(address, words(for: code))
        }
    }

    private func words(for code: CURLcode) -> String {
        let own = String(cString: complaint)
        return own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
    }
}

/// Collects an answer.
private final class Receiver {
    private let limit: Int
    let isStopping: Stop
    private(set) var octets: [UInt8] = []
    private(set) var isFull = false

    init(limit: Int, isStopping: Stop) {
        self.limit = limit
        self.isStopping = isStopping
    }

    /// How many of the octets were taken: with fewer than there are libcurl gives up.
    func take(_ more: UnsafeRawBufferPointer) -> Int {
        guard octets.count + more.count <= limit else {
            isFull = true
            return 0
        }
        octets += more
        return more.count
    }
}

private func receive(
    _ start: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context, let start else { return 0 }
    let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
    return receiver.take(UnsafeRawBufferPointer(start: start, count: size * count))
}

private func oversee(
    _ context: UnsafeMutableRawPointer?, _ expected: curl_off_t, _ received: curl_off_t, _ toSend: curl_off_t,
    _ sent: curl_off_t
) -> Int32 {
    guard let context else { return 1 }
    return Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue().isStopping.isRaised ? 1 : 0
}

extension Duration {
    /// Whole milliseconds, as libcurl counts.
    fileprivate var milliseconds: Int { Int(wholeNanoseconds / 1_000_000) }
}
