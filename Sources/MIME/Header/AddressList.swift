package import MailTypes

/// Address lists (RFC 5322 §3.4, obsolete forms and RFC 6532 included), read leniently.
package enum AddressList {
    /// The list as ENVELOPE has it: raw octets, groups between their two marks, names not decoded.
    package static func envelopeAddresses(_ value: [UInt8], limit: Int = ScanLimits.standard.addresses)
        -> [Envelope.Address]
    { fatalError("API") }

    /// The addresses with decoded names; groups are flattened, entries without domain left out.
    package static func parse(_ value: [UInt8], limit: Int = ScanLimits.standard.addresses) -> [NamedAddress] {
        fatalError("API")
    }
}

extension Envelope.Address {
    /// The address with its name decoded; nil for a group's marks and for an entry without mailbox or host.
    package var named: NamedAddress? { fatalError("API") }
}
