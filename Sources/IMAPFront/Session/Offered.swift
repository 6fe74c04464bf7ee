internal import IMAPSyntax

/// What is read but not offered: the grammar knows more than the capabilities say, and what they do not say is refused
/// as if it were not known (RFC 9051 §6.1.1).
extension Command {
    /// Whether the capabilities tell of the command and of all that it asks for.
    var isOffered: Bool {
        switch self {
        case .notify: false
        case .getQuota, .getQuotaRoot, .setQuota, .getMetadata, .setMetadata: false
        case .status(_, let items): items.allSatisfy(\.isOffered)
        case .list(let list): list.isOffered
        default: true
        }
    }
}

extension StatusItem {
    fileprivate var isOffered: Bool { self != .deletedStorage }
}

extension ListCommand {
    fileprivate var isOffered: Bool {
        metadata.isEmpty && status.allSatisfy(\.isOffered)
    }
}
