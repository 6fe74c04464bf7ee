import Bytes
import Testing

struct ByteCursorTests {
    @Test func takesWordsWithoutRegardToCase() {
        var cursor = ByteCursor(Array("Uid FeTcH 17x".utf8))
        let taken1 = cursor.skip(ignoringCase: "UID ")
        #expect(taken1)
        let taken2 = cursor.skip(ignoringCase: "STORE")
        #expect(!taken2)
        let taken3 = cursor.skip(ignoringCase: "fetch")
        #expect(taken3)
        let taken4 = cursor.skip(ASCII.space)
        #expect(taken4)
        let taken5 = cursor.takeNumber()
        #expect(taken5 == 17)
        let taken6 = cursor.takeNumber()
        #expect(taken6 == nil)
        let taken7 = cursor.next()
        #expect(taken7 == UInt8(ascii: "x"))
        let taken8 = cursor.next()
        #expect(taken8 == nil)
        let taken9 = cursor.skip(ignoringCase: "x")
        #expect(!taken9)
    }

    @Test func staysInsideItsRange() {
        var cursor = ByteCursor(Array("abcdef".utf8), in: 1..<3)
        let taken10 = cursor.take(3)
        #expect(taken10 == nil)
        #expect(cursor.peek(at: 2) == nil)
        #expect(Array(cursor.take { _ in true }) == Array("bc".utf8))
        #expect(cursor.isAtEnd)
    }

    @Test(arguments: [("18446744073709551615", UInt64.max), ("0", 0), ("007", 7)])
    func numbers(text: String, value: UInt64) {
        var cursor = ByteCursor(Array(text.utf8))
        let taken11 = cursor.takeNumber()
        #expect(taken11 == value)
    }

    @Test(arguments: ["18446744073709551616", "99999999999999999999", "", "x", "-1"])
    func noNumbers(text: String) {
        var cursor = ByteCursor(Array(text.utf8))
        let taken12 = cursor.takeNumber()
        #expect(taken12 == nil)
        #expect(cursor.position == 0)
    }

    @Test(arguments: [0, 7, 10, 4_294_967_296, -12, Int.max, Int.min])
    func decimals(value: Int) {
        var bytes: [UInt8] = []
        bytes.append(decimal: value)
        #expect(String(lossy: bytes) == "\(value)")
    }
}
