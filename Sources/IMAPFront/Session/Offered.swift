internal import IMAPSyntax

/// What is read but not offered: the grammar knows more than the capabilities say, and what they do not say is refused
/// as if it were not known (RFC 9051 §6.1.1).
extension Command {
    /// Whether the capabilities tell of the command and of all that it asks for.
    var isOffered: Bool {
        switch self {
        case .sort, .thread, .cancelUpdate, .replace, .compress, .unauthenticate: false
        case .append(let append): append.messages.allSatisfy(\.isOffered)
        case .search(let search): search.isOffered
        case .fetch(let fetch): fetch.partial == nil
        default: true
        }
    }
}

extension AppendCommand.Message {
    fileprivate var isOffered: Bool { if case .literal = content { true } else { false } }
}

extension SearchCommand {
    fileprivate var isOffered: Bool {
        partial == nil && (returns ?? []).isDisjoint(with: [.update, .context])
    }
}
