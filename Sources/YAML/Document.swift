/// Reads YAML into a tree in which every node knows its line.
package enum Document {
    /// The tree of the one document in `bytes`; a null scalar when there is none.
    package static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(YAMLError) -> Node {
        guard bytes.count <= limits.size else { throw .fileTooLarge(limit: limits.size) }
        var composer = try Composer(bytes, limits: limits)
        return try composer.document()
    }

    package static func parse(_ text: String, limits: Limits = Limits()) throws(YAMLError) -> Node {
        try parse(Array(text.utf8), limits: limits)
    }
}

/// Makes the tree from the events.
private struct Composer: ~Copyable {
    /// A finished node that an alias may name, with what it costs to follow it.
    private struct Anchored {
        let node: Node
        let count: Int
        let height: Int
    }

    private var events: EventParser
    private let limits: Limits
    private var anchors: [String: Anchored] = [:]
    private var nodeCount = 0

    init(_ bytes: [UInt8], limits: Limits) throws(YAMLError) {
        events = try EventParser(bytes)
        self.limits = limits
    }

    mutating func document() throws(YAMLError) -> Node {
        _ = try events.next()
        guard case (.documentStart, _) = try events.next() else { return Node(.scalar(.init("")), at: .start) }
        let (first, position) = try events.next()
        let root = try node(first, at: position, depth: 1).node
        _ = try events.next()
        let (last, next) = try events.next()
        guard case .streamEnd = last else { throw .severalDocuments(next) }
        return root
    }

    private mutating func node(
        _ event: EventParser.Event, at position: Position, depth: Int
    ) throws(YAMLError) -> Anchored {
        switch event {
        case .alias(let name):
            guard let target = anchors[name] else { throw .unknownAlias(name, position) }
            guard depth + target.height - 1 <= limits.depth else { throw .tooDeep(limit: limits.depth, position) }
            try count(target.count, at: position)
            return target
        case .scalar(let scalar, let properties):
            try open(properties, depth: depth, at: position)
            guard scalar.text.utf8.count <= limits.scalarSize else {
                throw .scalarTooLong(limit: limits.scalarSize, position)
            }
            return close(Anchored(node: Node(.scalar(scalar), at: position), count: 1, height: 1), properties)
        case .sequenceStart(let properties):
            try open(properties, depth: depth, at: position)
            return close(try sequence(at: position, depth: depth), properties)
        case .mappingStart(let properties):
            try open(properties, depth: depth, at: position)
            return close(try mapping(at: position, depth: depth), properties)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw .syntax("a value is missing", position)
        }
    }

    private mutating func sequence(at start: Position, depth: Int) throws(YAMLError) -> Anchored {
        var items: [Node] = []
        var total = 1
        var height = 1
        while true {
            let (event, position) = try events.next()
            if case .sequenceEnd = event { break }
            let item = try node(event, at: position, depth: depth + 1)
            items.append(item.node)
            total += item.count
            height = max(height, item.height + 1)
        }
        return Anchored(node: Node(.sequence(items), at: start), count: total, height: height)
    }

    private mutating func mapping(at start: Position, depth: Int) throws(YAMLError) -> Anchored {
        var entries: [Node.Entry] = []
        var places: [String: Position] = [:]
        var total = 1
        var height = 1
        while true {
            let (keyEvent, keyPosition) = try events.next()
            if case .mappingEnd = keyEvent { break }
            guard case .scalar(let key) = try node(keyEvent, at: keyPosition, depth: depth + 1).node.content else {
                throw .keyNotScalar(keyPosition)
            }
            if let first = places.updateValue(keyPosition, forKey: key.text) {
                throw .duplicateKey(key.text, keyPosition, first: first)
            }
            let (event, position) = try events.next()
            let value = try node(event, at: position, depth: depth + 1)
            entries.append(Node.Entry(key: key.text, position: keyPosition, value: value.node))
            total += value.count + 1
            height = max(height, value.height + 1)
        }
        return Anchored(node: Node(.mapping(entries), at: start), count: total, height: height)
    }

    private mutating func open(
        _ properties: EventParser.Properties, depth: Int, at position: Position
    ) throws(YAMLError) {
        if let tag = properties.tag { throw .explicitTag(tag, position) }
        guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth, position) }
        try count(1, at: position)
    }

    // An anchor is known once its node is complete, so no alias can stand inside what it names.
    private mutating func close(_ finished: Anchored, _ properties: EventParser.Properties) -> Anchored {
        if let anchor = properties.anchor { anchors[anchor] = finished }
        return finished
    }

    private mutating func count(_ nodes: Int, at position: Position) throws(YAMLError) {
        nodeCount += nodes
        guard nodeCount <= limits.nodes else { throw .tooManyNodes(limit: limits.nodes, position) }
    }
}
