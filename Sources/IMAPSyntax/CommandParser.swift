internal import Bytes

/// Reads a command in one pass, choosing by the next octet or word and never going back.
package struct CommandParser {
    package struct Limits: Sendable {
        /// Nesting of search keys and lists.
        package var depth = 32
        /// Members of one list: attributes, flags, patterns, keys.
        package var listLength = 4_096
        /// Elements of one sequence set.
        package var setLength = 32_768

        package init() {}
    }

    /// Reads a whole command.
    /// - Parameter utf8: mailbox names are UTF-8 because the client has enabled IMAP4rev2; otherwise modified UTF-7.
    package static func parse(
        _ command: FramedCommand, utf8: Bool = false, limits: Limits = Limits()
    ) throws(IMAPSyntaxError) -> TaggedCommand { fatalError("not yet written") }

    /// Reads an APPEND up to the head of a message literal, which is the last thing in `start`.
    package static func parseAppendStart(
        _ start: FramedCommand, utf8: Bool = false, limits: Limits = Limits()
    ) throws(IMAPSyntaxError) -> (tag: [UInt8], command: AppendCommand) { fatalError("not yet written") }

    /// The tag that a command begins with, for the answer to one that can't be read; nil when there is none.
    package static func tag(of bytes: [UInt8]) -> [UInt8]? { fatalError("not yet written") }
}
