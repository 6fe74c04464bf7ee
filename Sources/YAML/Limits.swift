/// What a document may cost to read.
package struct Limits: Hashable, Sendable {
    /// Octets of the whole text.
    package var size: Int
    /// Octets of one scalar.
    package var scalarSize: Int
    /// Nodes within nodes.
    package var depth: Int
    /// Nodes of the tree with every alias followed, so aliases of aliases can't grow without bound.
    package var nodes: Int

    package init(size: Int = 4 << 20, scalarSize: Int = 64 << 10, depth: Int = 24, nodes: Int = 400_000) {
        self.size = size
        self.scalarSize = scalarSize
        self.depth = depth
        self.nodes = nodes
    }
}
