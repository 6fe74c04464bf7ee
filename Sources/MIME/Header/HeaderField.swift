/// One field of a header, where it stands (RFC 5322 §2.2).
package struct HeaderField: Sendable {
    /// The whole field in the header: name, colon, folded lines and the line break that ends it.
    package let range: Range<Int>
    /// The name as written, without the blanks before the colon.
    package let name: ArraySlice<UInt8>
    /// What follows the colon as written, without the line break that ends the field.
    package let rawValue: ArraySlice<UInt8>

    /// The value with folding undone (RFC 5322 §2.2.3) and the blanks at both ends removed.
    package var value: [UInt8] { fatalError("API") }
    /// The value as unstructured text for people: unfolded, encoded words decoded.
    package var text: String { fatalError("API") }
    /// Compares the name without case.
    package func isNamed(_ name: String) -> Bool { fatalError("API") }
}

/// The fields of a header block in order, found lazily; lines that are no field are passed over.
package struct HeaderFields: Sequence, Sendable {
    /// Reads up to the empty line, or to the end when there is none.
    package init(_ header: [UInt8]) { fatalError("API") }

    package struct Iterator: IteratorProtocol {
        package mutating func next() -> HeaderField? { fatalError("API") }
    }
    package func makeIterator() -> Iterator { fatalError("API") }
}
