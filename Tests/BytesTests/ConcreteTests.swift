import Bytes
import Testing

@Suite struct ConcreteTests {
    @Test(arguments: [0, 1, 9, 10, 11, 99, 100, 12345, 9_999_999_999, UInt64.max] as [UInt64])
    func writesNumbers(_ number: UInt64) {
        var bytes: [UInt8] = []
        bytes.append(decimal: number)
        #expect(bytes == Array(String(number).utf8))
        #expect(bytes.decimalValue == number)
        #expect(bytes[...].decimalValue == number)
    }

    @Test func writesNegativeAndOtherNumbers() {
        var bytes: [UInt8] = []
        bytes.append(decimal: -7)
        bytes.append(decimal: UInt32.max)
        bytes.append(decimal: Int16(-300))
        bytes.append(decimal: Int.min)
        #expect(bytes == Array("-74294967295-300-9223372036854775808".utf8))
    }

    @Test func readsNoNumberFromAnythingElse() {
        for text in ["", "1x", "-1", " 1", "18446744073709551616"] { #expect(Array(text.utf8).decimalValue == nil) }
    }

    @Test func comparesWithoutCaseWhateverTheTypes() {
        for (left, right, isEqual) in [
            ("", "", true), ("Seen", "sEEN", true), ("a", "ab", false), ("[", "{", false), ("ż", "Ż", false),
        ] {
            let bytes = Array(left.utf8)
            #expect(bytes.equalsIgnoringASCIICase(right.utf8) == isEqual)
            #expect(bytes.equalsIgnoringASCIICase(Array(right.utf8)) == isEqual)
            #expect(bytes[...].equalsIgnoringASCIICase(right.utf8) == isEqual)
            #expect(left.utf8.equalsIgnoringASCIICase(right.utf8) == isEqual)
            #expect(left.utf8.equalsIgnoringASCIICase(ArraySlice(right.utf8)) == isEqual)
        }
    }

    @Test func queuesArraysAndSlices() {
        var queue = ByteQueue()
        queue.append(contentsOf: [1, 2])
        queue.append(contentsOf: [3, 4, 5][1...])
        #expect(queue.takeAll() == [1, 2, 4, 5])
    }
}
