package import MailTypes

extension MessageStructure {
    /// ENVELOPE (RFC 9051 §7.5.2); Sender and Reply-To default to From.
    package var envelope: Envelope { fatalError("API") }
    /// BODYSTRUCTURE (RFC 9051 §7.5.2), extension data included.
    package var bodyStructure: BodyStructure { fatalError("API") }
}

extension Envelope {
    /// The envelope of the message whose header this is; Sender and Reply-To default to From.
    package init(header: MessageHeader, limits: ScanLimits = .standard) { fatalError("API") }
}
