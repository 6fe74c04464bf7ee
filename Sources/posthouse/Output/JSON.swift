internal import FoundationEssentials

extension Terminal {
    /// A value as JSON, its keys sorted, so that two runs compare.
    static func print(json value: some Encodable) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            print(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
        } catch {
            throw Failure(.fault, "the answer can't be written as JSON: \(error)")
        }
    }
}

extension Terminal {
    /// What a command has done: a line for people, the object as it is now for programs.
    static func report(_ line: String, _ value: some Encodable, _ invocation: Invocation) throws(Failure) {
        if invocation.wantsJSON { try print(json: value) } else { print(line + "\n") }
    }
}
