/// The encoding of mailbox names in RFC 3501 §5.1.3.
package enum ModifiedUTF7 {
    /// The encoding of `text`, appended to `output`.
    package static func append(_ text: String, to output: inout [UInt8]) { fatalError("not yet written") }

    /// The text that `bytes` encode; nil when they are no well-formed modified UTF-7. An encoding that RFC 3501 calls
    /// superfluous (`&AGE-` for `a`) is refused as well, so that two names never mean one mailbox.
    package static func decode(_ bytes: some Collection<UInt8>) -> String? { fatalError("not yet written") }
}
