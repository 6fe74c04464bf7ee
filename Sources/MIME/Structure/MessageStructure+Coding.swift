package import MailTypes

extension MessageStructure {
    /// A compact form to store beside the message; begins with its version.
    package var encoded: [UInt8] { fatalError("API") }
    /// Reads what `encoded` wrote; nil when it is damaged or of another version.
    package init?(encoded: [UInt8]) { fatalError("API") }
}

extension Envelope {
    /// A compact form to store; begins with its version.
    package var encoded: [UInt8] { fatalError("API") }
    /// Reads what `encoded` wrote; nil when it is damaged or of another version.
    package init?(encoded: [UInt8]) { fatalError("API") }
}

extension BodyStructure {
    /// A compact form to store; begins with its version.
    package var encoded: [UInt8] { fatalError("API") }
    /// Reads what `encoded` wrote; nil when it is damaged or of another version.
    package init?(encoded: [UInt8]) { fatalError("API") }
}
