import Bytes
import Testing

struct ByteQueueTests {
    @Test func behavesLikeAnArrayUnderRandomUse() {
        var generator = SystemRandomNumberGenerator()
        var queue = ByteQueue()
        var model: [UInt8] = []
        for step in 0..<20_000 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                let bytes = (0..<Int.random(in: 0..<300, using: &generator)).map {
                    UInt8(truncatingIfNeeded: $0 &+ step)
                }
                queue.append(contentsOf: bytes)
                model += bytes
            case 2:
                let count = Int.random(in: 0...model.count, using: &generator)
                #expect(queue.take(count) == Array(model.prefix(count)))
                model.removeFirst(count)
            default:
                let count = Int.random(in: 0...min(model.count, 100), using: &generator)
                queue.drop(count)
                model.removeFirst(count)
            }
            #expect(queue.count == model.count)
        }
        #expect(queue.takeAll() == model)
    }

    @Test func findsAnOctetFromAnOffset() {
        var queue = ByteQueue()
        queue.append(text: "skip\r\nfirst\r\nsecond")
        queue.drop(6)
        #expect(queue.firstOffset(of: ASCII.lf) == 6)
        #expect(queue.firstOffset(of: ASCII.lf, from: 7) == nil)
        #expect(queue.firstOffset(of: ASCII.lf, from: 500) == nil)
        #expect(queue[0] == UInt8(ascii: "f"))
    }

    @Test func givesALargeBufferBackWhenEmptied() {
        var queue = ByteQueue()
        queue.append(contentsOf: [UInt8](repeating: 1, count: 1 << 20))
        queue.drop(1 << 20)
        #expect(queue.isEmpty)
        queue.append(7)
        #expect(queue.takeAll() == [7])
    }
}
