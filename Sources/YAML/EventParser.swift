internal import CYAML

/// libyaml's event API over octets in memory: the one place that touches the library.
struct EventParser: ~Copyable {
    enum Event {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(name: String)
        case scalar(Node.Scalar, Properties)
        case sequenceStart(Properties)
        case sequenceEnd
        case mappingStart(Properties)
        case mappingEnd
    }

    /// What may stand before a node.
    struct Properties {
        var anchor: String?
        var tag: String?
    }

    // libyaml keeps pointers to both, so neither may move.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) throws(YAMLError) {
        parser = .allocate(capacity: 1)
        text = .allocate(capacity: max(1, bytes.count))
        _ = text.initialize(from: bytes)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.initialize(to: yaml_parser_t())
            throw .outOfMemory
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event and where it begins.
    mutating func next() throws(YAMLError) -> (Event, Position) {
        var raw = yaml_event_t()
        guard yaml_parser_parse(parser, &raw) == 1 else { throw failure() }
        defer { yaml_event_delete(&raw) }
        let position = Position(raw.start_mark)
        switch raw.type {
        case YAML_STREAM_START_EVENT: return (.streamStart, position)
        case YAML_DOCUMENT_START_EVENT: return (.documentStart, position)
        case YAML_DOCUMENT_END_EVENT: return (.documentEnd, position)
        case YAML_ALIAS_EVENT:
            return (.alias(name: Self.text(raw.data.alias.anchor) ?? ""), position)
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            let octets = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let style: Node.Style =
                switch scalar.style {
                case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
                case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
                default: .plain
                }
            let node = Node.Scalar(String(decoding: octets, as: UTF8.self), style: style)
            return (.scalar(node, Properties(anchor: Self.text(scalar.anchor), tag: Self.text(scalar.tag))), position)
        case YAML_SEQUENCE_START_EVENT:
            let start = raw.data.sequence_start
            return (
                .sequenceStart(Properties(anchor: Self.text(start.anchor), tag: Self.text(start.tag))), position
            )
        case YAML_SEQUENCE_END_EVENT: return (.sequenceEnd, position)
        case YAML_MAPPING_START_EVENT:
            let start = raw.data.mapping_start
            return (.mappingStart(Properties(anchor: Self.text(start.anchor), tag: Self.text(start.tag))), position)
        case YAML_MAPPING_END_EVENT: return (.mappingEnd, position)
        default: return (.streamEnd, position)
        }
    }

    private func failure() -> YAMLError {
        let state = parser.pointee
        let words = state.problem.map { String(cString: $0) } ?? "not YAML"
        switch state.error {
        case YAML_MEMORY_ERROR: return .outOfMemory
        case YAML_READER_ERROR: return .badCharacter(words, position(ofOctet: state.problem_offset))
        default:
            guard let context = state.context else { return .syntax(words, Position(state.problem_mark)) }
            let begin = Position(state.context_mark)
            return .syntax(
                "\(words), \(String(cString: context)) that begins in line \(begin.line)",
                Position(state.problem_mark))
        }
    }

    /// libyaml tells octets, not lines, when the encoding itself is broken.
    private func position(ofOctet offset: Int) -> Position {
        let before = text.prefix(offset)
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let characters = before[lineStart...].count { $0 & 0xC0 != 0x80 }
        return Position(line: line, column: characters + 1)
    }

    private static func text(_ octets: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        octets.map { String(cString: $0) }
    }
}

extension Position {
    fileprivate init(_ mark: yaml_mark_t) { self.init(line: mark.line + 1, column: mark.column + 1) }
}
