internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import Mirror
internal import TLS

/// SORT (RFC 5256 §3, RFC 5957, RFC 5267) and THREAD (RFC 5256 §3). Text is compared by i;unicode-casemap.
extension IMAPSession {
    func sort(_ command: SortCommand, _ tag: [UInt8], _ selection: Selection) async throws(Fault) -> Reply {
        if let refusal = refusal(of: command.search, tag, selection) { return refusal }
        let key = try resolve(command.search.key, selection)
        // What changes from here on is looked at again.
        let known = selection.view.seen
        let sorted = try await askPatiently { () async throws(EngineError) in
            try await selection.mailbox.sort(key, by: command.criteria, in: selection.view)
        }
        let results = SearchResults(sorted.map(\.rawValue), command.search)
        let modSeq = try await modSeq(of: results.named, command.search, selection)
        if command.search.returns != nil || command.search.partial != nil {
            save(results, command.search, selection)
            watch(results, key, by: command.criteria, command.search, tag, known, selection)
            write(results, modSeq, command.search, tag, selection)
        } else {
            let numbered = numbering(command.search, selection)
            connection.output.append { (output) in
                output.appendSort(results.uids.lazy.map(numbered), modSeq: modSeq)
            }
        }
        try await drain()
        return .ok("Sorted")
    }

    func thread(_ command: ThreadCommand, _ selection: Selection) async throws(Fault) -> Reply {
        let key = try resolve(command.search.key, selection)
        if command.search.key.namesModSeq { enableCondStore() }
        let threads = try await askPatiently { () async throws(EngineError) in
            try await selection.mailbox.threads(key, by: command.algorithm, in: selection.view)
        }
        let numbered = numbering(command.search, selection)
        let nodes = threads.nodes.map { node in
            ThreadNode(node.number == 0 ? nil : numbered(node.number), depth: Int(node.depth))
        }
        connection.output.append { (output) in output.appendThreads(nodes) }
        try await drain()
        return .ok("Threaded")
    }
}
