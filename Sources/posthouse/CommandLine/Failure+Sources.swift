internal import Glibc
internal import Store
internal import Vault

extension Failure {
    /// What the store's refusal means to who typed the command.
    init(_ error: StoreError) {
        if let fault = error.databaseFault {
            self.init(fault)
            return
        }
        switch error {
        case .database(let error): self.init(.inputOutput, "the database failed: \(error)")
        case .noSuch(let kind, let name):
            self.init(
                .refused, "there is no \(kind.noun) `\(name)`",
                remedy: kind.lister.map { "`posthouse \($0)` tells which there are." } ?? "")
        case .alreadyExists(let kind, let name):
            self.init(
                .refused, "there is \(kind.article) \(kind.noun) `\(name)` already", remedy: "Choose another name.")
        case .managedBySite(let kind, let name):
            self.init(
                .refused, "the \(kind.noun) `\(name)` is kept in the site file and can be changed there alone",
                remedy: "Edit the file that `site-file` names, then reload Posthouse with SIGHUP.")
        case .inUse(let kind, let name, let by):
            self.init(.refused, "the \(kind.noun) `\(name)` is used by \(by)", remedy: "Remove that first.")
        case .invalid(let kind, let name, let reason):
            self.init(.refused, "the \(kind.noun) `\(name)` can't be: \(reason)")
        case .tooMany(let kind, let limit): self.init(.refused, "there can't be more \(kind.noun) than \(limit)")
        case .tooLarge(let kind, let limit): self.init(.refused, "the \(kind.noun) has more than \(limit) octets")
        case .damaged(let what):
            self.init(
                .inputOutput, "the database is damaged: \(what)",
                remedy: "Restore store.db from a copy; look at the disk.")
        case .sealing: self.init(.fault, "what has to be stored can't be sealed")
        case .abandoned(let reason): self.init(.refused, reason)
        }
    }

    /// What the state of the database means.
    init(_ fault: DatabaseFault) {
        switch fault {
        case .busy: self.init(.temporary, "the database is locked by another process", remedy: "Try again.")
        case .diskFull: self.init(.inputOutput, "the disk is full", remedy: "Make room, then try again.")
        case .noPermission(let message):
            self.init(
                .noPermission, "the database can't be opened for writing: \(message)",
                remedy: "Run the command as the user of Posthouse, or as root.")
        case .corrupt(let message):
            self.init(
                .inputOutput, "the database is damaged: \(message)",
                remedy: "Restore store.db from a copy; look at the disk.")
        case .newerSchema(let found, let known):
            self.init(
                .configuration, "the database was made by a later Posthouse (schema \(found), known \(known))",
                remedy: "Use that version, or go back to a copy of the database.")
        case .other(let text): self.init(.inputOutput, "the database failed at \(text)")
        }
    }

    /// What the vault's refusal means.
    init(_ error: VaultError) {
        switch error {
        case .keyFile(let path, let reason):
            self.init(
                .noPermission, "the master key \(path): \(reason)",
                remedy: "Run the command as the user of Posthouse, or correct `master-key-file`.")
        case .keyFileExposed(let path, let mode):
            self.init(
                .configuration, "others can read the master key \(path) (mode \(String(mode, radix: 8)))",
                remedy: "Run `chmod 0600 \(path)`, and think of the key as known.")
        case .keyFileMalformed(let path):
            self.init(
                .configuration, "\(path) holds no master key",
                remedy: "Restore it from a copy. Without it the sealed passwords are lost.")
        case .otherKey:
            self.init(
                .configuration, "this was sealed under another master key",
                remedy: "Restore the key from a copy, or set the password anew.")
        case .damaged: self.init(.inputOutput, "what is sealed in the database is damaged")
        case .library(let step): self.init(.fault, "OpenSSL failed at: \(step)")
        case .exchange(let error): self.init(.unavailable, "sign-in upstream: \(error)")
        }
    }
}

extension StoreError.Kind {
    /// For a sentence.
    fileprivate var noun: String {
        switch self {
        case .journalEntry: "journal entry"
        case .outboxEntry: "queued message"
        default: rawValue
        }
    }

    /// `a` or `an`.
    fileprivate var article: String { "aeio".contains(noun.prefix(1)) ? "an" : "a" }

    /// The command that lists them.
    fileprivate var lister: String? {
        switch self {
        case .user, .group, .server, .account, .grant, .scanner, .ticket: "\(rawValue) list"
        case .journalEntry: "journal list"
        case .outboxEntry: "queue list"
        default: nil
        }
    }
}
