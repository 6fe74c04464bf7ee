import MIME
import MailTypes
import Testing

@Suite struct CodingTests {
    @Test(arguments: Samples.all) func comesBack(message: [UInt8]) {
        let structure = MessageScanner.scan(message)
        #expect(MessageStructure(encoded: structure.encoded) == structure)
        #expect(Envelope(encoded: structure.envelope.encoded) == structure.envelope)
        #expect(BodyStructure(encoded: structure.bodyStructure.encoded) == structure.bodyStructure)
        // Small enough to lie beside every message.
        #expect(structure.encoded.count < message.count + 64)
    }

    /// What is cut short is never taken for something else.
    @Test(arguments: Samples.all) func cutShort(message: [UInt8]) {
        let structure = MessageScanner.scan(message)
        let forms = [structure.encoded, structure.envelope.encoded, structure.bodyStructure.encoded]
        for form in forms {
            for count in 0..<form.count {
                let part = Array(form.prefix(count))
                #expect(MessageStructure(encoded: part) == nil)
                #expect(Envelope(encoded: part) == nil)
                #expect(BodyStructure(encoded: part) == nil)
            }
        }
        #expect(MessageStructure(encoded: structure.encoded + [0]) == nil)
    }

    /// Damage gives nil or a structure that stays within the message; it never traps.
    @Test func damage() {
        var dice = Dice(2)
        for message in Samples.all {
            let structure = MessageScanner.scan(message)
            for _ in 0..<1500 {
                var form = structure.encoded
                for _ in 0..<Int.random(in: 1...3, using: &dice) {
                    form[Int.random(in: 0..<form.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
                }
                if let read = MessageStructure(encoded: form) {
                    _ = read.bodyStructure
                    for index in read.parts.indices {
                        #expect(read.parts[index].body.upperBound <= read.size)
                        _ = read.numbers(of: index)
                    }
                }
                var body = structure.bodyStructure.encoded
                body[Int.random(in: 0..<body.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
                _ = BodyStructure(encoded: body)
            }
        }
    }

    @Test func otherVersionsAreRefused() {
        var form = MessageScanner.scan(Samples.plain).encoded
        form[0] += 1
        #expect(MessageStructure(encoded: form) == nil)
        #expect(MessageStructure(encoded: []) == nil)
    }

    /// A structure from an upstream server may nest as deep as its sender likes.
    @Test func deepBodyStructureIsRefused() {
        var form: [UInt8] = [1]
        for _ in 0..<100_000 { form += [2, 0, 1] }
        #expect(BodyStructure(encoded: form) == nil)
    }
}
