internal import Bytes
internal import CZlib

/// Both directions of a compressed connection (RFC 4978 §3): raw deflate (RFC 1951), whose blocks end with each answer.
///
/// Memory: 48 KiB while there is something to send, nothing while the connection rests; up to 40 KiB for what comes in,
/// of which only what was received is resident.
final class Compression {
    private var sending: Stream?
    private let receiving: Stream
    /// Received, and not yet inflated.
    private var waiting = ByteQueue()
    /// Whether the last look at what waits ended for want of room.
    private(set) var mayHoldMore = false
    /// Whether the peer has marked a block as its last.
    private(set) var isAtEnd = false

    /// Nil when there is no memory.
    init?() {
        guard let receiving = Stream(posthouse_inflate_init, end: inflateEnd) else { return nil }
        self.receiving = receiving
    }

    /// Compresses all of `plain` into `wire`, so that the peer can inflate all of it: once an answer.
    /// - Returns: false when there is no memory.
    func compress(_ plain: inout ByteQueue, into wire: inout ByteQueue) -> Bool {
        guard !plain.isEmpty else { return true }
        if sending == nil { sending = Stream({ posthouse_deflate_init($0, 6, 12, 6) }, end: deflateEnd) }
        guard let sending else { return false }
        let input = plain.takeAll()
        return sending.run(input) { stream in
            var isDone = false
            while !isDone {
                let code = Self.step(stream, room: Self.pieceSize, into: &wire) { deflate($0, Z_SYNC_FLUSH) }
                guard code == Z_OK || code == Z_BUF_ERROR else { return false }
                isDone = stream.pointee.avail_out > 0
            }
            return true
        }
    }

    /// Takes in what has been received.
    func receive(_ octets: UnsafeRawBufferPointer) { waiting.append(contentsOf: octets) }

    /// Inflates what waits, at most `limit` octets of it, whatever a few of them may become.
    /// - Returns: how many octets were added, nil when this is no deflate stream.
    func inflate(into plain: inout ByteQueue, limit: Int) -> Int? {
        mayHoldMore = false
        var total = 0
        let input = waiting.takeAll()
        var rest = 0
        let succeeded = receiving.run(input) { stream in
            while total < limit, !isAtEnd {
                let room = min(limit - total, Self.pieceSize)
                let code = Self.step(stream, room: room, into: &plain) { CZlib.inflate($0, Z_SYNC_FLUSH) }
                guard code == Z_OK || code == Z_BUF_ERROR || code == Z_STREAM_END else { return false }
                isAtEnd = code == Z_STREAM_END
                let produced = room - Int(stream.pointee.avail_out)
                total += produced
                if stream.pointee.avail_out > 0 { break }
                mayHoldMore = true
            }
            if total < limit { mayHoldMore = false }
            rest = Int(stream.pointee.avail_in)
            return true
        }
        guard succeeded else { return nil }
        if rest > 0 { waiting.append(contentsOf: input[(input.count - rest)...]) }
        return total
    }

    /// Gives back what compressing takes. What is sent next begins afresh, which the peer does not notice: nothing in it
    /// refers to anything before.
    func rest() { sending = nil }

    private static let pieceSize = 16384

    private static func step(
        _ stream: UnsafeMutablePointer<z_stream>, room: Int, into queue: inout ByteQueue,
        _ run: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> Int32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
            stream.pointee.next_out = buffer.baseAddress
            stream.pointee.avail_out = UInt32(room)
            let code = run(stream)
            queue.append(contentsOf: buffer.prefix(room - Int(stream.pointee.avail_out)))
            stream.pointee.next_out = nil
            return code
        }
    }

    /// A zlib stream, which knows its own address and so stays where it is.
    private final class Stream {
        private let pointer = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        private let end: (UnsafeMutablePointer<z_stream>) -> Int32

        init?(
            _ begin: (UnsafeMutablePointer<z_stream>) -> Int32, end: @escaping (UnsafeMutablePointer<z_stream>) -> Int32
        ) {
            self.end = end
            pointer.initialize(to: z_stream())
            guard begin(pointer) == Z_OK else {
                pointer.deallocate()
                return nil
            }
        }

        deinit {
            _ = end(pointer)
            pointer.deallocate()
        }

        /// Runs `body` with this input.
        func run(_ input: [UInt8], _ body: (UnsafeMutablePointer<z_stream>) -> Bool) -> Bool {
            var input = input
            return input.withUnsafeMutableBufferPointer { buffer in
                pointer.pointee.next_in = buffer.baseAddress
                pointer.pointee.avail_in = UInt32(buffer.count)
                defer { pointer.pointee.next_in = nil }
                return body(pointer)
            }
        }
    }
}
