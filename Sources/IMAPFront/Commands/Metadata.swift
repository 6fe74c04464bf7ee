internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import TLS

/// METADATA (RFC 5464) and LIST-METADATA (RFC 9590). An entry that was asked for by its name and has no value is told as
/// NIL.
extension IMAPSession {
    func getMetadata(_ command: GetMetadataCommand, _ principal: Principal) async throws(Fault) -> Reply {
        try checkCount(of: command.entries)
        let metadata = try await ask { () async throws(EngineError) in
            try await self.engine.metadata(
                command.entries, command.depth, of: command.mailbox, largest: command.maxSize.map { Int($0) },
                for: principal)
        }
        try await write(metadata.values, of: command.mailbox)
        return .ok("Metadata told", metadata.longest.map { .metadata(.longEntries(UInt64($0))) })
    }

    func setMetadata(
        _ values: [MetadataValue], of name: MailboxName?, _ principal: Principal
    ) async throws(Fault) -> Reply {
        try await ask { () async throws(EngineError) in
            try await self.engine.setMetadata(values, of: name, for: principal)
        }
        let entries = Set(values.map(\.entry))
        await passOver(principal) { change in
            guard case .metadata(let changed, let entry, _) = change else { return false }
            return changed == name ?? MailboxName("") && entries.contains(entry)
        }
        return .ok("Metadata kept")
    }

    /// Refuses a command that asks for more entries than the limit.
    func checkCount(of entries: [MetadataEntry]) throws(Fault) {
        guard entries.count <= configuration.limits.metadataEntries else {
            throw .reply(.no("No more than \(configuration.limits.metadataEntries) entries at a time", .limit))
        }
    }

    /// What follows a LIST line; a mailbox whose metadata can't be told now is listed without it (RFC 9590 §3).
    func listMetadata(
        of name: MailboxName, _ entries: [MetadataEntry], _ principal: Principal
    ) async throws(Fault) {
        let metadata: Engine.Metadata
        do throws(EngineError) {
            metadata = try await engine.metadata(entries, of: name, for: principal)
        } catch {
            return log.debug("no metadata for a listing", ["mailbox": name.text, "reason": "\(error)"])
        }
        try await write(metadata.values, of: name)
    }

    /// Tells of all in as few responses as the limit of what may wait to be sent allows.
    private func write(_ values: [MetadataValue], of name: MailboxName?) async throws(Fault) {
        var rest = values[...]
        while !rest.isEmpty {
            var size = 0
            let next = rest.prefix { value in
                defer { size += value.value?.count ?? 0 }
                return size < configuration.limits.unsent
            }
            rest = rest.dropFirst(next.count)
            connection.output.append { (output) in
                output.appendMetadata(Array(next), of: name?.text ?? "", utf8: speaksUTF8)
            }
            try await drain()
        }
    }
}
