internal import Bytes
internal import MailTypes

extension ByteCursor {
    /// Takes `*(SP esmtp-param)` to the end, and gives each to `use`. A keyword may stand once.
    private mutating func takeParameters(
        _ use: (_ keyword: String, _ value: ArraySlice<UInt8>?) throws(SMTPSyntaxError) -> Void
    ) throws(SMTPSyntaxError) {
        var seen: Set<String> = []
        while !isAtEnd {
            guard skip(ASCII.space) else { throw .badParameter }
            _ = take(while: ASCII.isBlank)
            if isAtEnd { return }
            let name = take { ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == 0x2D }
            let keyword = String(lossy: name).uppercased()
            guard !name.isEmpty, name.first != 0x2D else { throw .badParameter }
            guard seen.insert(keyword).inserted else { throw .badParameter }
            guard skip(0x3D) else {
                try use(keyword, nil)
                continue
            }
            let value = take { $0 > 0x20 && $0 != 0x3D && $0 != ASCII.delete }
            // An xtext may hold an equals sign only in hexadecimal, and yet some senders write it.
            guard !value.isEmpty, peek == nil || peek == ASCII.space else { throw .badParameter }
            try use(keyword, value)
        }
    }

    mutating func takeMailParameters() throws(SMTPSyntaxError) -> MailParameters {
        var parameters = MailParameters()
        try takeParameters { (keyword, value) throws(SMTPSyntaxError) in
            switch (keyword, value) {
            case ("SIZE", .some(let digits)):
                guard digits.count <= 20, let size = digits.decimalValue else { throw .badParameter }
                parameters.size = size
            case ("BODY", .some(let name)):
                guard let body = MailParameters.Body(rawValue: String(lossy: name).uppercased()) else {
                    throw .badParameter
                }
                parameters.body = body
            case ("SMTPUTF8", nil): parameters.smtpUTF8 = true
            case ("REQUIRETLS", nil): parameters.requiresTLS = true
            case ("AUTH", .some(let text)): parameters.submitter = try Self.submitter(text)
            case ("RET", .some(let name)):
                guard let returns = MailParameters.Return(rawValue: String(lossy: name).uppercased()) else {
                    throw .badParameter
                }
                parameters.returns = returns
            case ("ENVID", .some(let text)):
                guard let decoded = XText.decode(text), text.count <= MailParameters.envelopeIDLimit,
                    decoded.allSatisfy(XText.isPrintable)
                else { throw .badParameter }
                parameters.envelopeID = String(lossy: decoded)
            case ("HOLDFOR", .some(let text)), ("HOLDUNTIL", .some(let text)):
                // RFC 4865 §4: one of them, once.
                guard parameters.futureRelease == nil,
                    let release = keyword == "HOLDFOR"
                        ? FutureRelease(interval: text) : FutureRelease(dateTime: text)
                else { throw .badParameter }
                parameters.futureRelease = release
            case ("SIZE", nil), ("BODY", nil), ("SMTPUTF8", _), ("REQUIRETLS", _), ("AUTH", nil), ("RET", nil),
                ("ENVID", nil),
                ("HOLDFOR", nil), ("HOLDUNTIL", nil):
                throw .badParameter
            default: throw .unknownParameter
            }
        }
        return parameters
    }

    mutating func takeRecipientParameters() throws(SMTPSyntaxError) -> RecipientParameters {
        var parameters = RecipientParameters()
        try takeParameters { (keyword, value) throws(SMTPSyntaxError) in
            switch (keyword, value) {
            case ("NOTIFY", .some(let words)): parameters.notify = try Self.notify(words)
            case ("ORCPT", .some(let text)): parameters.original = try Self.original(text)
            case ("NOTIFY", nil), ("ORCPT", nil): throw .badParameter
            default: throw .unknownParameter
            }
        }
        return parameters
    }

