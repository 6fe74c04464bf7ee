/// Why a text is no document that this target accepts.
package enum YAMLError: Error, Hashable, Sendable {
    /// Not YAML, in libyaml's words.
    case syntax(String, Position)
    /// Octets that are no UTF-8, or a character that YAML forbids.
    case badCharacter(String, Position)
    case fileTooLarge(limit: Int)
    case scalarTooLong(limit: Int, Position)
    case tooDeep(limit: Int, Position)
    /// Nodes are counted with aliases followed.
    case tooManyNodes(limit: Int, Position)
    case duplicateKey(String, Position, first: Position)
    /// A key that is a sequence or a mapping.
    case keyNotScalar(Position)
    /// An alias with no anchor of that name before it, or inside the very node that it names.
    case unknownAlias(String, Position)
    case explicitTag(String, Position)
    case severalDocuments(Position)
    case outOfMemory

    /// Where in the text, when it is about one place.
    package var position: Position? {
        switch self {
        case .syntax(_, let position), .badCharacter(_, let position), .scalarTooLong(_, let position),
            .tooDeep(_, let position), .tooManyNodes(_, let position), .duplicateKey(_, let position, _),
            .keyNotScalar(let position), .unknownAlias(_, let position), .explicitTag(_, let position),
            .severalDocuments(let position):
            position
        case .fileTooLarge, .outOfMemory: nil
        }
    }
}
