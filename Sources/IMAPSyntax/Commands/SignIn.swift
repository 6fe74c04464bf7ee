internal import Bytes

extension CommandReader {
    /// `AUTHENTICATE`, the word taken (RFC 9051 §6.2.2, RFC 4959).
    mutating func authenticate() throws(IMAPSyntaxError) -> Command {
        try space()
        let mechanism = try upperCaseAtom("a mechanism")
        guard skip(ASCII.space) else { return .authenticate(mechanism: mechanism, initialResponse: nil) }
        let start = position
        let text = try range(while: { $0 > ASCII.space && $0 < ASCII.delete }, "an initial response")
        if bytes[text].elementsEqual("=".utf8) { return .authenticate(mechanism: mechanism, initialResponse: []) }
        guard let response = Base64.decode(bytes[text]) else { throw .unexpected(position: start, expected: "base 64") }
        return .authenticate(mechanism: mechanism, initialResponse: response)
    }

    /// `LOGIN`, the word taken.
    mutating func login() throws(IMAPSyntaxError) -> Command {
        try space()
        let name = try astring()
        try space()
        return .login(name: name, password: try astring())
    }

    /// `ENABLE`, the word taken (RFC 5161).
    mutating func enable() throws(IMAPSyntaxError) -> Command {
        var names: [String] = []
        repeat {
            try space()
            guard names.count < limits.listLength else { throw .tooMany(position: position) }
            names.append(try upperCaseAtom("a capability"))
        } while peek == ASCII.space
        return .enable(names)
    }

    /// `ID`, the word taken (RFC 2971 §3.1).
    mutating func identification() throws(IMAPSyntaxError) -> Command {
        try space()
        guard skip(UInt8(ascii: "(")) else {
            guard word() == .nil else { throw unexpected("a list or NIL") }
            return .id(nil)
        }
        var fields: [IDField] = []
        if skip(UInt8(ascii: ")")) { return .id(fields) }
        repeat {
            let name = try string()
            try space()
            fields.append(IDField(name: name, value: try nstring()))
        } while try !closes(fields.count)
        return .id(fields)
    }
}

extension CommandWriter {
    mutating func authenticate(_ mechanism: String, _ initialResponse: [UInt8]?) {
        text("AUTHENTICATE ")
        text(mechanism)
        guard let initialResponse else { return }
        text(" ")
        bytes(initialResponse.isEmpty ? Array("=".utf8) : Base64.encode(initialResponse))
    }

    mutating func login(_ name: [UInt8], _ password: [UInt8]) {
        text("LOGIN ")
        astring(name)
        text(" ")
        astring(password)
    }

    mutating func identification(_ fields: [IDField]?) {
        text("ID ")
        guard let fields else { return text("NIL") }
        list(fields) { writer, field in
            writer.string(field.name)
            writer.text(" ")
            writer.nstring(field.value)
        }
    }
}