    /// RFC 4954 §5: `<>` or a mailbox, as xtext.
    private static func submitter(_ text: ArraySlice<UInt8>) throws(SMTPSyntaxError) -> SMTPPath {
        guard let decoded = XText.decode(text, takesLowerCase: true) else { throw .badParameter }
        if decoded == Array("<>".utf8) { return .null }
        var cursor = ByteCursor([0x3C] + decoded + [0x3E])
        guard let path = try? cursor.takePath(), cursor.isAtEnd else { throw .badParameter }
        return path
    }

    private static func notify(_ words: ArraySlice<UInt8>) throws(SMTPSyntaxError) -> RecipientParameters.Notify {
        if words.equalsIgnoringASCIICase("NEVER".utf8) { return [] }
        var notify: RecipientParameters.Notify = []
        for word in words.split(separator: 0x2C, omittingEmptySubsequences: false) {
            let one: RecipientParameters.Notify =
                switch String(lossy: word).uppercased() {
                case "SUCCESS": .success
                case "FAILURE": .failure
                case "DELAY": .delay
                default: throw .badParameter
                }
            guard notify.insert(one).inserted else { throw .badParameter }
        }
        return notify
    }

    private static func original(_ text: ArraySlice<UInt8>) throws(SMTPSyntaxError) -> OriginalRecipient {
        guard text.count <= OriginalRecipient.limit, let semicolon = text.firstIndex(of: 0x3B),
            semicolon > text.startIndex,
            text[..<semicolon].allSatisfy({ $0 < 0x80 && SMTPPath.isAtomText($0) }),
            let address = XText.decode(text[text.index(after: semicolon)...]).flatMap({ String(strictUTF8: $0) }),
            !address.isEmpty
        else { throw .badParameter }
        let original = OriginalRecipient(kind: String(lossy: text[..<semicolon]), address: address)
        // RFC 6533 §3: beyond ASCII in this type alone.
        guard address.utf8.allSatisfy({ XText.isPrintable($0) || $0 >= 0x80 && original.isInternational }) else {
            throw .badParameter
        }
        return original
    }
}

/// `xtext` (RFC 3461 §4): `+` and two upper-case hexadecimal digits stand for one octet.
package enum XText {
    /// What may stand, decoded, in an envelope identifier or an address (RFC 3461 §4.2, §4.4).
    static func isPrintable(_ octet: UInt8) -> Bool { octet >= 0x20 && octet < 0x7F }

    /// The octets that the text stands for, or nil when it is no xtext. Octets beyond ASCII stand for themselves
    /// (RFC 6533 §3).
    /// - Parameter takesLowerCase: whether lower-case digits are taken too.
    package static func decode(_ text: some Collection<UInt8>, takesLowerCase: Bool = false) -> [UInt8]? {
        var cursor = ByteCursor(Array(text))
        var octets: [UInt8] = []
        while let byte = cursor.next() {
            guard byte > 0x20, byte != 0x7F, byte != 0x3D else { return nil }
            guard byte == 0x2B else {
                octets.append(byte)
                continue
            }
            guard let high = cursor.next(), let low = cursor.next(), let highValue = ASCII.hexValue(high),
                let lowValue = ASCII.hexValue(low),
                takesLowerCase || high < 0x61 && low < 0x61
            else { return nil }
            octets.append(highValue << 4 | lowValue)
        }
        return octets
    }

    /// The text that stands for these octets.
    /// - Parameter allowsUTF8: whether octets beyond ASCII stand for themselves (RFC 6533 §3).
    package static func encode(_ octets: some Collection<UInt8>, allowsUTF8: Bool = false) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for octet in octets {
            let isPlain = octet > 0x20 && octet < 0x7F && octet != 0x2B && octet != 0x3D
            if isPlain || allowsUTF8 && octet >= 0x80 {
                text.append(octet)
            } else {
                text += [0x2B, digits[Int(octet >> 4)], digits[Int(octet & 15)]]
            }
        }
        return text
    }
}
