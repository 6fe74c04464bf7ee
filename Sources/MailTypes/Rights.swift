/// What a grant allows in an account's mailboxes.
package struct Rights: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// See the mailbox and read its messages.
    package static let read = Rights(rawValue: 1)
    /// Change flags.
    package static let flag = Rights(rawValue: 2)
    /// Save, copy, move, expunge; create, rename and delete mailboxes.
    package static let write = Rights(rawValue: 4)
    /// Send as the account's identities.
    package static let send = Rights(rawValue: 8)

    package static let all: Rights = [.read, .flag, .write, .send]

    /// Each right with its word in configuration and command line, in their usual order.
    package static let words: [(right: Rights, word: String)] = [
        (.read, "read"), (.flag, "flag"), (.write, "write"), (.send, "send"),
    ]

    package init?(word: String) {
        guard let match = Self.words.first(where: { $0.word == word }) else { return nil }
        self = match.right
    }

    package var wordList: [String] { Self.words.filter { contains($0.right) }.map(\.word) }
}
