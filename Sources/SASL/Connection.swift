internal import CSASL

// What both sides do with the library's connection and its octets.

/// Copies what the library lent until its next call.
func copy(_ characters: UnsafePointer<CChar>?, _ length: UInt32) -> [UInt8] {
    guard let characters else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: characters, count: Int(length)))
}

/// Lends octets to the library; nil becomes a null pointer, which means "nothing was sent".
func withCharacters<Result>(
    _ bytes: [UInt8]?, _ body: (_ characters: UnsafePointer<CChar>?, _ count: UInt32) -> Result
) -> Result {
    guard let bytes else { return body(nil, 0) }
    // An empty array has no address to lend, yet an empty response is not an absent one.
    guard !bytes.isEmpty else { return body("", 0) }
    return bytes.withUnsafeBytes { buffer in
        body(buffer.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(buffer.count))
    }
}

/// Says that TLS protects the channel, so that no mechanism negotiates a layer of its own.
func forbidLayers(_ connection: OpaquePointer) -> Int32 {
    var properties = sasl_security_properties_t()
    properties.max_ssf = 0
    properties.maxbufsize = 0
    properties.security_flags = UInt32(SASL_SEC_NOANONYMOUS)
    return sasl_setprop(connection, SASL_SEC_PROPS, &properties)
}

/// A text property of the connection; nil when it has none or it is no UTF-8.
func name(_ property: Int32, of connection: OpaquePointer) -> String? {
    var value: UnsafeRawPointer?
    guard sasl_getprop(connection, property, &value) == SASL_OK, let value else { return nil }
    return String(validatingCString: value.assumingMemoryBound(to: CChar.self))
}
