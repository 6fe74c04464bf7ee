internal import Bytes
internal import Engine
internal import IMAPSyntax
internal import Loop
internal import MailTypes
internal import Mirror
internal import TLS

/// Gmail's own items, labels and search, which pass through to an upstream that has them.
extension IMAPSession {
    /// Whether Gmail stands behind what the client is looking at: the selected mailbox, else its default account.
    var isAtGmail: Bool {
        if let selection { return selection.mailbox.isGmail }
        return principal.map(engine.isGmail) ?? false
    }

    /// STORE of labels, of messages that are there; told unless silently.
    func storeLabels(
        _ labels: [String], _ command: StoreCommand, _ selection: Selection
    ) async throws(Fault) -> Reply {
        guard command.unchangedSince == nil else { return .bad("Labels have no mod-sequence") }
        let uids = try selection.uids(command.messages, isUID: command.isUID)
        guard !uids.isEmpty else { return .ok("No messages") }
        let change: FlagChange =
            switch command.change {
            case .add: .add
            case .remove: .remove
            case .replace: .replace
            }
        try await ask { () async throws(EngineError) in
            try await selection.mailbox.storeGmailLabels(NumberSet(uids), change, labels)
        }
        guard !command.isSilent else { return .ok("Stored") }
        let told = try await ask { () async throws(EngineError) in
            try await selection.mailbox.particulars(uids, needs: [], gmail: [.gmailLabels])
        }
        for uid in uids {
            guard let number = selection.view.sequenceNumber(of: uid), let message = told.messages[uid] else {
                continue
            }
            connection.output.append { (output) in
                appendFetchStart(number, uid, to: &output)
                append(.gmailLabels, of: message, to: &output)
                output.appendFetchEnd()
            }
        }
        try await drain()
        return told.failure.map { Reply($0) } ?? .ok("Stored")
    }
}

extension Command {
    /// Whether it asks for what only Gmail has; refused as unknown elsewhere.
    var usesGmailItems: Bool {
        switch self {
        case .fetch(let fetch): fetch.attributes.contains(where: \.isGmails)
        case .store(let store): store.gmailLabels != nil
        case .search(let search): search.isGmails
        case .sort(let sort): sort.search.isGmails
        case .thread(let thread): thread.search.key.isGmails
        case .multiSearch(let search): search.search.isGmails
        case .notify(let notify?):
            notify.groups.contains { group in
                group.events.contains {
                    if case .messageNew(let items) = $0 { items.contains(where: \.isGmails) } else { false }
                }
            }
        default: false
        }
    }
}

extension SearchCommand {
    fileprivate var isGmails: Bool { key.isGmails || updateAttributes.contains(where: \.isGmails) }
}

extension FetchAttribute {
    /// Whether only Gmail has it, or nobody knows who has.
    var isGmails: Bool {
        switch self {
        case .gmailMessageID, .gmailThreadID, .gmailLabels, .unknown: true
        default: false
        }
    }
}
