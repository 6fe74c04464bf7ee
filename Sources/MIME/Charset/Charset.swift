/// A character set by its MIME label, with the substitutions that senders need: a label often names less than what
/// was used.
package struct Charset: Hashable, Sendable {
    /// The name it is converted by; nil when the label is unknown.
    package let name: String?

    /// Any case, quotes and blanks around it ignored.
    package init(label: some Collection<UInt8>) { fatalError("API") }
    package init(label: String) { self.init(label: Array(label.utf8)) }
    package static var utf8: Charset { Charset(label: "utf-8") }
    /// No label: UTF-8 where the octets are, else windows-1252.
    package static var unknown: Charset { Charset(label: "") }

    /// The text; what cannot be converted becomes U+FFFD. It never fails.
    package func decode(_ bytes: some Collection<UInt8>) -> String { fatalError("API") }
}
