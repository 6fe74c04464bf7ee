internal import IMAPSyntax

/// What is read but not offered: the grammar knows more than the capabilities say, and what they do not say is refused
/// as if it were not known (RFC 9051 §6.1.1).
extension Command {
    /// Whether the capabilities tell of the command and of all that it asks for.
    var isOffered: Bool {
        switch self {
        case .getMetadata, .setMetadata: false
        case .list(let list): list.isOffered
        default: true
        }
    }
}

extension ListCommand {
    fileprivate var isOffered: Bool {
        metadata.isEmpty
    }
}
