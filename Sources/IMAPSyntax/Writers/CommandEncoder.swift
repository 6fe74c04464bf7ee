internal import Bytes
internal import MailTypes

/// Which literals a server takes without waiting (RFC 7888).
package enum LiteralSupport: Hashable, Sendable {
    case synchronizing
    /// LITERAL-: up to 4,096 octets, also part of IMAP4rev2.
    case minus
    /// LITERAL+.
    case plus
}

/// An encoded command as the steps that send it.
package enum CommandSegment: Hashable, Sendable {
    case bytes([UInt8])
    /// Wait for the server's `+` before going on; a tagged NO or BAD ends the command here.
    case awaitContinuation
    /// Send the octets of the literal with this index in `Command.literalSizes`.
    case message(Int)
}

/// Writes commands toward an upstream server.
package struct CommandEncoder: Sendable {
    package var literals: LiteralSupport
    /// The server has enabled IMAP4rev2 or UTF8=ACCEPT: mailbox names and strings in UTF-8.
    package var utf8: Bool

    package init(literals: LiteralSupport = .synchronizing, utf8: Bool = false) {
        self.literals = literals
        self.utf8 = utf8
    }

    /// The command as segments, its line end included. A SASL initial response is written in base 64.
    package func encode(_ command: TaggedCommand) -> [CommandSegment] {
        var writer = CommandWriter(self)
        writer.bytes(command.tag)
        writer.text(" ")
        writer.command(command.command)
        return writer.finish()
    }
}

extension CommandWriter {
    mutating func command(_ command: Command) {
        switch command {
        case .capability: text("CAPABILITY")
        case .noop: text("NOOP")
        case .logout: text("LOGOUT")
        case .id(let fields): identification(fields)
        case .startTLS: text("STARTTLS")
        case .authenticate(let mechanism, let response): authenticate(mechanism, response)
        case .login(let name, let password): login(name, password)
        case .enable(let names): text("ENABLE " + names.joined(separator: " "))
        case .select(let select): self.select(select)
        case .create(let mailbox, let uses): create(mailbox, uses)
        case .delete(let mailbox): named("DELETE ", mailbox)
        case .rename(let mailbox, let target):
            named("RENAME ", mailbox)
            named(" ", target)
        case .subscribe(let mailbox): named("SUBSCRIBE ", mailbox)
        case .unsubscribe(let mailbox): named("UNSUBSCRIBE ", mailbox)
        case .list(let list): self.list(list)
        case .lsub(let reference, let pattern): lsub(reference, pattern)
        case .namespace: text("NAMESPACE")
        case .status(let mailbox, let items): status(mailbox, items)
        case .append(let append): self.append(append)
        case .idle: text("IDLE")
        case .check: text("CHECK")
        case .close: text("CLOSE")
        case .unselect: text("UNSELECT")
        case .expunge(nil): text("EXPUNGE")
        case .expunge(let uids?):
            text("UID EXPUNGE ")
            set(uids)
        case .search(let search): self.search(search)
        case .fetch(let fetch): self.fetch(fetch)
        case .store(let store): self.store(store)
        case .copy(let copy): self.copy("COPY ", copy)
        case .move(let move): copy("MOVE ", move)
        case .sort(let sort): self.sort(sort)
        case .thread(let thread): self.thread(thread)
        case .cancelUpdate(let tags): cancelUpdate(tags)
        case .replace(let replace): self.replace(replace)
        case .compress(let algorithm): text("COMPRESS " + algorithm)
        case .unauthenticate: text("UNAUTHENTICATE")
        case .setACL(let mailbox, let identifier, let change): setACL(mailbox, identifier, change)
        case .deleteACL(let mailbox, let identifier): named("DELETEACL ", mailbox, identifier)
        case .getACL(let mailbox): named("GETACL ", mailbox)
        case .listRights(let mailbox, let identifier): named("LISTRIGHTS ", mailbox, identifier)
        case .myRights(let mailbox): named("MYRIGHTS ", mailbox)
        case .getQuota(let root): getQuota(root)
        case .getQuotaRoot(let mailbox): named("GETQUOTAROOT ", mailbox)
        case .setQuota(let root, let limits): setQuota(root, limits)
        case .getMetadata(let metadata): getMetadata(metadata)
        case .setMetadata(let mailbox, let values): setMetadata(mailbox, values)
        case .notify(let notify): self.notify(notify)
        case .multiSearch(let search): multiSearch(search)
        case .generateURLs(let requests): generateURLs(requests)
        case .resetKey(let mailbox, let mechanisms): resetKey(mailbox, mechanisms)
        case .fetchURLs(let urls): fetchURLs(urls)
        }
    }

    private mutating func named(_ word: String, _ mailbox: MailboxName) {
        text(word)
        self.mailbox(mailbox)
    }
}
