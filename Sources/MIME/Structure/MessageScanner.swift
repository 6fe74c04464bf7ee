/// Finds the parts of a message in one pass over its octets, in whatever pieces they arrive. It never fails.
package struct MessageScanner {
    package init(limits: ScanLimits = .standard) { fatalError("API") }

    /// Takes the next octets of the message.
    package mutating func feed(_ bytes: ArraySlice<UInt8>) { fatalError("API") }
    package mutating func feed(_ bytes: [UInt8]) { feed(bytes[...]) }

    /// The structure, once the last octet was fed. The scanner is used up.
    package mutating func finish() -> MessageStructure { fatalError("API") }

    /// The structure of a message that lies in memory as one.
    package static func scan(_ message: [UInt8], limits: ScanLimits = .standard) -> MessageStructure {
        var scanner = MessageScanner(limits: limits)
        scanner.feed(message)
        return scanner.finish()
    }
}
