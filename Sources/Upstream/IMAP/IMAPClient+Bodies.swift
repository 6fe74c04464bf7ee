internal import IMAPSyntax
package import MailTypes

/// Which messages `fetchBodies` asks for.
package struct BodyRequests {
    /// The messages to ask for next, at least one; nil when there are none for now. Asked at the beginning, whenever a
    /// message has come in, and at the end: what is named in time is asked for before the rest of the last command has
    /// come in, so that the server need not wait for us.
    package let next: () -> NumberSet?
    /// The command that named these messages has been answered. What of them has not come in is gone, or could not be
    /// had or taken for this reason.
    package let answered: (NumberSet, UpstreamError?) -> Void

    package init(next: @escaping () -> NumberSet?, answered: @escaping (NumberSet, UpstreamError?) -> Void) {
        self.next = next
        self.answered = answered
    }
}

/// Reading messages themselves.
extension IMAPClient {
    /// A command that was sent and has not been answered.
    private struct Asked {
        let tag: [UInt8]
        let command: Command
        let uids: NumberSet
    }

    /// Streams messages (BODY.PEEK[] with INTERNALDATE) into the sink, one after the other, as long as there are any to
    /// ask for. The commands follow each other without waiting (RFC 9051 §5.5: none of them makes another ambiguous).
    /// - Throws: when the connection is lost; what the server refuses is told to `requests`.
    package func fetchBodies(_ requests: BodyRequests, into sink: any BodySink) async throws(UpstreamError) {
        if let failure { throw failure }
        let stream = BodyStream(sink)
        var asked: [Asked] = []
        var responses = 0
        while true {
            if let uids = requests.next() {
                try await ask(for: uids, &asked)
            } else if asked.isEmpty {
                return
            }
            let answer = try await receive(stream) { (response) in
                guard case .fetch(let message) = response, let section = message.sections.first,
                    let uid = message.uid ?? self.numbers.uid(at: message.sequenceNumber),
                    asked.contains(where: { $0.uids.contains(uid) })
                else { return false }
                switch section.content {
                case .inline(let bytes):
                    guard await stream.begin(uid, size: UInt64(bytes.count)) else { return true }
                    await stream.take(bytes)
                case .streamed: break
                case .absent: return true
                }
                await stream.end(uid, internalDate: message.internalDate)
                return true
            }
            responses += 1
            guard responses <= IMAPLimits.responses else { throw endless() }
            // A server may answer them in another order.
            guard let answer, let place = asked.firstIndex(where: { $0.tag == answer.tag }) else { continue }
            let done = asked.remove(at: place)
            responses = 0
            let reason = answer.condition == .ok ? nil : refusal(of: done.command, answer.condition, answer.text)
            requests.answered(done.uids, reason ?? stream.takeFailure())
        }
    }

    /// Sends the commands that it takes to name all of them.
    private func ask(for uids: NumberSet, _ asked: inout [Asked]) async throws(UpstreamError) {
        for set in uids.lines {
            let command = Command.fetch(
                FetchCommand(
                    isUID: true, messages: .numbers(set.sequenceSet),
                    attributes: [.uid, .internalDate, .section(.whole, partial: nil, peek: true)]))
            asked.append(Asked(tag: mention(command), command: command, uids: set))
        }
        try await flush()
    }
}
