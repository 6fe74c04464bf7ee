internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import TLS

/// LIST and LSUB (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154, RFC 9590; RFC 3501 §6.3.9).
extension IMAPSession {
    func list(_ command: ListCommand, _ principal: Principal) async throws(Fault) -> Reply {
        // An empty pattern asks for the delimiter and the root.
        if !command.isExtended, command.patterns == [""] {
            let root = ListResponse(
                attributes: ["\\Noselect"], delimiter: MailboxName.delimiter, name: "", encodedName: [])
            connection.output.append { (output) in output.appendList(root, utf8: speaksUTF8) }
            return .ok("Root listed")
        }
        try checkCount(of: command.metadata)
        if command.status.contains(.highestModSeq) { enableCondStore() }
        let all = try await ask { () async throws(EngineError) in try await self.engine.list(for: principal) }
        for line in ListPlan(command).lines(of: all) {
            connection.output.append { (output) in output.appendList(line.response, utf8: speaksUTF8) }
            if !command.status.isEmpty, line.isSelectable {
                await listStatus(line.name, command.status, principal)
            }
            if command.returns.contains(.myRights), line.isSelectable { await listRights(of: line.name, principal) }
            if !command.metadata.isEmpty, line.isSelectable {
                try await listMetadata(of: line.name, command.metadata, principal)
            }
            try await drain()
        }
        return .ok("Mailboxes listed")
    }

    /// A mailbox whose status can't be told now is listed without it (RFC 5819 §2).
    private func listStatus(_ name: MailboxName, _ items: [StatusItem], _ principal: Principal) async {
        do throws(EngineError) {
            let status = try await engine.status(of: name, for: principal, needs: StatusNeeds(items))
            writeStatus(name, status, items)
        } catch {
            log.debug("no status for a listing", ["mailbox": name.text, "reason": "\(error)"])
        }
    }

    func lsub(_ reference: String, _ pattern: String, _ principal: Principal) async throws(Fault) -> Reply {
        let all = try await ask { () async throws(EngineError) in try await self.engine.list(for: principal) }
        for response in ListPlan.subscribed(all, MailboxPattern(reference: reference, pattern)) {
            connection.output.append { (output) in output.appendList(response, isLSUB: true, utf8: speaksUTF8) }
            try await drain()
        }
        return .ok("Subscriptions listed")
    }
}

/// Which mailboxes a LIST answers, and with what.
struct ListPlan {
    struct Line {
        var name: MailboxName
        var isSelectable: Bool
        var response: ListResponse
    }

    private let command: ListCommand
    private let patterns: [MailboxPattern]

    init(_ command: ListCommand) {
        self.command = command
        patterns = command.patterns.map { MailboxPattern(reference: command.reference, $0) }
    }

    func lines(of all: [VisibleMailbox]) -> [Line] {
        let parents = command.selection.contains(.recursiveMatch) ? ancestors(of: all.filter(isSelected)) : []
        return all.compactMap { mailbox in
            let hasSelectedBelow = parents.contains(mailbox.name)
            guard isSelected(mailbox) || hasSelectedBelow, patterns.contains(where: { $0.matches(mailbox.name) })
            else { return nil }
            var response = ListResponse(
                attributes: attributes(of: mailbox), delimiter: MailboxName.delimiter, name: mailbox.name.text,
                encodedName: [])
            if hasSelectedBelow { response.childInfo = childInfo }
            return Line(
                name: mailbox.name, isSelectable: mailbox.attributes.isDisjoint(with: [.noSelect, .nonExistent]),
                response: response)
        }
    }

    /// Whether a mailbox meets the selection options (RFC 5258 §3.1, RFC 6154 §2).
    private func isSelected(_ mailbox: VisibleMailbox) -> Bool {
        (!command.selection.contains(.subscribed) || mailbox.isSubscribed)
            && (!command.selection.contains(.specialUse) || !mailbox.uses.isEmpty)
            && (command.selection.contains(.subscribed) || !mailbox.attributes.contains(.nonExistent))
    }

    private var childInfo: [String] {
        (command.selection.contains(.subscribed) ? ["SUBSCRIBED"] : [])
            + (command.selection.contains(.specialUse) ? ["SPECIAL-USE"] : [])
    }

    private func ancestors(of mailboxes: [VisibleMailbox]) -> Set<MailboxName> {
        var names: Set<MailboxName> = []
        for mailbox in mailboxes {
            var parent = mailbox.name.parent
            while let name = parent, names.insert(name).inserted { parent = name.parent }
        }
        return names
    }

    private func attributes(of mailbox: VisibleMailbox) -> [String] {
        var names = Self.attributes(of: mailbox)
        if mailbox.isSubscribed, command.selection.contains(.subscribed) || command.returns.contains(.subscribed) {
            names.append("\\Subscribed")
        }
        return names + mailbox.uses.map(\.rawValue)
    }

    /// What LIST says of a mailbox without being asked for more (RFC 9051 §7.3.1).
    static func attributes(of mailbox: VisibleMailbox) -> [String] {
        var names: [String] = []
        if mailbox.attributes.contains(.nonExistent) {
            names.append("\\NonExistent")
        } else if mailbox.attributes.contains(.noSelect) {
            names.append("\\Noselect")
        }
        if mailbox.attributes.contains(.noInferiors) {
            names.append("\\Noinferiors")
        } else {
            names.append(mailbox.attributes.contains(.hasChildren) ? "\\HasChildren" : "\\HasNoChildren")
        }
        return names
    }

    /// LSUB: what is subscribed, and with `%` the levels above what is subscribed deeper down, as `\Noselect`.
    static func subscribed(_ all: [VisibleMailbox], _ pattern: MailboxPattern) -> [ListResponse] {
        let subscribed = all.filter(\.isSubscribed)
        var names: [MailboxName: Bool] = [:]
        for mailbox in subscribed {
            if pattern.matches(mailbox.name) { names[mailbox.name] = true }
            guard pattern.hasPercent else { continue }
            var parent = mailbox.name.parent
            while let name = parent {
                if names[name] == nil, pattern.matches(name) { names[name] = false }
                parent = name.parent
            }
        }
        return names.sorted { $0.key < $1.key }.map { name, isSubscribed in
            ListResponse(
                attributes: isSubscribed ? [] : ["\\Noselect"], delimiter: MailboxName.delimiter, name: name.text,
                encodedName: [])
        }
    }
}
