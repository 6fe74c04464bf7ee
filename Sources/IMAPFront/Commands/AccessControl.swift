internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import MailTypes
internal import TLS

/// ACL (RFC 4314) and LIST-MYRIGHTS (RFC 8440): they show what the grant gives. Grants are made by an administrator and
/// not here, so the right to see and change a whole list (`a`) is never anybody's: each sees an entry of her own alone.
extension IMAPSession {
    func myRights(_ name: MailboxName, _ principal: Principal) async throws(Fault) -> Reply {
        let rights = try await rights(in: name, principal)
        connection.output.append { (output) in output.appendMyRights(rights, of: name.text, utf8: speaksUTF8) }
        return .ok("Rights told")
    }

    func getACL(_ name: MailboxName, _ principal: Principal) async throws(Fault) -> Reply {
        let response = ACLResponse(
            mailbox: name.text, entries: [.init(principal.userName, try await rights(in: name, principal))])
        connection.output.append { (output) in output.appendACL(response, utf8: speaksUTF8) }
        return .ok("Your own entry told")
    }

    /// What she has cannot be taken from her here, and no more can be given.
    func listRights(_ name: MailboxName, _ identifier: String, _ principal: Principal) async throws(Fault) -> Reply {
        let rights = try await rights(in: name, principal)
        guard identifier == principal.userName else { return Self.grantsAreNotMadeHere }
        let response = ListRightsResponse(mailbox: name.text, identifier: identifier, required: rights, optional: [])
        connection.output.append { (output) in output.appendListRights(response, utf8: speaksUTF8) }
        return .ok("Rights listed")
    }

    /// SETACL and DELETEACL. A mailbox that she may not see is answered as one that is not there.
    func changeACL(of name: MailboxName, _ principal: Principal) async throws(Fault) -> Reply {
        _ = try await rights(in: name, principal)
        return Self.grantsAreNotMadeHere
    }

    private static let grantsAreNotMadeHere = Reply.no("Grants are made by an administrator", .noPermission)

    private func rights(in name: MailboxName, _ principal: Principal) async throws(Fault) -> AccessRights {
        AccessRights(
            try await ask { () async throws(EngineError) in try await self.engine.rights(in: name, for: principal) })
    }

    /// The line that follows a LIST line; a mailbox that has gone meanwhile has none.
    func listRights(of name: MailboxName, _ principal: Principal) async {
        guard let rights = try? await engine.rights(in: name, for: principal) else { return }
        let letters = AccessRights(rights)
        connection.output.append { (output) in output.appendMyRights(letters, of: name.text, utf8: speaksUTF8) }
    }
}

extension AccessRights {
    /// A grant in the letters of RFC 4314 §2.1:
    ///
    /// | grant | letters |
    /// |---|---|
    /// | read | `l`, `r` |
    /// | flag | `s`, `w`, `t` |
    /// | write | `i`, `k`, `x`, `e` |
    /// | send | `p` |
    init(_ rights: Rights) {
        self = []
        if rights.contains(.read) { formUnion([.lookup, .read]) }
        if rights.contains(.flag) { formUnion([.keepSeen, .write, .deleteMessages]) }
        if rights.contains(.write) { formUnion([.insert, .createMailboxes, .deleteMailbox, .expunge]) }
        if rights.contains(.send) { formUnion([.post]) }
    }
}
