/// Octets on their way: appended at the back, taken from the front.
///
/// Taken octets are given back in bulk, so a queue that is emptied again and again keeps one buffer.
/// The queue has no limit of its own; who fills it keeps the limit.
package struct ByteQueue: Sendable {
    /// Above this an emptied queue gives its buffer back, so an idle connection holds none.
    package static let keptCapacity = 512

    private var storage: [UInt8] = []
    private var head = 0

    package init() {}

    package var count: Int { storage.count - head }
    package var isEmpty: Bool { head == storage.count }

    /// The octet `offset` places from the front.
    package subscript(offset: Int) -> UInt8 { storage[head + offset] }

    package mutating func append(_ byte: UInt8) { storage.append(byte) }

    package mutating func append(contentsOf bytes: some Collection<UInt8>) { storage.append(contentsOf: bytes) }

    package mutating func append(text: String) { storage.append(contentsOf: text.utf8) }

    /// Lets `fill` append to the buffer itself, as encoders do.
    package mutating func append<Failure: Error>(with fill: (inout [UInt8]) throws(Failure) -> Void) throws(Failure) {
        try fill(&storage)
    }

    /// Drops `count` octets from the front.
    /// - Precondition: `count` is at most `self.count`.
    package mutating func drop(_ count: Int) {
        precondition(count >= 0 && count <= self.count)
        head += count
        if head == storage.count {
            storage.removeAll(keepingCapacity: storage.capacity <= Self.keptCapacity)
            head = 0
        } else if head >= 65536, head * 2 >= storage.count {
            storage.removeSubrange(0..<head)
            head = 0
        }
    }

    /// Takes `count` octets from the front.
    /// - Precondition: `count` is at most `self.count`.
    package mutating func take(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= self.count)
        if head == 0, count == storage.count {
            defer { storage = [] }
            return storage
        }
        let taken = Array(storage[head..<head + count])
        drop(count)
        return taken
    }

    /// Everything, from the front; the queue is empty afterwards.
    package mutating func takeAll() -> [UInt8] { take(count) }

    package mutating func removeAll() { drop(count) }

    /// Where `byte` first stands at or after `offset`, counted from the front.
    package func firstOffset(of byte: UInt8, from offset: Int = 0) -> Int? {
        guard offset < count else { return nil }
        return ByteSearch.first(byte, in: storage, from: head + offset).map { $0 - head }
    }

    /// Lends the octets in the queue without copying them.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try unsafe storage.withUnsafeBytes { try unsafe body(UnsafeRawBufferPointer(rebasing: $0[head...])) }
    }
}
