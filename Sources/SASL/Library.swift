internal import CSASL

/// Cyrus SASL for this process: both sides started once, before the first exchange.
enum Library {
    /// The result of the start, from sasl.h: `SASL_OK` or what went wrong.
    static let status: Int32 = start()

    /// Fails when the library could not start.
    static func demand() throws(SASLError) {
        guard status == SASL_OK else { throw .unavailable(code: status) }
    }

    /// The name that the property plug-in is registered under, and that `auxprop_plugin` selects.
    static let pluginName: StaticString = "posthouse"

    /// Callback lists that the library keeps for as long as the process lives.
    nonisolated(unsafe) private static let callbacks: UnsafeMutablePointer<sasl_callback_t> = {
        let list = UnsafeMutablePointer<sasl_callback_t>.allocate(capacity: 3)
        list.initialize(to: csasl_getopt(answerOption, nil))
        (list + 1).initialize(to: csasl_log(dropLog, nil))
        (list + 2).initialize(to: csasl_end())
        return list
    }()

    /// The property plug-in's description, which the library keeps too.
    nonisolated(unsafe) fileprivate static let plugin: UnsafeMutablePointer<sasl_auxprop_plug_t> = {
        let plugin = UnsafeMutablePointer<sasl_auxprop_plug_t>.allocate(capacity: 1)
        plugin.initialize(to: sasl_auxprop_plug_t())
        plugin.pointee.auxprop_lookup = lookUpVerifier
        plugin.pointee.name = UnsafeMutablePointer(mutating: characters(pluginName))
        return plugin
    }()

    private static func start() -> Int32 {
        let client = sasl_client_init(callbacks)
        guard client == SASL_OK else { return client }
        let plugin = sasl_auxprop_add_plugin(characters(pluginName), describePlugin)
        guard plugin == SASL_OK else { return plugin }
        return sasl_server_init(callbacks, "posthouse")
    }
}

/// A literal as C reads it: it ends with a NUL and lives as long as the process.
private func characters(_ literal: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
}

private func describePlugin(
    _ utilities: UnsafePointer<sasl_utils_t>?, _ newest: Int32, _ version: UnsafeMutablePointer<Int32>?,
    _ plugin: UnsafeMutablePointer<UnsafeMutablePointer<sasl_auxprop_plug_t>?>?, _ name: UnsafePointer<CChar>?
) -> Int32 {
    guard newest >= SASL_AUXPROP_PLUG_VERSION else { return SASL_BADVERS }
    version?.pointee = SASL_AUXPROP_PLUG_VERSION
    plugin?.pointee = Library.plugin
    return SASL_OK
}

/// Answers the library's options. It reads no configuration file of its own: what is not named here has its default.
private func answerOption(
    _ context: UnsafeMutableRawPointer?, _ plugin: UnsafePointer<CChar>?, _ option: UnsafePointer<CChar>?,
    _ result: UnsafeMutablePointer<UnsafePointer<CChar>?>?, _ length: UnsafeMutablePointer<UInt32>?
) -> Int32 {
    guard let option, let result, let value = optionValue(option) else { return SASL_FAIL }
    result.pointee = characters(value)
    length?.pointee = UInt32(value.utf8CodeUnitCount)
    return SASL_OK
}

private func optionValue(_ option: UnsafePointer<CChar>) -> StaticString? {
    switch String(cString: option) {
    // Without a list the library offers whatever plug-ins the system has, ANONYMOUS and NTLM among them.
    case "mech_list": "PLAIN LOGIN SCRAM-SHA-256"
    case "auxprop_plugin": Library.pluginName
    case "pwcheck_method": "auxprop"
    default: nil
    }
}

/// The library's own messages name users and mechanisms; the caller logs the outcome instead.
private func dropLog(_ context: UnsafeMutableRawPointer?, _ level: Int32, _ message: UnsafePointer<CChar>?) -> Int32 {
    SASL_OK
}

/// The property plug-in: hands out the verifier of the name that authenticates.
private func lookUpVerifier(
    _ global: UnsafeMutableRawPointer?, _ parameters: UnsafeMutablePointer<sasl_server_params_t>?, _ flags: UInt32,
    _ user: UnsafePointer<CChar>?, _ length: UInt32
) -> Int32 {
    guard flags & UInt32(SASL_AUXPROP_AUTHZID) == 0 else { return SASL_OK }
    guard let parameters, let user, let context = csasl_context(parameters) else { return SASL_FAIL }
    let octets = UnsafeRawBufferPointer(start: user, count: Int(length))
    let credentials = Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue().credentials
    // A name that is no UTF-8 is nobody's; it meets the decoy of what it looks like.
    let name = String(decoding: octets, as: UTF8.self)
    let verifier = credentials.verifier(name) ?? credentials.decoy(name)
    let text = verifier.text
    // Only SCRAM asks for this property, and setting what nobody asked for is an error that means nothing here. When
    // it could not be set, SCRAM finds no verifier and fails.
    _ = csasl_set_property(parameters, "*authPassword", text, Int32(text.utf8.count))
    return SASL_OK
}
