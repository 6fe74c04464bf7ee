internal import Bytes
package import MailTypes

/// `THREAD` and `UID THREAD` (RFC 5256 §3).
package struct ThreadCommand: Hashable, Sendable {
    package var algorithm: ThreadAlgorithm
    /// What is threaded. The charset is always named; UTF-8 is written for nil.
    package var search: SearchCommand

    package init(algorithm: ThreadAlgorithm, search: SearchCommand) {
        self.algorithm = algorithm
        self.search = search
    }
}

extension CommandReader {
    /// `THREAD`, the word taken.
    mutating func thread(isUID: Bool) throws(IMAPSyntaxError) -> ThreadCommand {
        try space()
        let start = position
        guard let algorithm = ThreadAlgorithm(rawValue: try upperCaseAtom("a thread algorithm")) else {
            throw .unexpected(position: start, expected: "a thread algorithm")
        }
        var thread = ThreadCommand(algorithm: algorithm, search: SearchCommand(isUID: isUID, key: .all))
        try searchCriteria(into: &thread.search)
        return thread
    }
}

extension CommandWriter {
    mutating func thread(_ thread: ThreadCommand) {
        text(thread.search.isUID ? "UID THREAD " : "THREAD ")
        text(thread.algorithm.rawValue)
        searchCriteria(thread.search)
    }
}
