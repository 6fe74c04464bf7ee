import MailTypes
import Testing

struct NumberSetTests {
    @Test func agreesWithASetUnderRandomInsertions() {
        for _ in 0..<300 {
            var set = NumberSet()
            var model: Set<UInt32> = []
            for _ in 0..<Int.random(in: 0..<30) {
                let low = UInt32.random(in: 1...60)
                let high = min(60, low + UInt32.random(in: 0...5))
                set.insert(low...high)
                model.formUnion(low...high)
            }
            #expect(Array(set.numbers) == model.sorted())
            #expect(set.count == model.count)
            for (left, right) in zip(set.ranges, set.ranges.dropFirst()) {
                #expect(left.upperBound + 1 < right.lowerBound)
            }
            for number in 1...62 as ClosedRange<UInt32> { #expect(set.contains(number) == model.contains(number)) }
        }
    }

    @Test func agreesWithASetAboutIntersectionAndDifference() {
        func some() -> (NumberSet, Set<UInt32>) {
            let numbers = Set((0..<Int.random(in: 0..<40)).map { _ in UInt32.random(in: 1...60) })
            return (NumberSet(numbers), numbers)
        }
        for _ in 0..<500 {
            let (left, right) = (some(), some())
            #expect(left.0.intersection(right.0) == NumberSet(left.1.intersection(right.1)))
            #expect(left.0.subtracting(right.0) == NumberSet(left.1.subtracting(right.1)))
        }
        let all = NumberSet(1...UInt32.max)
        #expect(all.subtracting(NumberSet(UInt32.max...UInt32.max)).ranges == [1...UInt32.max - 1])
        #expect(all.subtracting(all).isEmpty && all.intersection(all) == all)
        #expect(all.subtracting(NumberSet([2, 4] as [UInt32])).ranges == [1...1, 3...3, 5...UInt32.max])
    }

    @Test func takesTheLargestNumber() {
        var set = NumberSet(UInt32.max...UInt32.max)
        set.insert(1...1)
        set.insert(UInt32.max - 1...UInt32.max - 1)
        #expect(set.description == "1,4294967294:4294967295")
        #expect(!set.contains(2))
    }

    @Test(arguments: [
        ([SequenceSet.Element(.number(2), .last)], 5 as UInt32, "2:5"),
        ([SequenceSet.Element(.last, .number(9))], 5, "5:9"),
        ([SequenceSet.Element(.number(4), .number(2)), SequenceSet.Element(.number(1), .number(1))], 5, "1:4"),
        ([SequenceSet.Element(.last, .last)], 0, ""),
    ])
    func resolvesTheStar(elements: [SequenceSet.Element], largest: UInt32, text: String) {
        #expect(SequenceSet(elements).resolved(largest: largest).description == text)
    }

    @Test func joinsRangesInAnyOrder() {
        #expect(NumberSet(ranges: [7...9, 0...0, 1...2, 3...3, 8...12, 0...1]).ranges == [1...3, 7...12])
        #expect(NumberSet(ranges: [UInt32.max...UInt32.max, 1...UInt32.max]).ranges == [1...UInt32.max])
        let worst = SequenceSet((1...200_000).reversed().map { .init(.number($0 * 2), .number($0 * 2)) })
        #expect(worst.resolved(largest: 1).count == 200_000)
    }
}
