internal import Bytes
package import MailTypes

/// Address lists (RFC 5322 §3.4, obsolete forms and RFC 6532 included), read leniently.
package enum AddressList {
    /// The list as ENVELOPE has it: raw octets, groups between their two marks, names not decoded. A mailbox or
    /// host that is missing is empty, never nil, for nil is what marks a group.
    package static func envelopeAddresses(
        _ value: [UInt8], limit: Int = ScanLimits.standard.addresses
    ) -> [Envelope.Address] {
        var parser = AddressParser(value, limit: limit)
        return parser.parse()
    }

    /// The addresses with decoded names; groups are flattened, entries without domain left out.
    package static func parse(_ value: [UInt8], limit: Int = ScanLimits.standard.addresses) -> [NamedAddress] {
        envelopeAddresses(value, limit: limit).compactMap(\.named)
    }
}

extension Envelope.Address {
    /// The address with its name decoded, without control characters; nil for a group's marks and for an entry
    /// without mailbox or host.
    package var named: NamedAddress? {
        guard let local = Self.text(mailbox), let domain = Self.text(host) else { return nil }
        return NamedAddress(
            name: name.map { EncodedWord.decode($0) } ?? "", address: EmailAddress(local: local, domain: domain))
    }

    private static func text(_ octets: [UInt8]?) -> String? {
        let visible = octets?.filter { !ASCII.isControl($0) } ?? []
        return visible.isEmpty ? nil : Charset.unknown.decode(visible)
    }
}
